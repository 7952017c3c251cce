/// How worried to be about a disk.
public enum DiskLevel: String, Sendable, Codable, CaseIterable {
    case fine, low, full
}

/// Whether a disk has room for what comes next.
public enum DiskGuard {
    /// Judges a disk by the space above the reserve: `full` when the next exposure would touch the reserve, `low` when it lasts less
    /// than two hours at this rate (at ten movies of 500 MB a minute, 600 GB above the reserve are two hours) or will not hold this run.
    public static func level(freeBytes: Int, reserveBytes: Int, bytesPerHour: Double, nextBytes: Int, neededBytes: Int = 0)
        -> DiskLevel
    {
        let spare = freeBytes - reserveBytes
        if spare < max(nextBytes, 1) { return .full }
        if neededBytes > spare { return .low }
        guard bytesPerHour > 0 else { return .fine }
        return Double(spare) / bytesPerHour < 2 ? .low : .fine
    }

    /// Hours until the reserve is reached; nil while the disk is not filling.
    public static func hoursLeft(freeBytes: Int, reserveBytes: Int, bytesPerHour: Double) -> Double? {
        guard bytesPerHour > 0 else { return nil }
        return max(0, Double(freeBytes - reserveBytes) / bytesPerHour)
    }
}
