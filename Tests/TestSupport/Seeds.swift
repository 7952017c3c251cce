import Foundation

/// The seeds a property test runs over.
///
/// `GRIDPILOT_SEED=42` makes every such test run that seed alone, to see one fault again; `GRIDPILOT_SOAK=10` makes
/// it run ten times as many, and `GRIDPILOT_FEW` a tenth, for a build that is much slower.
public enum Seeds {
    /// `count` seeds, always the same ones unless the environment asks for others.
    public static func first(_ count: Int) -> [UInt64] {
        list(count, environment: ProcessInfo.processInfo.environment)
    }

    /// Whether there is time for more than the suite has.
    public static var isSoaking: Bool { ProcessInfo.processInfo.environment["GRIDPILOT_SOAK"] != nil }

    /// Runs the property on each seed, and names the first seed it does not hold for.
    public static func check(_ count: Int, _ property: (UInt64) throws -> Void) throws {
        try check(count, environment: ProcessInfo.processInfo.environment, property)
    }

    static func check(_ count: Int, environment: [String: String], _ property: (UInt64) throws -> Void) throws {
        for seed in list(count, environment: environment) {
            do { try property(seed) } catch { throw Broken(seed: seed, cause: error) }
        }
    }

    static func list(_ count: Int, environment: [String: String]) -> [UInt64] {
        if let only = environment["GRIDPILOT_SEED"].flatMap(UInt64.init) { return [only] }
        let times = environment["GRIDPILOT_SOAK"].flatMap(Int.init) ?? 1
        let count = environment["GRIDPILOT_FEW"] == nil ? count : (count + 9) / 10
        return (0..<UInt64(count * max(times, 1))).map { $0 }
    }

    /// A seed for which a property does not hold.
    public struct Broken: Error, CustomStringConvertible {
        public let seed: UInt64
        public let cause: any Error
        public var description: String { "With GRIDPILOT_SEED=\(seed): \(cause)" }
    }
}
