/// The Navigator's table while its window is open.
struct Navigator: Sendable {
    private(set) var items: [NavigatorItem] = []
    /// Of the item that is selected; nil while the table is empty.
    private(set) var selected: Int?
    var registration = 1
    /// nil until it has been saved or read once.
    var file: WindowsPath?
    private var lastID = 100_000
    private var lastLabel = 0
    /// µm by which the last realignment was off before it.
    var lastError = (x: 0.0, y: 0.0)

    static let most = NavigatorFile.mostItems
    static let registrations = 1...99
    /// Of the session that somebody has begun before the first client comes.
    static let firstFile = ProgramDisk.home + #"\session.nav"#

    init(file: WindowsPath? = nil) { self.file = file }

    /// An id that no item and no group has.
    mutating func uniqueID() -> Int {
        let used = Set(items.flatMap { [$0.id, $0.group] })
        repeat { lastID += 7919 } while used.contains(lastID)
        return lastID
    }

    mutating func nextLabel() -> String {
        lastLabel += 1
        return "\(lastLabel)"
    }

    /// How many there are then, which is what SerialEM reports.
    @discardableResult
    mutating func add(_ item: NavigatorItem) throws(SerialEMProblem) -> Int {
        guard items.count < Self.most else { throw .sentence("The Navigator's table is full, in line:") }
        var item = item
        if item.id == 0 { item.id = uniqueID() }
        item.registration = registration
        items.append(item)
        selected = items.count - 1
        return items.count
    }

    mutating func change(_ index: Int, _ work: (inout NavigatorItem) -> Void) { work(&items[index]) }
    mutating func changeAll(_ work: (inout NavigatorItem) -> Void) { for index in items.indices { work(&items[index]) } }

    mutating func remove(_ index: Int) {
        items.remove(at: index)
        selected = items.isEmpty ? nil : min(selected ?? 0, items.count - 1)
    }

    mutating func select(_ index: Int) { selected = index }

    /// Those of a file, instead of what is there or after it.
    mutating func take(_ file: NavigatorFile, merging: Bool) throws(SerialEMProblem) {
        if !merging { items = [] }
        guard items.count + file.items.count <= Self.most else { throw .sentence("The Navigator's table is full, in line:") }
        // What is in the table already is not taken a second time.
        let known = Set(items.map(\.id).filter { $0 != 0 })
        items += file.items.filter { !known.contains($0.id) }
        for index in items.indices where items[index].id == 0 { items[index].id = uniqueID() }
        lastLabel = max(lastLabel, items.compactMap { Int($0.label) }.filter { $0 < 1_000_000_000 }.max() ?? 0)
        selected = items.isEmpty ? nil : 0
    }

    func map(withID id: Int) -> Int? { id == 0 ? nil : items.firstIndex { $0.kind == .map && $0.id == id } }

    /// The map that shows an item: itself, the one it was drawn on, or the last that encloses it.
    func map(showing item: NavigatorItem) -> NavigatorItem? {
        if item.kind == .map { return item }
        if let index = map(withID: item.drawnOn) { return items[index] }
        return items.last { $0.kind == .map && $0.registration == item.registration && $0.encloses(item.place) }
    }
}

extension SimulatedSerialEM {
    func navigator() throws(SerialEMProblem) -> Navigator {
        guard let navigator = read(\.navigator) else { throw .sentence("The Navigator must be open for this, in line:") }
        return navigator
    }

    @discardableResult
    func changeNavigator<Value: Sendable>(
        _ work: (inout Navigator) throws(SerialEMProblem) -> Value
    ) throws(SerialEMProblem) -> Value {
        try change { state throws(SerialEMProblem) in
            guard var navigator = state.navigator else { throw .sentence("The Navigator must be open for this, in line:") }
            let value = try work(&navigator)
            state.navigator = navigator
            return value
        }
    }

    /// The place of the item that an argument names: from 1, from the end where it is negative, the selected one for 0.
    func itemIndex(_ call: SerialEMCall, _ argument: Int = 0) throws(SerialEMProblem) -> Int {
        let (navigator, number) = (try navigator(), call.integer(argument))
        if number == 0 {
            guard let selected = navigator.selected else { throw .sentence("There is no current Navigator item for line:") }
            return selected
        }
        let index = number < 0 ? navigator.items.count + number : number - 1
        guard navigator.items.indices.contains(index) else {
            throw .sentence("The Navigator item index, \(number), is out of range in line:")
        }
        return index
    }

    func item(_ call: SerialEMCall, _ argument: Int = 0) throws(SerialEMProblem) -> NavigatorItem {
        try navigator().items[try itemIndex(call, argument)]
    }

    func changeItem(_ call: SerialEMCall, _ work: (inout NavigatorItem) -> Void) throws(SerialEMProblem) {
        let index = try itemIndex(call)
        try changeNavigator { navigator throws(SerialEMProblem) in navigator.change(index, work) }
    }
}
