import Glibc
import Imaging
import Microscope
import RunModel
import Synchronization

/// A camera that writes what it sees: MRC images and movies in which everything of the specimen can be measured again.
public final class RenderingCamera: SimulatedCamera {
    public let optics: CameraOptics
    package let renderer: any Renderer
    private let molecules = Mutex<[UInt64: ParticleViews]>([:])

    public init(optics: CameraOptics, renderer: any Renderer) {
        self.optics = optics
        self.renderer = renderer
    }

    /// A square camera; `pixelSize`: Å at the Record magnification.
    public convenience init(size: Int = 1024, pixelSize: Double = 1.5, renderer: any Renderer) {
        self.init(optics: CameraOptics(width: size, height: size, recordPixelSize: pixelSize), renderer: renderer)
    }

    public func takeAtlas(_ pieces: [CameraView], tiles: Int, into file: String) async throws(MicroscopeError) -> PictureSize {
        guard let first = pieces.first else { throw .refused("an atlas has pieces") }
        let pixelSize = optics.atlasPixelSize(first.specimen, tiles: tiles)
        return try await renderer.run { [optics] givenUp throws(MicroscopeError) in
            var atlas = Image(width: optics.width * tiles, height: optics.height * tiles)
            for (index, piece) in pieces.enumerated() {
                if givenUp.isSet { throw .cancelled }
                let image = LowMagPicture(piece, optics: optics, pixelSize: pixelSize, electrons: 500).image()
                atlas.insert(image, x: index % tiles * optics.width, y: index / tiles * optics.height)
            }
            return try Self.write(atlas, to: file, pixelSize: pixelSize, isCutShort: pieces.contains(where: \.isCutShort))
        }
    }

    public func take(_ area: LowDoseArea, of view: CameraView, into file: String) async throws(MicroscopeError) -> PictureSize {
        let pixelSize = optics.pixelSize(area, view.specimen)
        return try await renderer.run { [self] givenUp throws(MicroscopeError) in
            if givenUp.isSet { throw .cancelled }
            let image: Image
            switch area {
            case .search: image = LowMagPicture(view, optics: optics, pixelSize: pixelSize, electrons: 260).image()
            case .view: image = LowMagPicture(view, optics: optics, pixelSize: pixelSize, electrons: 90).image()
            case .focus, .record, .preview:
                var painter = MoviePainter(view, optics: optics, views: views(of: view.specimen))
                image = painter.frame(0, of: ExposureRequest(name: "", file: file, frames: 1, exposureTime: 1, dose: 25))
            }
            return try Self.write(image, to: file, pixelSize: pixelSize, isCutShort: view.isCutShort)
        }
    }

    public func takeMovie(of view: CameraView, _ request: ExposureRequest) async throws(MicroscopeError) -> TakenMovie {
        try await renderer.run { [self] givenUp throws(MicroscopeError) in
            var sum = FrameSum()
            var painter = MoviePainter(view, optics: optics, views: views(of: view.specimen))
            do throws(ImagingError) {
                let writer = try MRCWriter(
                    path: request.file, width: optics.width, height: optics.height, mode: .int16,
                    pixelSize: optics.recordPixelSize)
                for index in 0..<request.frames {
                    if givenUp.isSet { break }
                    let frame = painter.frame(index, of: request)
                    sum.add(frame)
                    try writer.append(frame)
                }
                if !givenUp.isSet { try writer.finish() }
            } catch {
                throw .fileNotWritten(path: request.file, reason: error.sentence)
            }
            if givenUp.isSet { throw .cancelled }
            if view.isCutShort { Self.cutShort(request.file) }
            return TakenMovie(bytes: Self.size(of: request.file) ?? 0, reading: sum.reading)
        }
    }

    public func find(_ feature: MappedFeature, in view: CameraView) async throws(MicroscopeError) -> FoundFeature? {
        try await renderer.run { givenUp throws(MicroscopeError) in
            if givenUp.isSet { throw .cancelled }
            let field = Self.searchField(feature, in: view)
            let image = LowMagPicture(view, field: field, electrons: 200).image()
            return FeatureSearch.find(
                feature, in: image, pixelSize: field.pixelSize, angle: view.specimen.meshAngle)
        }
    }

