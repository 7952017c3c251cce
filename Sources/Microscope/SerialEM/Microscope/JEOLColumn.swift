import RunModel

/// Autoloaders of JEOL: an inventory counted from 1, whose entries say where each cartridge is.
struct JEOLColumn: ColumnMaker {
    /// JEOL has no command for its pumps.
    let reportsPump = false
    let needsInventory = true
    let tellsStations = true
    /// As its stations are numbered: 1 is the magazine.
    private static let stage = 3

    func number(of slot: Int) -> Int { slot }

    func slot(_ slot: Int, _ report: SerialEMReport, loaded: Int?) throws(MicroscopeError) -> SlotReport {
        // One value says that the inventory has no such entry.
        guard report.values.count >= 6 else { return SlotReport(slot: slot, state: .empty) }
        // The inventory's index stands for the slot here; where the two differ, another cartridge would be loaded than was asked for.
        let place = try report.count(2)
        guard slot == loaded || place == slot else {
            throw .refused("entry \(slot) of the loader's inventory lies in slot \(place)")
        }
        let name = try report.text(5).asLogged
        return SlotReport(slot: slot, state: slot == loaded ? .onStage : .occupied, name: name.isEmpty ? nil : name)
    }

    func isOnStage(_ report: SerialEMReport) throws(MicroscopeError) -> Bool {
        guard report.values.count >= 6 else { return false }
        return try report.count(1) == Self.stage
    }

    func loadedSlot(_ report: SerialEMReport) throws(MicroscopeError) -> Int? {
        // The inventory's index from 0; -1 for an empty stage.
        let index = try report.count(0)
        return index >= 0 ? index + 1 : nil
    }
}
