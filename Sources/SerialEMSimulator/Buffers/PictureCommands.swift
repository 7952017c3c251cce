import Imaging
import Microscope
import Simulator

/// What scripts do with images in buffers, and ask of them.
extension SimulatedSerialEM {
    static let pictureRows: [ScriptCommand] = [
        .init("ReduceImage", "SD", acts: reduceImage), .init("CropImage", "SIIII", acts: cropImage),
        .init("Rotate90CW", "S", acts: turnImage), .init("Rotate90CCW", "S", acts: turnImage),
        .init("ReportCurrentBuffer", "", reportCurrentBuffer),
        .init("ImageConditions", "S", imageConditions), .init("SubareaMean", "IIII", acts: subareaMean),
        .init("ElectronStats", "s", acts: electronStats), .init("RawElectronStats", "s", acts: electronStats),
        .init("ReportMetadataValues", "SS", reportMetadataValues), .init("ImageMetadataToVar", "SS", imageMetadataToVar),
        .init("AutoCorrPeakVectors", "SDii", acts: peakVectors),
    ]

    /// The result comes to A, and what was there goes on.
    private func roll(in image: Image, from source: ImageBuffer, pixelSize: Double? = nil) {
        var new = source
        new.image = image
        (new.pieces, new.colours, new.saved, new.mapID, new.alignment) = ([], nil, nil, 0, .zero)
        if let pixelSize { new.details.pixelSize = pixelSize }
        let made = new
        change { $0.buffers.roll(in: made) }
    }

    private func reduceImage(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let (source, factor) = (try buffer(call, 0), call.number(1))
        let (width, height) = (Int(Double(source.image.width) / factor), Int(Double(source.image.height) / factor))
        guard factor >= 1, factor <= 100, width >= 4, height >= 4 else {
            throw .sentence("The image cannot be reduced by \(factor.short(3)), in line:")
        }
        let image = try await work {
            let bins = Int(factor)
            let coarse = source.image.binned(by: bins)
            let rest = factor / Double(bins)
            guard rest > 1.0001 else { return coarse }
            let offset = { (size: Int, small: Int) in Double(size - 1) / 2 - rest * Double(small - 1) / 2 }
            return coarse.resampled(
                width: width, height: height, outside: Float(source.image.statistics.mean),
                through: Affine(
                    xx: rest, xy: 0, yx: 0, yy: rest, dx: offset(coarse.width, width), dy: offset(coarse.height, height)))
        }
        var reduced = source
        reduced.details.binning = max(1, Int((Double(source.details.binning) * factor).rounded()))
        roll(in: image, from: reduced, pixelSize: source.details.pixelSize * factor)
        return .nothing
    }

    /// From left, right, top and bottom, in pixels from the top left corner.
    private func cropImage(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let source = try buffer(call, 0)
        let (left, right, top, bottom) = (call.integer(1), call.integer(2), call.integer(3), call.integer(4))
        let (width, height) = (right - left + 1, bottom - top + 1)
        guard left >= 0, top >= 0, width > 0, height > 0, right < source.image.width, bottom < source.image.height else {
            throw .sentence("The part to be cropped does not lie within the image, in line:")
        }
        let low = source.image.height - 1 - bottom
        var cropped = source
        if let places = try? places(in: source), source.details.magnification != nil {
            let middle = places(Double(left + right + 1) / 2, Double(top + bottom + 1) / 2)
            let step = SpecimenPoint(x: middle.x, y: middle.y) - source.details.centre
            cropped.details.centre = source.details.centre + step
            cropped.details.stage = source.details.stage.moved(by: step.shift)
        }
        let image = try await work { source.image.cropped(x: left, y: low, width: width, height: height) }
        roll(in: image, from: cropped)
        return .nothing
    }

    private func turnImage(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let source = try buffer(call, 0)
        let turns = call.name == "Rotate90CW" ? 3 : 1
        let image = try await work { (0..<turns).reduce(source.image) { image, _ in image.quarterTurned() } }
        var turned = source
        // Where its axes lie is not known any more.
        turned.details.magnification = nil
        roll(in: image, from: turned)
        return .nothing
    }

    /// A is always the one that is shown.
    private func reportCurrentBuffer(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        [.text("A"), .count(0)]
    }

    /// Dose and magnification.
    private func imageConditions(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let details = try buffer(call, 0).details
        return .numbers(details.dose, details.magnification?.nominal ?? 0)
    }

