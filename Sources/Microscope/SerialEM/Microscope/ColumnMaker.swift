import RunModel

/// Where the columns of different makers answer SerialEM's commands differently.
protocol ColumnMaker: Sendable {
    /// Reads the answer to `ReportSlotStatus` for a slot counted from 1.
    func slot(_ slot: Int, _ report: SerialEMReport, loaded: Int?) throws(MicroscopeError) -> SlotReport
    /// Reads the answer to `ReportLoadedSlot`; nil for an empty stage.
    func loadedSlot(_ report: SerialEMReport) throws(MicroscopeError) -> Int?
    /// What `LoadCartridge` and `ReportSlotStatus` call a slot counted from 1.
    func number(of slot: Int) -> Int
    /// Whether the loader must look at its cartridges before it can be asked about them.
    var needsInventory: Bool { get }
    /// Whether the answer to `ReportSlotStatus` says where a slot's cartridge is.
    var tellsStations: Bool { get }
    /// By that answer.
    func isOnStage(_ report: SerialEMReport) throws(MicroscopeError) -> Bool
    /// Whether pumps can be asked about.
    var reportsPump: Bool { get }
}

extension Vendor {
    var maker: any ColumnMaker {
        switch self {
        case .thermoFisher: ThermoFisherColumn()
        case .jeol: JEOLColumn()
        }
    }
}