    /// The picture that is searched: a square and half of its neighbours, or four holes across.
    private static func searchField(_ feature: MappedFeature, in view: CameraView) -> PictureField {
        let across =
            switch feature.kind {
            case .square: view.specimen.meshPitch.micrometres * 2
            case .hole: view.specimen.holeType.spacing.micrometres * 4
            }
        let side = FeatureSearch.side
        return PictureField(centre: view.centre, pixelSize: across / Double(side), width: side, height: side)
    }

    public func bytes(of file: String, noted: Int?) -> Int? { Self.size(of: file) }
    public func movieBytes(frames: Int) -> Int { 1024 + frames * optics.width * optics.height * 2 }

    /// The molecule of a grid at a pixel size in Å; nil is that of Record.
    package func views(of specimen: SimulatedSpecimen, pixelSize: Double? = nil) -> ParticleViews {
        let pixelSize = pixelSize ?? optics.recordPixelSize
        let key = Seed.mix(specimen.seed) ^ pixelSize.bitPattern
        return molecules.withLock { known in
            if let views = known[key] { return views }
            if known.count >= 4 { known = [:] }
            let views = ParticleViews(seed: specimen.seed, pixelSize: pixelSize)
            known[key] = views
            return views
        }
    }

    private static func write(
        _ image: Image, to file: String, pixelSize: Double, isCutShort: Bool
    ) throws(MicroscopeError) -> PictureSize {
        do throws(ImagingError) { try MRCFile.write(image, to: file, mode: .int16, pixelSize: pixelSize) } catch {
            throw .fileNotWritten(path: file, reason: error.sentence)
        }
        if isCutShort { cutShort(file) }
        return PictureSize(width: image.width, height: image.height, pixelSize: pixelSize)
    }

    package static func size(of file: String) -> Int? {
        var status = stat()
        return stat(file, &status) == 0 ? Int(status.st_size) : nil
    }

    package static func cutShort(_ file: String) {
        if let size = size(of: file) { truncate(file, off_t(size / 2)) }
    }
}

/// An atlas piece, a Search or a View image.
struct LowMagPicture {
    private let view: CameraView
    private let field: PictureField
    private let electrons: Float

    /// `electrons`: per pixel of free beam.
    init(_ view: CameraView, field: PictureField, electrons: Float) {
        self.view = view
        self.field = field
        self.electrons = electrons
    }

    /// `pixelSize`: Å.
    init(_ view: CameraView, optics: CameraOptics, pixelSize: Double, electrons: Float) {
        let field = PictureField(
            centre: view.centre, pixelSize: pixelSize / 10_000, width: optics.width, height: optics.height)
        self.init(view, field: field, electrons: electrons)
    }

    package func image() -> Image {
        var image =
            view.isDark
            ? Image(width: field.width, height: field.height) : TransmissionPainter(specimen: view.specimen).paint(field)
        var grain = Image(width: field.width, height: field.height)
        var noise = PixelNoise(seed: view.seed)
        grain.pixels.withUnsafeMutableBufferPointer { noise.fillGaussian($0) }
        let (half, level) = (Float(max(field.width, field.height)) / 2, electrons)
        image.pixels.withUnsafeMutableBufferPointer { pixels in
            grain.pixels.withUnsafeBufferPointer { grain in
                for y in 0..<field.height {
                    let dy = (Float(y) - half) / half
                    for x in 0..<field.width {
                        let dx = (Float(x) - half) / half
                        let index = y * field.width + x
                        // The beam is a little weaker towards the camera's corners, as everywhere.
                        let counts = pixels[index] * level * (1 - 0.025 * (dx * dx + dy * dy))
                        pixels[index] = max(0, counts + (counts + 4).squareRoot() * grain[index]) * 4
                    }
                }
            }
        }
        return image
    }
}

extension Image {
    fileprivate mutating func insert(_ piece: Image, x: Int, y: Int) {
        for row in 0..<piece.height {
            let to = (y + row) * width + x
            pixels.replaceSubrange(to..<to + piece.width, with: piece.pixels[row * piece.width..<(row + 1) * piece.width])
        }
    }
}
