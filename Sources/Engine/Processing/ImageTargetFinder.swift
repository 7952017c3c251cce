import Imaging
import RunModel

/// Finds squares and holes in the images themselves, on the pool of blocking threads.
public struct ImageTargetFinder: TargetFinder {
    private let pool: BlockingPool
    /// Longest side of a page's picture, pixels.
    private static let pictureSide = 1536
    /// The largest atlas takes seconds; a disk that hangs would take for ever.
    private static let deadline = Duration.seconds(120)

    public init(pool: BlockingPool) { self.pool = pool }

    public func makePicture(of file: String, into picture: String) async throws(FinderProblem) {
        try await work { () throws(ImagingError) in
            try PNG.write(Thumbnail.make(MRCFile.image(path: file), size: Self.pictureSide), to: picture)
        }
    }

    public func squares(on atlas: MapImage, at path: String) async throws(FinderProblem) -> [FoundTarget] {
        try await work { () throws(ImagingError) in
            FoundTarget.list(SquareFinder.findSquares(in: try MRCFile.image(path: path), pixelSize: atlas.pixelSize))
        }
    }

    public func holes(
        on square: MapImage, at path: String, holeType: HoleType?, pattern: Recipe.TargetPattern
    ) async throws(FinderProblem) -> [FoundTarget] {
        try await work { () throws(ImagingError) in
            let image = try MRCFile.image(path: path)
            switch pattern {
            case .areas: return AreaSpread(image, pixelSize: square.pixelSize).targets
            case .holes:
                return FoundTarget.list(
                    HoleFinder.findHoles(
                        in: image, pixelSize: square.pixelSize, holeDiameter: holeType?.diameter.micrometres,
                        spacing: holeType?.spacing.micrometres))
            }
        }
    }

    public func holeCentre(on hole: MapImage, at path: String, size: Length) async throws(FinderProblem) -> PixelPoint? {
        try await work { () throws(ImagingError) in
            let image = try MRCFile.image(path: path)
            return HoleFinder.centre(in: image, diameter: size.ångströms / hole.pixelSize).map { PixelPoint(x: $0.x, y: $0.y) }
        }
    }

    private func work<Value: Sendable>(
        _ body: @escaping @Sendable () throws(ImagingError) -> Value
    ) async throws(FinderProblem) -> Value {
        let outcome: Result<Value, ImagingError>
        do throws(BlockingPoolProblem) {
            outcome = try await pool.run(deadline: Self.deadline, endsWhenCancelled: true) {
                Result { () throws(ImagingError) in try body() }
            }
        } catch {
            throw FinderProblem(error)
        }
        do throws(ImagingError) { return try outcome.get() } catch { throw FinderProblem(sentence: error.explanation) }
    }
}

extension FinderProblem {
    fileprivate init(_ problem: BlockingPoolProblem) {
        switch problem {
        case .tooSlow: self.init(sentence: "The image was not read in time: its disk does not answer.")
        case .full: self.init(sentence: "Too many images wait to be looked at.")
        case .cancelled: self.init(sentence: "The run ended before the image was looked at.")
        }
    }
}

extension FoundTarget {
    /// What a finder saw, brightness against the brightest of them.
    static func list(_ items: [FoundItem]) -> [FoundTarget] {
        let brightest = max(items.map(\.mean).max() ?? 0, .leastNormalMagnitude)
        return items.map { item in
            FoundTarget(
                point: PixelPoint(x: item.x, y: item.y), size: item.size, targetClass: TargetClass(item.class),
                brightness: min(1, max(0, item.mean / brightest)), thickness: item.thickness)
        }
    }
}

extension TargetClass {
    init(_ found: FoundClass) {
        self =
            switch found {
            case .good: .good
            case .small: .small
            case .partial: .partial
            case .contaminated: .contaminated
            case .cracked: .cracked
            case .dark: .dark
            }
    }
}
