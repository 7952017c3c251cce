import RunModel

extension Timestamp {
    /// When a virtual clock starts, milliseconds.
    public static let virtualStart: Int64 = 1_795_000_000_000

    /// The time of day on a virtual clock that has run for so long.
    public init(virtual duration: Duration) {
        let parts = duration.components
        self.init(milliseconds: Self.virtualStart + parts.seconds * 1000 + parts.attoseconds / 1_000_000_000_000_000)
    }
}
