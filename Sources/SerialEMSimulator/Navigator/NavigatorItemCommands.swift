import Microscope

/// What is asked about single items of the Navigator, and changed in them.
extension SimulatedSerialEM {
    static let navigatorItemRows: [ScriptCommand] = [
        .init("ReportNavItem", "", reportNavItem), .init("ReportOtherItem", "I", reportOtherItem),
        .init("NavIndexWithLabel", "S", navIndexWithLabel), .init("NavIndexWithNote", "S", navIndexWithNote),
        .init("NavIndexItemDrawnOn", "I", navIndexItemDrawnOn), .init("FindItemWithLabelOrNote", "ISdd", findItem),
        .init("ReportItemAcquire", "i", reportItemAcquire), .init("SetItemAcquire", "ii", setItemAcquire),
        .init("ChangeItemRegistration", "II", changeItemRegistration), .init("ChangeItemColor", "II", changeItemColor),
        .init("ChangeItemLabel", "IS", changeItemLabel), .init("ChangeItemNote", "Is", changeItemNote),
        .init("ChangeItemDraw", "Ii", changeItemDraw), .init("ChangeItemGroupID", "II", changeItemGroup),
        .init("SetItemTargetDefocus", "ID", setItemTargetDefocus), .init("SetNavItemUserValue", "IIs", setUserValue),
        .init("ReportItemUserValue", "II", reportUserValue), .init("NavItemFileToOpen", "I", fileToOpen),
        .init("DeleteNavigatorItem", "I", deleteItem), .init("UpdateItemZ", "", updateItemZ),
        .init("UpdateGroupZ", "i", updateGroupZ), .init("ShiftItemsByMicrons", "DDi", shiftItemsByMicrons),
        .init("ShiftItemsByCurrentDiff", "D", shiftItemsByCurrentDiff),
        .init("ShiftItemsByAlignment", "", shiftItemsByAlignment), .init("GetMapIndexes", "S", getMapIndexes),
    ]

    private func reportNavItem(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try report(call.withoutArguments)
    }

    private func reportOtherItem(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard call.integer(0) != 0 else { throw .sentence("Index is out of range in statement:") }
        return try report(call)
    }

    /// Number, place and kind as values, the rest in variables.
    private func report(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (index, item) = (try itemIndex(call), try item(call))
        let words = [
            ("navIndex", "\(index + 1)"), ("navLabel", item.label), ("navNote", item.note), ("navColor", "\(item.color)"),
            ("navRegis", "\(item.registration)"), ("navIntLabel", "\(Int(item.label.prefix { $0.isNumber }) ?? 0)"),
            ("navNumHoles", item.acquires ? "1" : "0"),
        ]
        for (name, value) in words { try setVariable(name, value) }
        return .numbers(Double(index + 1), item.place.x, item.place.y, item.z, Double(item.kind.rawValue))
    }

    private func navIndexWithLabel(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try found { $0.label == call.lastText }
    }

    private func navIndexWithNote(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try found { $0.note == call.lastText }
    }

