import RunModel

/// Autoloaders of Thermo Fisher: twelve slots counted from 1, and names where they were read.
struct ThermoFisherColumn: ColumnMaker {
    let reportsPump = true
    let needsInventory = false
    let tellsStations = false

    func number(of slot: Int) -> Int { slot }

    func slot(_ slot: Int, _ report: SerialEMReport, loaded: Int?) throws(MicroscopeError) -> SlotReport {
        let status = try report.number(0)
        // A number in the place of the name says that no name could be read.
        let name: String? =
            if report.values.count > 1, case .text(let text) = report.values[1], !text.isEmpty { text.asLogged } else { nil }
        if slot == loaded { return SlotReport(slot: slot, state: .onStage, name: name) }
        // Negative until the loader has made its inventory.
        return SlotReport(slot: slot, state: status < 0 ? .untold : status == 0 ? .empty : .occupied, name: name)
    }

    func isOnStage(_ report: SerialEMReport) throws(MicroscopeError) -> Bool { false }

    func loadedSlot(_ report: SerialEMReport) throws(MicroscopeError) -> Int? {
        let slot = try report.count(0)
        return slot > 0 ? slot : nil
    }
}
