// How lengths, numbers, sizes and places are written in logs and sentences, the same for every part that speaks of them.

extension Length {
    /// µm with two decimals.
    package var written: String { micrometres.written }
}

extension Double {
    /// Two decimals, without a formatter's locale.
    package var written: String {
        let hundredths = (magnitude * 100).rounded()
        guard hundredths < 1e15 else { return "\(self)" }
        let whole = Int(hundredths)
        let fraction = whole % 100
        return "\(self < 0 && whole > 0 ? "−" : "")\(whole / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}

extension Int {
    /// The nearest whole number of one that somebody else has written: the least or the greatest where it is beyond them, and 0 of what is no number.
    package init(clamping value: Double) {
        self = value.isNaN ? 0 : Int(exactly: value.rounded()) ?? (value < 0 ? .min : .max)
    }

    /// Bytes, as in `1.2 GB`.
    package var writtenBytes: String {
        let units: [(Double, String)] = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
        for (size, name) in units where Double(self) >= size {
            let tenths = Int((Double(self) / size * 10).rounded())
            return tenths % 10 == 0 ? "\(tenths / 10) \(name)" : "\(tenths / 10).\(tenths % 10) \(name)"
        }
        return "\(self) B"
    }
}

extension TargetID {
    /// `square 57, hole 90`.
    package var wording: String { kind == .square ? "square \(number)" : "square \(square.number), hole \(number)" }
}

extension MicrographID {
    /// `57-90-1`: square, hole, exposure.
    package var wording: String { "\(hole.square.number)-\(hole.number)-\(number)" }
}