    /// 0 where there is none.
    private func found(_ isWanted: (NavigatorItem) -> Bool) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count((try navigator().items.firstIndex(where: isWanted) ?? -1) + 1)]
    }

    /// 0: by its label, 1: by its note; from an item on where one is named.
    private func findItem(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (items, text, start) = (try navigator().items, call.text(1), max(0, call.integer(2) - 1))
        let index = items.indices.dropFirst(start).first { (call.isSet(0) ? items[$0].note : items[$0].label) == text }
        return [.count((index ?? -1) + 1)]
    }

    private func navIndexItemDrawnOn(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let id = try item(call).drawnOn
        return [.count((try navigator().map(withID: id) ?? -1) + 1)]
    }

    private func reportItemAcquire(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.flag(try item(call).acquires)]
    }

    private func setItemAcquire(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try changeItem(call) { $0.acquires = !call.has(1) || call.isSet(1) }
        return .nothing
    }

    private func changeItemRegistration(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard Navigator.registrations.contains(call.integer(1)) else {
            throw .sentence("Registration number \(call.integer(1)) is out of range in line:")
        }
        try changeItem(call) { $0.registration = call.integer(1) }
        return .nothing
    }

    private func changeItemColor(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard NavigatorItem.colors.contains(call.integer(1)) else {
            throw .sentence("The Navigator item color must be between 0 and 5 in:")
        }
        try changeItem(call) { $0.color = call.integer(1) }
        return .nothing
    }

    private func changeItemLabel(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard call.text(1).count <= NavigatorItem.longestLabel else {
            throw .sentence("The Navigator label size must be no more than \(NavigatorItem.longestLabel) characters in:")
        }
        try changeItem(call) { $0.label = call.text(1) }
        return .nothing
    }

    /// Without a text the note is taken away.
    private func changeItemNote(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try changeItem(call) { $0.note = call.text(1) }
        return .nothing
    }

    private func changeItemDraw(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try changeItem(call) { $0.isDrawn = call.has(1) ? call.isSet(1) : !$0.isDrawn }
        return .nothing
    }

    private func changeItemGroup(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard call.integer(1) >= 0 else { throw .sentence("The group ID cannot be negative in line:") }
        try changeItem(call) { $0.group = call.integer(1) }
        return .nothing
    }

    private func setItemTargetDefocus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard try item(call).acquires else {
            throw .sentence("Specified Navigator item is not marked for acquisition in line:")
        }
        guard (-20...0).contains(call.number(1)) else { throw .sentence("Target defocus must be between 0 and -20 in line:") }
        try changeItem(call) { $0.targetDefocus = call.number(1) }
        return .nothing
    }

    private func setUserValue(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let number = try userValueNumber(call)
        try changeItem(call) { $0.userValues[number] = call.text(2) }
        return .nothing
    }

    private func reportUserValue(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let number = try userValueNumber(call)
        return [.text(try item(call).userValues[number] ?? "none")]
    }

    private func userValueNumber(_ call: SerialEMCall) throws(SerialEMProblem) -> Int {
        guard (1...10).contains(call.integer(1)) else {
            throw .sentence("The user value number must be between 1 and 10 in line:")
        }
        return call.integer(1)
    }

    /// No item has a file of its own to be opened here.
    private func fileToOpen(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try item(call)
        return [.text("0"), .count(0)]
    }

    private func deleteItem(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let index = try itemIndex(call)
        try changeNavigator { navigator throws(SerialEMProblem) in navigator.remove(index) }
        return .nothing
    }

    private func getMapIndexes(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let maps = try navigator().items.enumerated().filter { $1.kind == .map }.map { "\($0.offset + 1)" }
        try setVariable(call.text(0), maps.isEmpty ? "0" : maps.joined(separator: "\n"))
        return [.count(maps.count)]
    }
}

/// What is done to many items at once.
extension SimulatedSerialEM {
    private func updateItemZ(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let z = column.change { $0.goniometer.position.z.micrometres }
        let none = call.withoutArguments
        try changeItem(none) { $0.z = z }
        return .nothing
    }

    private func updateGroupZ(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let z = column.change { $0.goniometer.position.z.micrometres }
        let none = call.withoutArguments
        let selected = try item(none).group
        let group = call.integer(0) > 0 ? call.integer(0) : selected
        guard group != 0 else { throw .sentence("Current Navigator item is not in a group for statement:") }
        try changeNavigator { navigator throws(SerialEMProblem) in navigator.changeAll { if $0.group == group { $0.z = z } } }
        return .nothing
    }

    /// Those of the present registration, or of another that is named.
    private func shiftItemsByMicrons(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (x, y) = (call.number(0), call.number(1))
        guard abs(x) <= 100, abs(y) <= 100 else { throw .sentence("You cannot shift items by more than 100 microns in:") }
        let named = call.integer(ifAny: 2).flatMap { $0 >= 0 ? $0 : nil }
        guard named.map(Navigator.registrations.contains) ?? true else {
            throw .sentence("Registration number \(call.integer(2)) is out of range in:")
        }
        let present = try navigator().registration
        try shiftItems(x: x, y: y, registration: named ?? present)
        return .nothing
    }

    private func shiftItems(x: Double, y: Double, registration: Int) throws(SerialEMProblem) {
        try changeNavigator { navigator throws(SerialEMProblem) in
            navigator.changeAll { if $0.registration == registration { $0.shift(x: x, y: y) } }
        }
    }

    /// So that the selected item lies where the stage and the image shift are, if that is no farther than told.
    private func shiftItemsByCurrentDiff(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let none = call.withoutArguments
        let item = try item(none)
        let (stage, shift) = column.change { ($0.goniometer.position, $0.imageShift) }
        let (x, y) = (stage.x.micrometres + shift.x - item.place.x, stage.y.micrometres + shift.y - item.place.y)
        guard (x * x + y * y).squareRoot() <= call.number(0) else { return .nothing }
        try shiftItems(x: x, y: y, registration: item.registration)
        return .nothing
    }

    /// By the shift of the image in A.
    private func shiftItemsByAlignment(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let shift = storedShift()?.specimen else { throw .sentence("There is no image in buffer A, in line:") }
        try shiftItems(x: -shift.x, y: -shift.y, registration: try navigator().registration)
        return .nothing
    }
}
