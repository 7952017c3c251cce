/// One booking of one microscope: who runs what, where, and which grids are in the autoloader.
public struct Session: Hashable, Sendable, Codable {
    public var id: SessionID
    public var name: String
    public var group: String
    public var microscope: MicroscopeID
    public var detector: DetectorID
    public var createdBy: String
    /// ISO 8601, UTC, milliseconds.
    public var createdAt: Timestamp
    /// Relative to the data directory: `sessions/GROUP/YYYYMMDD_NAME`.
    public var directory: String
    public var settings: GridSettings

    public init(
        id: SessionID, name: String, group: String, microscope: MicroscopeID, detector: DetectorID,
        createdBy: String, createdAt: Timestamp, directory: String, settings: GridSettings
    ) {
        self.id = id
        self.name = name
        self.group = group
        self.microscope = microscope
        self.detector = detector
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.directory = directory
        self.settings = settings
    }
}