    /// Left, right, bottom and top of a part of the image in A.
    private func subareaMean(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        guard let buffer = read(\.buffers)[0] else { throw .sentence("There is no image in buffer A, in line:") }
        let (left, right, top, bottom) = (call.integer(0), call.integer(1), call.integer(2), call.integer(3))
        guard left >= 0, top >= 0, left <= right, top <= bottom, right < buffer.image.width, bottom < buffer.image.height else {
            throw .sentence("The part does not lie within the image, in line:")
        }
        let part = try await work {
            buffer.image.cropped(
                x: left, y: buffer.image.height - 1 - bottom, width: right - left + 1, height: bottom - top + 1)
        }
        let statistics = try await work { part.statistics }
        return .numbers(statistics.mean, statistics.standardDeviation)
    }

    /// Least, greatest, mean, standard deviation and mean for a second, in electrons on an unbinned pixel.
    private func electronStats(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let buffer = try buffer(call, 0)
        let scale = 1 / Double(buffer.details.binning * buffer.details.binning)
        let statistics = try await work { buffer.image.statistics }
        let mean = statistics.mean * scale
        return .numbers(
            Double(statistics.minimum) * scale, Double(statistics.maximum) * scale, mean, statistics.standardDeviation * scale,
            buffer.details.exposure > 0 ? mean / buffer.details.exposure : 0)
    }

    private func metadata(_ call: SerialEMCall) throws(SerialEMProblem) -> String {
        let (buffer, key) = (try buffer(call, 0), call.text(1))
        guard let field = buffer.details.fields(of: key == "MinMaxMean" ? buffer.image : nil).first(where: { $0.key == key })
        else { throw .sentence("There is no metadata item \(key.prefix(60)) for the image, in line:") }
        return field.value
    }

    private func reportMetadataValues(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let numbers = try metadata(call).split(separator: " ").compactMap { Double($0) }
        guard !numbers.isEmpty else { throw .sentence("The metadata item does not hold numbers, in line:") }
        return numbers.prefix(6).map { .number($0) }
    }

    /// Into the variable `metadataItem`.
    private func imageMetadataToVar(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        try setVariable("metadataItem", try metadata(call))
        return .nothing
    }

    /// The two vectors from hole to hole in an image, in its pixels.
    private func peakVectors(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let (buffer, spacing) = (try buffer(call, 0), call.number(1))
        guard spacing > 0, spacing < 100, buffer.details.pixelSize > 0 else {
            throw .sentence("The spacing or the pixel size is not known, in line:")
        }
        let pixels = spacing * 10_000 / buffer.details.pixelSize
        guard pixels > 8, pixels < Double(min(buffer.image.width, buffer.image.height)) / 2 else {
            throw .sentence("No regular peaks were found in the image, in line:")
        }
        let found = try await work { PeakVectors(buffer.image).find(near: pixels) }
        guard let (first, second) = found else { throw .sentence("No regular peaks were found in the image, in line:") }
        return .numbers(first.x, first.y, second.x, second.y)
    }
}

/// How a pattern of holes repeats, from how well an image lies on itself when it is moved.
struct PeakVectors {
    private let image: Image

    init(_ image: Image) { self.image = image }

    /// Right and down; nil where nothing repeats at that distance.
    func find(near pixels: Double) -> (SpecimenPoint, SpecimenPoint)? {
        let bins = max(1, Int(pixels / 12))
        let coarse = image.binned(by: bins)
        let radius = pixels / Double(bins)
        let mean = Float(coarse.statistics.mean)
        func likeness(_ angle: Double, _ distance: Double) -> Double {
            let (dx, dy) = (
                Int((distance * SpecimenPoint.polar(1, angle).x).rounded()),
                Int((distance * SpecimenPoint.polar(1, angle).y).rounded())
            )
            var sum = 0.0
            for y in max(0, -dy)..<min(coarse.height, coarse.height - dy) {
                for x in max(0, -dx)..<min(coarse.width, coarse.width - dx) {
                    sum += Double((coarse[x, y] - mean) * (coarse[x + dx, y + dy] - mean))
                }
            }
            return sum
        }
        let tries = stride(from: 0.0, to: 90, by: 3).flatMap { degrees in
            [0.92, 0.96, 1, 1.04, 1.08].map { (angle: degrees * .pi / 180, distance: radius * $0) }
        }
        let scored = tries.map { ($0, likeness($0.angle, $0.distance) + likeness($0.angle + .pi / 2, $0.distance)) }
        guard let best = scored.max(by: { $0.1 < $1.1 }), best.1 > 0 else { return nil }
        let length = best.0.distance * Double(bins)
        let (first, second) = (SpecimenPoint.polar(length, best.0.angle), SpecimenPoint.polar(length, best.0.angle + .pi / 2))
        return (SpecimenPoint(x: first.x, y: -first.y), SpecimenPoint(x: second.x, y: -second.y))
    }
}
