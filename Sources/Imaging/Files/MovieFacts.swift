import RunModel

/// What the programs of the microscope and the camera wrote about a movie, in its file and beside it.
public struct MovieFacts: Sendable, Equatable {
    /// Å of a pixel of the movie as it is read, whichever pixels the program meant that tells it: see `StatedPixel`.
    public var pixelSize: Double?
    /// As it was stated, before it was brought to the movie's pixels.
    var stated: StatedPixel?
    /// Pixels of the detector along a side of one of the image that was shown with the movie.
    public var binning: Double?
    /// Whether the frames are a part of the detector's area, by what was written beside them.
    public var isPartOfDetector = false
    /// kV.
    public var voltage: Double?
    /// e/Å² of the whole movie.
    public var dose: Double?
    /// µm, negative under focus, as the microscope was set.
    public var defocus: Double?
    /// Frames as the program counted them.
    public var frames: Int?
    /// Seconds.
    public var exposureTime: Double?
    /// The name of the gain reference, without folders.
    public var gain: String?
    /// How the frames were turned against the camera, as SerialEM counts it.
    public var rotationAndFlip: Int?
    /// Counts of 16 bits are half of what they were.
    public var isDividedBy2 = false
    /// Who says so, the first word first: `SerialEM's mdoc`.
    public var sources: [String] = []
    /// Of files beside the movie that cannot be read: in sentences.
    public var problems: [String] = []

    public init() {}

    /// Reads what lies beside the movie, and takes from the file itself what that does not say. `detector`: the camera's own pixels,
    /// where they are known.
    public init(of movie: any MovieSource, detector: PixelCount? = nil) {
        self.init()
        for path in MovieName.companions(of: movie.path) where PixelFile.isThere(path) {
            do throws(ImagingError) { note(try Self.bytes(path), of: path, movie, detector) } catch {
                problems.append("\(error.sentence) It was left aside.")
            }
        }
        add(Self.inside(movie), from: "the file")
    }

    private static let longest = 16 << 20

    private static func bytes(_ path: String) throws(ImagingError) -> [UInt8] {
        let file = try PixelFile(reading: path)
        let size = try file.size()
        guard size <= longest else { throw .cannotRead(file: path, reason: "it is longer than any such file") }
        return try file.read(at: 0, count: size)
    }

    private mutating func note(_ bytes: [UInt8], of path: String, _ movie: any MovieSource, _ detector: PixelCount?) {
        if path.hasSuffix(".xml") {
            add(EPUFile.facts(bytes).inPixels(of: movie, detector), from: "EPU's XML")
        } else {
            let facts = MDocFacts.facts(MDoc(bytes: bytes), frames: movie.rawFrameCount)
            add(facts.inPixels(of: movie, detector), from: "SerialEM's mdoc")
        }
    }

    private static func inside(_ movie: any MovieSource) -> MovieFacts {
        var facts = MovieFacts()
        facts.pixelSize = movie.pixelSize
        switch movie {
        case let file as MRCFile:
            let section = file.extended.first
            let isUntold = file.header.pixelSize.map(StatedPixel.isPlaceholder) ?? true
            facts.pixelSize = isUntold ? section?.pixelSize : file.header.pixelSize
            facts.voltage = section?.voltage
            facts.dose = section?.dose.flatMap { $0 > 0 && file.header.extendedKind.hasPrefix("FEI") ? $0 : nil }
            facts.defocus = section?.defocus.map { -$0 / 10_000 }
            facts.rotationAndFlip = file.header.rotationAndFlip
        case let file as EERFile:
            (facts.dose, facts.exposureTime) = (file.metadata.dose, file.metadata.exposureTime)
        case let file as TIFFFile: facts.rotationAndFlip = SerialEMTitle.rotationAndFlip(in: [file.title])
        default: break
        }
        return facts
    }

    private func inPixels(of movie: any MovieSource, _ detector: PixelCount?) -> MovieFacts {
        var facts = self
        facts.pixelSize = stated?.size(in: movie, detector: detector)
        (facts.binning, facts.isPartOfDetector) = (stated?.binning, stated?.isPart(movie, of: detector) ?? false)
        facts.stated = nil
        return facts
    }

    /// What is known already stays; numbers that cannot be are nobody's, wherever they stand.
    private mutating func add(_ other: MovieFacts, from source: String) {
        let (before, other) = (self, other.sane)
        pixelSize = pixelSize ?? other.pixelSize
        // How the image was binned is said by whoever says how large its pixels are.
        if before.pixelSize == nil { (binning, isPartOfDetector) = (other.binning, other.isPartOfDetector) }
        voltage = voltage ?? other.voltage
        dose = dose ?? other.dose
        defocus = defocus ?? other.defocus
        frames = frames ?? other.frames
        exposureTime = exposureTime ?? other.exposureTime
        gain = gain ?? other.gain
        rotationAndFlip = rotationAndFlip ?? other.rotationAndFlip
        isDividedBy2 = isDividedBy2 || other.isDividedBy2
        if self != before { sources.append(source) }
    }
}

