/// When a stop is heard, and until when it can be taken back.
public enum StopRule {
    /// Between items and inside every wait a stop ends the run; an exposure under way is finished first.
    public static func endsNow(stopRequested: Bool, exposing: Bool) -> Bool { stopRequested && !exposing }

    /// Taking back is possible until the run has begun to shut down: from then on the column is being left.
    public static func canTakeBack(stopRequested: Bool, shuttingDown: Bool) -> Bool { stopRequested && !shuttingDown }
}
