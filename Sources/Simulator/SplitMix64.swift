/// SplitMix64: small, fast, and the same on every machine.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Seed.mix(state)
    }

    /// Evenly from 0 to 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + unit() * (range.upperBound - range.lowerBound)
    }

    /// Mean 0, standard deviation 1, never beyond 6: twelve even numbers, which needs no logarithm.
    package mutating func normal() -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += unit() }
        return sum
    }

    mutating func chance(_ probability: Double) -> Bool { unit() < probability }
}

/// Seeds made from seeds, so that any place of a specimen can be asked for without building what lies before it.
package enum Seed {
    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    package static func of(_ seed: UInt64, _ first: Int, _ second: Int = 0, _ third: Int = 0) -> UInt64 {
        var z = mix(seed &+ 0x9E37_79B9_7F4A_7C15)
        for part in [first, second, third] { z = mix(z ^ (UInt64(bitPattern: Int64(part)) &* 0xD134_2543_DE82_EF95)) }
        return z
    }

    package static func of(_ seed: UInt64, text: String) -> UInt64 {
        text.utf8.reduce(mix(seed)) { mix($0 ^ UInt64($1) &* 0x1000_0000_01B3) }
    }
}