/// What SerialEM's autodoc beside a movie says.
enum MDocFacts {
    static func facts(_ document: MDoc, frames: Int) -> MovieFacts {
        var facts = MovieFacts()
        let document = MDocValues(document)
        let number = { (key: String, range: ClosedRange<Double>) -> Double? in
            document.values(key).lazy.flatMap { $0 }.first.flatMap { range.contains($0) ? $0 : nil }
        }
        facts.stated = number("PixelSpacing", 0.01...10_000).map {
            StatedPixel(size: $0, binning: number("Binning", 0.125...16), image: image(document))
        }
        facts.voltage = number("Voltage", 10...1500)
        facts.exposureTime = number("ExposureTime", 1e-6...1e5)
        facts.defocus = number("TargetDefocus", -100...100) ?? number("Defocus", -100...100)
        facts.frames = number("NumSubFrames", 1...1e6).map { Int($0) }
        facts.rotationAndFlip = number("RotationAndFlip", 0...15).map { Int($0) }
        facts.isDividedBy2 = number("DividedBy2", 0...1) == 1
        facts.gain = document.text("GainReference").flatMap(fileName)
        facts.dose = dose(document.values("FrameDosesAndNumber").first ?? []) ?? number("ExposureDose", 1e-6...1e5)
        return facts
    }

    /// Without its folders, on whichever system. Nil for what names a folder, or no file that a camera's program would write: whoever can
    /// write a note must not choose which of the server's files is read.
    private static func fileName(_ path: String) -> String? {
        let name = path.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        guard !name.isEmpty, name.utf8.count < 256, !name.hasPrefix("."), !name.unicodeScalars.contains(where: { $0.value < 32 })
        else {
            return nil
        }
        return String(name)
    }

    /// Of the image that SerialEM got with the frames.
    private static func image(_ document: MDocValues) -> PixelCount? {
        let sizes = document.values("UncroppedSize") + document.values("ImageSize")
        return sizes.lazy.compactMap { PixelCount(stated: $0) }.first
    }

    /// A dose and a number of frames that had it, in turn.
    private static func dose(_ values: [Double]) -> Double? {
        let pairs = stride(from: 0, to: values.count - 1, by: 2).map { values[$0] * values[$0 + 1] }
        let sum = pairs.reduce(0, +)
        return sum > 0 && sum < 1e5 ? sum : nil
    }
}

/// Whatever an autodoc has under a key, whoever spelled it how: in the frames' own section first, then in others, then for the whole file.
private struct MDocValues {
    private var found: [String: [String]] = [:]

    init(_ document: MDoc) {
        let own = document.sections.filter { $0.kind == "FrameSet" } + document.sections.filter { $0.kind != "FrameSet" }
        for field in own.flatMap(\.fields) + document.globals { found[field.key.lowercased(), default: []].append(field.value) }
    }

    func text(_ key: String) -> String? { found[key.lowercased()]?.first { !$0.isEmpty } }

    func values(_ key: String) -> [[Double]] {
        (found[key.lowercased()] ?? []).map { MDoc(globals: [MDocField(key, $0)]).numbers(key) }.filter { !$0.isEmpty }
    }
}

/// What EPU writes beside an image.
enum EPUFile {
    static func facts(_ bytes: [UInt8]) -> MovieFacts {
        var facts = MovieFacts()
        var keys: [String: Double] = [:]
        var (key, pixel) = ("", EPUPixel())
        for element in XMLScanner.elements(ForeignText.decode(bytes)) {
            let path = element.path.suffix(3).joined(separator: "/").lowercased()
            if path.hasSuffix("/key") { key = element.text }
            if path.hasSuffix("/value"), let value = Double(element.text) { keys[key] = value }
            guard let value = Double(element.text), value.isFinite else { continue }
            if path.hasSuffix("gun/accelerationvoltage") { facts.voltage = value / 1000 }
            pixel.note(value, at: path)
            if path.hasSuffix("optics/defocus") { facts.defocus = value * 1e6 }
            if path.hasSuffix("camera/exposuretime") { facts.exposureTime = value }
        }
        facts.stated = pixel.stated
        facts.dose = keys["Dose"].map { $0 * 1e-20 }
        facts.defocus = keys["AppliedDefocus"].map { $0 * 1e6 } ?? facts.defocus
        return facts
    }
}

/// What EPU's XML says of its image's pixels.
private struct EPUPixel {
    private var (size, binning): (Double?, Double?) = (nil, nil)
    private var sides = (0.0, 0.0)

    /// `path`: the last three names, without capitals.
    mutating func note(_ value: Double, at path: String) {
        switch path {
        case "pixelsize/x/numericvalue": size = value * 1e10
        case "camera/binning/x": binning = (0.125...16).contains(value) ? value : nil
        case "camera/readoutarea/width": sides.0 = value
        case "camera/readoutarea/height": sides.1 = value
        default: break
        }
    }

    var stated: StatedPixel? {
        size.map { StatedPixel(size: $0, binning: binning, image: PixelCount(stated: [sides.0, sides.1])) }
    }
}

extension PixelCount {
    /// Nil where the numbers are no image's.
    fileprivate init?(stated sides: [Double]) {
        guard sides.count == 2, sides.allSatisfy({ (16...131_072).contains(abs($0)) }) else { return nil }
        self.init(Int(abs(sides[0])), Int(abs(sides[1])))
    }
}

extension MovieFacts {
    /// Without numbers that cannot be.
    private var sane: MovieFacts {
        let possible = { (value: Double?, range: ClosedRange<Double>) in value.flatMap { range.contains($0) ? $0 : nil } }
        var facts = self
        facts.pixelSize = possible(pixelSize, 0.01...10_000)
        facts.voltage = possible(voltage, 10...1500)
        facts.dose = possible(dose, 1e-6...1e5)
        facts.defocus = possible(defocus, -100...100)
        facts.exposureTime = possible(exposureTime, 1e-6...1e5)
        return facts
    }
}
