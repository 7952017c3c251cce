/// What may come between a session and its end, told before it begins.
public struct ForecastRisk: Hashable, Sendable, Codable {
    public enum Kind: String, Sendable, Codable { case info, warn, err }
    public var kind: Kind
    public var sentence: String

    public init(kind: Kind, sentence: String) {
        self.kind = kind
        self.sentence = sentence
    }

    /// `history`: of the session's microscope, the newest last.
    public static func of(_ forecast: Forecast, history: [PastSession]) -> [ForecastRisk] {
        let past = history.suffix(Forecast.memory)
        guard !past.isEmpty else {
            return [ForecastRisk(kind: .info, sentence: "No session was run on this microscope yet: the time is a usual one's.")]
        }
        var risks: [ForecastRisk] = []
        if forecast.sessions == 0 {
            risks.append(
                ForecastRisk(
                    kind: .info,
                    sentence: "None of this microscope's sessions was worked through in one go yet: the time is rough."))
        }
        let cut = past.count(where: \.isCutShort)
        if cut > 0 {
            let of = past.count == 1 ? "The last session" : "\(cut) of the last \(past.count) sessions"
            risks.append(
                ForecastRisk(
                    // One in five is more than chance.
                    kind: cut * 5 >= past.count ? .warn : .info,
                    sentence: "\(of) on this microscope failed or \(cut == 1 ? "was" : "were") cut short."))
        }
        let waited = past.reduce(0) { $0 + $1.waited } / Double(past.count)
        if waited >= 300 {
            risks.append(
                ForecastRisk(
                    kind: .info,
                    sentence:
                        "On average they waited \(Int((waited / 60).rounded())) min more for answers, which is not in this time.")
            )
        }
        return risks
    }

    /// `spare`: above the reserve; nil where the disk could not be measured, for `problem`.
    public static func ofDisk(needed: Int, spare: Int?, problem: String?) -> ForecastRisk? {
        guard let spare else {
            return ForecastRisk(kind: .warn, sentence: "Whether the disk has room could not be seen. \(problem ?? "")")
        }
        guard needed > spare else { return nil }
        return ForecastRisk(
            kind: .err,
            sentence: spare <= 0
                ? "The disk has no room above its reserve: the session would pause before its first exposure."
                : "The disk has room for \(spare.writtenBytes) above its reserve, and \(needed.writtenBytes) will be written: the session would pause before its end."
        )
    }
}
