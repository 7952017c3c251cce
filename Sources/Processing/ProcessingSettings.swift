/// What a facility sets for the work on all its movies, whether worker processes or a cluster's jobs do it.
public struct ProcessingSettings: Codable, Hashable, Sendable {
    /// Patches along a side for local motion; 0 aligns whole frames only.
    public var patches = 0
    public var amplitudeContrast = 0.07
    /// Seconds for one movie; nil for a generous time by its size.
    public var deadline: Double?
    /// The facility's programs; a step without one is done here.
    public var motion: ExternalStep?
    public var ctf: ExternalStep?

    public init() {}

    /// A movie of some gigabytes on a slow disk takes minutes; one that takes an hour is hanging.
    func deadline(bytes: Int) -> Duration {
        if let deadline { return .seconds(deadline) }
        return .seconds(min(3600, 300 + max(0, bytes) / 4_000_000))
    }

    /// The steps that the facility's programs do, in order.
    public var steps: [ExternalStep] { [motion, ctf].compactMap { $0 } }
}
