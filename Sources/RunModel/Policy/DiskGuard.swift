/// How worried to be about a disk.
public enum DiskLevel: String, Sendable, Codable, CaseIterable {
    case fine, low, full
}

/// Whether a disk has room for what comes next.
public enum DiskGuard {
    /// Judges a disk by the space above the reserve, in bytes: `full` when the next exposure would touch the reserve, `low` when it will not hold
    /// this run. How fast it fills says nothing: others may write to it for an hour, and a run of ten minutes fits all the same.
    public static func level(freeBytes: Int, reserveBytes: Int, nextBytes: Int, neededBytes: Int) -> DiskLevel {
        let spare = freeBytes - reserveBytes
        if spare < max(nextBytes, 1) { return .full }
        return neededBytes > spare ? .low : .fine
    }
}
