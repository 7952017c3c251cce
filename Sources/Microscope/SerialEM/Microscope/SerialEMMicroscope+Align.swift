import Glibc
import Imaging
import RunModel

/// Finding a mapped square or hole again.
extension SerialEMMicroscope {
    /// A hole's reference is a disc of its own diameter, a square's one of its own side: nobody has to record one before.
    public func realign(to feature: MappedFeature) async throws(MicroscopeError) -> Alignment {
        try await setImageShift(.zero)
        if try await stagePosition().distance(to: feature.position) > .nanometres(1) { try await moveStage(to: feature.position) }
        let (image, toStage) = try await look(feature.kind == .square ? .search : .view)
        let found = try await withPixels { givenUp throws(MicroscopeError) -> FoundFeature? in
            if givenUp.isSet { throw .cancelled }
            guard let picture = StagePicture(image.image, toStage: toStage) else { throw Self.nowhere }
            return FeatureLook(picture).find(feature)
        }
        guard let found, found.correlation > 0.3 else { throw .notAligned(correlation: found?.correlation ?? 0) }
        try await moveStage(to: try await stagePosition().moved(by: found.shift))
        return Alignment(shift: found.shift, correlation: found.correlation, position: try await stagePosition())
    }
}

/// Looks for a square or hole near the middle of a map.
struct FeatureLook {
    private let picture: StagePicture
    /// How a mesh may be turned: a quarter turn is none. Degrees.
    private static let angles = stride(from: -44.0, through: 44, by: 4)

    init(_ picture: StagePicture) { self.picture = picture }

    func find(_ feature: MappedFeature) -> FoundFeature? {
        let side = FeatureSearch.side
        let whole = picture.pixelSize / 10_000 * Double(max(picture.image.width, picture.image.height))
        // Four holes across; or all that there is around a square, and so much dark around it that its template fits.
        let size = feature.size.micrometres
        let across = feature.kind == .hole ? min(whole, size * 8) : max(whole, size * 1.75)
        let pixelSize = across / Double(side)
        let image = small(pixelSize, side)
        let angles = feature.kind == .hole ? [0] : Array(Self.angles)
        let found = angles.compactMap { FeatureSearch.find(feature, in: image, pixelSize: pixelSize, angle: $0 * .pi / 180) }
        return found.max { $0.correlation < $1.correlation }
    }

    /// A square picture of the middle, `side` pixels across, of a pixel size in µm.
    private func small(_ pixelSize: Double, _ side: Int) -> Image {
        let scale = pixelSize * 10_000 / picture.pixelSize
        // What is drawn smaller is averaged first: single pixels of a large image are mostly noise.
        let binning = max(1, Int(scale))
        let image = picture.image.binned(by: binning)
        let step = scale / Double(binning)
        let (dx, dy) = (offset(image.width, side, step), offset(image.height, side, step))
        return image.resampled(
            width: side, height: side, outside: image.percentiles([0.01])[0],
            through: Affine(xx: step, xy: 0, yx: 0, yy: step, dx: dx, dy: dy))
    }

    private func offset(_ size: Int, _ smallSize: Int, _ step: Double) -> Double {
        Double(size - 1) / 2 - step * Double(smallSize - 1) / 2
    }
}
