import RunModel

/// How fast the specimen still drifts.
extension SerialEMMicroscope {
    /// Two Focus images and how far the second lies from the first. SerialEM's own wait for drift reports no number.
    public func measureDrift() async throws(MicroscopeError) -> Double {
        let time = clock.stopwatch()
        try await call(.focus)
        let first = (time: time(), stamp: try await stampOfImage())
        try await call(.focus)
        let second = (time: time(), stamp: try await stampOfImage())
        // The reference is the first image, which rolled on to B. 1: the shift is stored and not made.
        guard try await call(.alignTo, .text("B"), .integer(1)).number(0) >= 0 else {
            throw .refused("two images of the same place do not match")
        }
        let shift = try await call(.reportAlignShift).numbers(6)
        var interval = DriftInterval(seconds: (second.time - first.time) * speed)
        if let before = first.stamp, let after = second.stamp { interval.hold(to: after - before) }
        return (shift[4] * shift[4] + shift[5] * shift[5]).squareRoot() * 10 / interval.seconds
    }

    /// Whole seconds of SerialEM's clock; nil for a SerialEM that does not tell them.
    private func stampOfImage() async throws(MicroscopeError) -> Double? {
        do throws(MicroscopeError) {
            return switch try await call(.reportMetadataString, .text("A"), .text("TimeStamp")).values.first {
            case .number(let number)?: number
            case .text(let text)?: Double(text)
            case nil: nil
            }
        } catch {
            guard error.isRefusal else { throw error }
            return nil
        }
    }
}

/// The time between two images: by this computer's clock, and by SerialEM's stamps as far as they tell.
struct DriftInterval {
    private(set) var seconds: Double
    /// No camera takes two images faster.
    private static let least = 0.1

    init(seconds: Double) { self.seconds = max(Self.least, seconds) }

    /// `stamps`: between two stamps in whole seconds, which lie up to a second nearer or farther apart than the images. An answer that was
    /// held up on its way would count as time otherwise.
    mutating func hold(to stamps: Double) {
        guard stamps.isFinite, stamps >= 0 else { return }
        seconds = min(max(seconds, stamps - 1, Self.least), stamps + 1)
    }
}

extension Clock where Duration == Swift.Duration {
    /// Seconds since this was asked for, each time that it is called.
    func stopwatch() -> @Sendable () -> Double {
        let start = now
        return { start.duration(to: now) / .seconds(1) }
    }
}
