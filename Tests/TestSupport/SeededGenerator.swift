import Simulator

/// SplitMix64: the same numbers for the same seed, in every process and on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `bound`.
    ///
    /// The standard library may change how `Int.random(in:using:)` draws; this never changes, so a seed
    /// that found a fault finds it again under a later compiler.
    public mutating func index(below bound: Int) -> Int {
        precondition(bound > 0, "There is nothing to choose from.")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True once in `times` draws on average.
    public mutating func isOnce(in times: Int) -> Bool {
        index(below: times) == 0
    }

    /// A generator of its own for one part of a test, so that one more draw here moves nothing there.
    public mutating func fork() -> SeededGenerator {
        SeededGenerator(seed: next())
    }
}
