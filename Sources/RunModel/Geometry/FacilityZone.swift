/// The facility's own time, for files and folders: people read them beside the clock on the wall.
public struct FacilityZone: Sendable {
    /// As the tz database has it: `Europe/Zurich`.
    public let name: String
    /// Seconds east of Greenwich at a moment.
    private let offset: @Sendable (Timestamp) -> Int

    public init(name: String, offset: @escaping @Sendable (Timestamp) -> Int) {
        self.name = name
        self.offset = offset
    }

    public static let utc = FacilityZone(name: "UTC") { _ in 0 }

    /// `20261122`.
    public func day(of moment: Timestamp) -> String { local(moment).description.prefix(10).filter { $0 != "-" } }

    /// `2026-11-22 21:06:42.123+01:00`: the offset tells an hour that comes twice from its twin.
    public func text(of moment: Timestamp) -> String {
        let (local, minutes) = (local(moment).description, offset(moment) / 60)
        let hours = "\(abs(minutes) / 60)"
        let rest = "\(abs(minutes) % 60)"
        return "\(local.prefix(10)) \(local.dropFirst(11).dropLast())\(minutes < 0 ? "-" : "+")\(padded(hours)):\(padded(rest))"
    }

    private func local(_ moment: Timestamp) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds + Int64(offset(moment)) * 1000)
    }

    private func padded(_ digits: String) -> String { digits.count < 2 ? "0" + digits : digits }
}
