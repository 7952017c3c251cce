import Imaging

/// Frame shifts as other programs write them: corrections in pixels, the negative of where the content lies.
enum MotionLog {
    /// RELION's STAR file of one movie. Frames that it left out are not there.
    static func relion(_ text: String) -> [PixelShift]? {
        let star = StarTable(text)
        return displacements(
            x: star.numbers("global_shift", "MicrographShiftX"), y: star.numbers("global_shift", "MicrographShiftY"))
    }

    /// The whole-frame log of MotionCor2 and 3: frame, x, y, a line each; remarks begin with `#`.
    static func motioncor(_ text: String) -> [PixelShift]? {
        var rows: [[Double]] = []
        for line in text.split(whereSeparator: \.isNewline) where !line.allSatisfy(\.isWhitespace) {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words[0].first != "#" else { continue }
            let numbers = words.compactMap { Double($0) }.filter(\.isFinite)
            guard numbers.count == words.count, numbers.count >= 3 else { return nil }
            rows.append(numbers)
        }
        return displacements(x: rows.map { $0[1] }, y: rows.map { $0[2] })
    }

    /// Against the first frame, whichever frame the program measured from.
    private static func displacements(x: [Double], y: [Double]) -> [PixelShift]? {
        guard let firstX = x.first, let firstY = y.first, x.count == y.count else { return nil }
        return zip(x, y).map { PixelShift(x: firstX - $0, y: firstY - $1) }
    }
}
