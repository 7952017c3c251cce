import Imaging

/// How many of a counting camera's frames go together, by dose or by number.
public struct ElectronFrames: Codable, Hashable, Sendable {
    /// e/Å².
    public var dosePerFrame: Double?
    public var frames: Int?
    /// 1 or 2.
    public var upsampling = 1

    public init() {}

    /// `dose`: e/Å² of the movie; 0 where it is not known.
    func settings(dose: Double) -> EERSettings {
        let grouping = frames.map(EERSettings.Grouping.frames) ?? .dose(dosePerFrame ?? 1)
        return EERSettings(upsampling: upsampling, grouping: grouping, dose: dose > 0 ? dose : nil)
    }
}

/// What a facility sets for the work on all its movies, whether worker processes or a cluster's jobs do it.
public struct ProcessingSettings: Codable, Hashable, Sendable {
    /// Patches along a side for local motion; 0 aligns whole frames only.
    public var patches = 0
    public var amplitudeContrast = 0.07
    /// How movies of single electrons become frames; nil for a frame to every e/Å².
    public var eer: ElectronFrames?
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
