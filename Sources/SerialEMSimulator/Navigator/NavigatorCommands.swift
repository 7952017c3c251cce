import Blocking
import Microscope

/// The Navigator's window and its file.
extension SimulatedSerialEM {
    static let navigatorAnswers: [SerialEMCommand: Answer] = [
        .reportIfNavOpen: reportIfNavOpen, .openNavigator: openNavigator,
    ]
    static let navigatorRows: [ScriptCommand] = [
        .init("CloseNavigator", "", closeNavigator), .init("SaveNavigator", "s", acts: saveNavigator),
        .init("ReadNavFile", "S", acts: readNavFile), .init("MergeNavFile", "S", acts: mergeNavFile),
        .init("ReportNavFile", "i", reportNavFile), .init("ReportNumTableItems", "", reportNumTableItems),
        .init("ReportNumNavAcquire", "", reportNumNavAcquire), .init("ReportNumHoleAcquire", "iii", reportNumHoleAcquire),
        .init("ReportGroupStatus", "", reportGroupStatus), .init("SetNavRegistration", "I", setNavRegistration),
        .init("GetUniqueNavID", "", getUniqueNavID), .init("SetSelectedNavItem", "Ii", setSelectedNavItem),
        .init("ReportIfNavAcquiring") { _ in { _ in .numbers(0, 0) } }, .init("EndAcquireAtItems", "i", onlyWhileAcquiring),
        .init("ReportNextNavAcqItem", "", onlyWhileAcquiring), .init("SkipAcquiringNavItem", "i", skipAcquiringNavItem),
        .init("SkipAcquiringGroup", "i", onlyWhileAcquiring), .init("SkipMoveInNavAcquire", "i", onlyWhileAcquiring),
        .init("ForceCenterRealign", "", doNothing),
    ]

    /// 2 where it has a file.
    private func reportIfNavOpen(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count(read(\.navigator).map { $0.file == nil ? 1 : 2 } ?? 0)]
    }

    private func openNavigator(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let file = call.has(0) ? try path(call.lastText) : nil
        try change { state throws(SerialEMProblem) in
            guard state.navigator == nil || file == nil else {
                throw .sentence("The Navigator must not be open for line:")
            }
            if state.navigator == nil { state.navigator = Navigator(file: file) }
        }
        return .nothing
    }

    private func closeNavigator(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try navigator()
        change { $0.navigator = nil }
        return .nothing
    }

    private func saveNavigator(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        if call.has(0) {
            let file = try path(call.lastText)
            try changeNavigator { navigator throws(SerialEMProblem) in navigator.file = file }
        }
        let navigator = try navigator()
        guard let file = navigator.file else {
            throw .sentence("The Navigator has no file yet, and nobody is there to choose one, in line:")
        }
        guard disk.isFolder(disk.host(file.folder)) else { throw .sentence("There is no folder \(file.folder.text), in line:") }
        if has(.diskFull) { throw .sentence("The Navigator file was not saved, there is no space on the disk, in line:") }
        try await work { [disk] () throws(SerialEMProblem) in
            try disk.write(NavigatorFile(items: navigator.items).text(savedAs: file.text), to: disk.host(file))
        }
        return .nothing
    }

    private func readNavFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let path = try path(call.lastText)
        let file = try await navigatorFile(path)
        change { $0.navigator = $0.navigator ?? Navigator() }
        try changeNavigator { navigator throws(SerialEMProblem) in
            try navigator.take(file, merging: false)
            navigator.file = path
        }
        return .nothing
    }

    private func mergeNavFile(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try navigator()
        let file = try await navigatorFile(try path(call.lastText))
        try changeNavigator { navigator throws(SerialEMProblem) in try navigator.take(file, merging: true) }
        return .nothing
    }

    private func navigatorFile(_ path: WindowsPath) async throws(SerialEMProblem) -> NavigatorFile {
        let host = disk.host(path)
        let bytes = try await work { () throws(SerialEMProblem) in
            guard Files.exists(host) else { throw .sentence("The file \(path.text) does not exist in line:") }
            do throws(Errno) { return try Files.read(host, limit: NavigatorFile.mostBytes) } catch {
                throw .sentence("The file \(path.text) cannot be read: \(error.words), in line:")
            }
        }
        guard let file = NavigatorFile(bytes) else {
            throw .sentence("\(path.text) is not a Navigator file that can be read, in line:")
        }
        return file
    }

    private func reportNavFile(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let file = try navigator().file else { throw .sentence("There is no open Navigator file, in line:") }
        return Self.described(file, inParts: call.isSet(0))
    }

    private func reportNumTableItems(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count(try navigator().items.count)]
    }

    /// -1 while it is shut. There are no tilt series to be done at items here.
    private func reportNumNavAcquire(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard let navigator = read(\.navigator) else { return .numbers(-1, -1) }
        return .numbers(Double(navigator.items.count { $0.acquires }), 0)
    }

    private func reportNumHoleAcquire(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let count = Double(try navigator().items.count { $0.acquires })
        return .numbers(count, count, count)
    }

    /// -1 since nothing is acquired, the group's number, how many are in it and how many of them are to be acquired.
    private func reportGroupStatus(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let navigator = try navigator()
        guard let selected = navigator.selected else { throw .sentence("There is no current Navigator item.") }
        let group = navigator.items[selected].group
        let members = group == 0 ? [] : navigator.items.filter { $0.group == group }
        return .numbers(-1, Double(group), Double(members.count), Double(members.count { $0.acquires }))
    }

    private func setNavRegistration(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard Navigator.registrations.contains(call.integer(0)) else {
            throw .sentence("New registration number is out of range or used for imported items in:")
        }
        try changeNavigator { navigator throws(SerialEMProblem) in navigator.registration = call.integer(0) }
        return .nothing
    }

    private func getUniqueNavID(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.count(try changeNavigator { navigator throws(SerialEMProblem) in navigator.uniqueID() })]
    }

    private func setSelectedNavItem(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let index = try itemIndex(call)
        try changeNavigator { navigator throws(SerialEMProblem) in navigator.select(index) }
        return .nothing
    }

    /// Outside of an acquisition it changes nothing, as SerialEM says in its log.
    private func skipAcquiringNavItem(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try navigator()
        return .nothing
    }

    private func onlyWhileAcquiring(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try navigator()
        throw .sentence("The Navigator must be acquiring for line:")
    }
}
