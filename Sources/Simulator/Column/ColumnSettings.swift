import RunModel

/// How a simulated column is built and what its loader holds.
public struct ColumnSettings: Sendable {
    /// Places in the autoloader.
    public var slots = 12
    public var emptySlots: Set<Int> = []
    /// Names on the cartridges, by slot.
    public var names: [Int: String] = [:]
    /// The film of each slot's grid, by slot; `R1.2/1.3` where nothing is said.
    public var holeTypes: [Int: String] = [:]
    /// How otherwise a grid lies after each further load: turned by so many degrees, and moved so far, each in a direction of its own.
    public var reloadTurn = 0.0
    public var reloadShift: Length = .zero
    /// kV.
    public var voltage = 300.0
    /// Spherical aberration, mm.
    public var cs = 2.7
    public var imageShiftLimit: Length = .micrometres(15)
    /// How far the stage goes from its middle along each axis.
    public var stageReach: Length = .micrometres(1000)
    /// When liquid nitrogen is filled by itself; nil for a column that never needs it.
    public var nitrogen: NitrogenSchedule? = NitrogenSchedule()
    public var durations = ColumnDurations()
    /// Whose loader it is: programs report it in different words.
    public var loader = Loader.thermoFisher

    /// As loaders are: no grid lies twice in one way.
    public mutating func putGridsDownAnew() { (reloadTurn, reloadShift) = (1.5, .micrometres(25)) }

    public enum Loader: String, Sendable, Codable { case thermoFisher, jeol }

    public init() {}
}

/// The fills of liquid nitrogen that come round by themselves. Seconds of the column's own time.
public struct NitrogenSchedule: Sendable {
    /// From the column's first contact to the first fill.
    public var first = 5.0 * 3600
    public var interval = 6.0 * 3600
    public var length = 20.0 * 60

    public init() {}

    /// Seconds still to fill at a moment; 0 between two fills.
    func secondsLeft(at elapsed: Double) -> Double {
        guard elapsed >= first, interval > 0 else { return 0 }
        return max(0, length - (elapsed - first).truncatingRemainder(dividingBy: interval))
    }
}

/// How long a real column takes, seconds; a simulated one divides by its speed.
public struct ColumnDurations: Sendable {
    public var connect = 0.5
    public var query = 0.05
    public var load = 120.0
    public var unload = 60.0
    /// Until the loader has found that a slot is empty.
    public var emptySlotSearch = 30.0
    public var pumping = 60.0
    public var valves = 3.0
    public var atlasTile = 4.0
    public var image = 3.0
    public var realign = 8.0
    public var eucentricHeight = 20.0
    public var autofocus = 15.0
    public var focusChange = 0.5
    public var drift = 5.0
    /// Before the shutter opens and after it closed, each.
    public var recordOverhead = 1.5
    public var imageShift = 0.5
    /// Lenses and apertures from one imaging level to another.
    public var levelChange = 2.0

    public init() {}

    /// Two seconds for the smallest step, five for one across the grid.
    func stageMove(_ distance: Length) -> Double { 2 + min(3, distance.micrometres / 300) }
    /// The goniometer turns ten degrees a second.
    package func tilt(by angle: Double) -> Double { 3 + abs(angle) / 10 }
}
