import Microscope
import RunModel

/// A camera that renders no pixels and touches no disk: for runs whose every step must be repeatable and quick.
///
/// `written` is told of every file that a real camera would have written, with its bytes.
public struct PixelFreeCamera: SimulatedCamera {
    public let optics: CameraOptics
    private let written: @Sendable (_ file: String, _ bytes: Int) -> Void

    public init(
        optics: CameraOptics = CameraOptics(width: 1024, height: 1024, recordPixelSize: 1.5),
        written: @escaping @Sendable (_ file: String, _ bytes: Int) -> Void = { _, _ in }
    ) {
        self.optics = optics
        self.written = written
    }

    public func takeAtlas(_ pieces: [CameraView], tiles: Int, into file: String) async throws(MicroscopeError) -> PictureSize {
        let pixelSize = pieces.first.map { optics.atlasPixelSize($0.specimen, tiles: tiles) } ?? 0
        let size = PictureSize(width: optics.width * tiles, height: optics.height * tiles, pixelSize: pixelSize)
        written(file, 1024 + size.width * size.height * 2)
        return size
    }

    public func take(_ area: LowDoseArea, of view: CameraView, into file: String) async throws(MicroscopeError) -> PictureSize {
        written(file, movieBytes(frames: 1))
        return PictureSize(width: optics.width, height: optics.height, pixelSize: optics.pixelSize(area, view.specimen))
    }

    public func takeMovie(of view: CameraView, _ request: ExposureRequest) async throws(MicroscopeError) -> TakenMovie {
        let whole = movieBytes(frames: request.frames)
        let bytes = view.isCutShort ? whole / 2 : whole
        written(request.file, bytes)
        return TakenMovie(bytes: bytes, reading: reading(of: view, request))
    }

    /// As of ice that lets most of the beam through.
    private func reading(of view: CameraView, _ request: ExposureRequest) -> CameraReading {
        var random = SplitMix64(seed: Seed.of(view.seed, 4))
        let beam = request.dose * optics.recordPixelSize * optics.recordPixelSize
        let mean = view.isDark ? random.uniform(0...0.01) : beam * random.uniform(0.7...0.95)
        let deviation = mean.squareRoot()
        return CameraReading(
            mean: mean, deviation: deviation, minimum: max(0, mean - 5 * deviation).rounded(),
            maximum: (mean + 5 * deviation).rounded())
    }

    /// The truth, a little beside itself.
    public func find(_ feature: MappedFeature, in view: CameraView) async throws(MicroscopeError) -> FoundFeature? {
        guard !view.isDark, let truth = view.trueOffset(of: feature.kind) else { return nil }
        let reach = feature.kind == .square ? feature.size : feature.size * 2
        guard truth.length <= reach else { return nil }
        var random = SplitMix64(seed: view.seed)
        let beside = SpecimenPoint(x: random.normal() * 0.03, y: random.normal() * 0.03)
        return FoundFeature(shift: truth + beside.shift, correlation: random.uniform(0.72...0.95))
    }

    public func bytes(of file: String, noted: Int?) -> Int? { noted }
    public func movieBytes(frames: Int) -> Int { 1024 + frames * optics.width * optics.height * 2 }
}

extension CameraView {
    /// From the middle of the view to the nearest true square or hole.
    public func trueOffset(of kind: MappedFeature.Kind) -> PlaneShift? {
        let nearest =
            switch kind {
            case .square: specimen.nearestSquare(to: position)?.centre
            case .hole: specimen.nearestHole(to: position)?.centre
            }
        return nearest.map { ($0 - centre).shift }
    }
}
