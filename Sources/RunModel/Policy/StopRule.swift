/// Until when a stop can be taken back.
public enum StopRule {
    /// Taking back is possible until the run has begun to shut down: from then on the column is being left.
    public static func canTakeBack(stopRequested: Bool, shuttingDown: Bool) -> Bool { stopRequested && !shuttingDown }
}
