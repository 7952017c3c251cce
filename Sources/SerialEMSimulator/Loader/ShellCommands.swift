import Microscope

/// The one program of the facility that can be run from here: JEOL's for exchanging cartridges.
extension SimulatedSerialEM {
    static let shellActions: [SerialEMCommand: Action] = [.runInShell: runInShell]
    static let shellRows: [ScriptCommand] = [
        .init("FindCartridgeWithID", "I", findCartridge), .init("RunProcess", "S", acts: runInShell),
        .init("CreateProcess", "S", acts: runInShell),
    ]
    private static let stageStation = 3

    /// `...\Transfer_Cartridge.bat "2 3 0"`: the cartridge, where it goes (3 is the stage) and a place there.
    private func runInShell(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let words = call.lastText.split { !$0.isASCII || !($0.isLetter || $0.isNumber || "_.-".contains($0)) }
        guard isJEOL, let program = words.firstIndex(where: { $0.lowercased() == "transfer_cartridge.bat" }) else {
            throw .sentence("Programs cannot be run from here, in line:")
        }
        let numbers = words[(program + 1)...].compactMap { Int($0) }
        guard let cartridge = numbers.first, (1...1000).contains(cartridge) else {
            throw .sentence("The program was not told which cartridge to transfer, in line:")
        }
        let slot = cartridge > Self.firstCartridge ? cartridge - Self.firstCartridge : cartridge
        guard numbers.count < 2 || numbers[1] == Self.stageStation else {
            _ = try await unloadCartridge(call)
            return [.count(0)]
        }
        return [try await load(slot, call)[0]]
    }

    /// Its place in the inventory, from 1.
    private func findCartridge(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        guard isJEOL else { throw .sentence("Cartridges have no numbers on this microscope, in line:") }
        let slot = call.integer(0) - Self.firstCartridge
        guard try act({ body, _ in body.slotReports() }).contains(where: { $0.slot == slot && $0.state != .empty }) else {
            throw .sentence("There is no cartridge with the number \(call.integer(0)), in line:")
        }
        return [.count(slot)]
    }
}
