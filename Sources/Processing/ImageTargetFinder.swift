import Blocking
import Glibc
import Imaging
import RunModel

/// Finds squares and holes in the images themselves. Images are read on their disk's lane and searched on a lane of the finder's own, so
/// neither a silent disk nor a long search holds up other work.
public struct ImageTargetFinder: TargetFinder {
    private let disks: DiskLanes
    /// A search takes seconds of a processor, during which the disk can answer others.
    private let looks = BlockingLane("finder of squares and holes", width: 2)
    /// Longest side of a page's picture, pixels.
    private static let pictureSide = 1536
    /// The largest atlas takes seconds; a disk that hangs would hold the run up for ever.
    private static let deadline = Duration.seconds(120)

    public init(disks: DiskLanes) { self.disks = disks }

    public func makePicture(of file: String, into picture: String) async throws(FinderProblem) {
        let bytes = try await look(at: file) { image throws(ImagingError) in
            try PNG.encode(Thumbnail.make(image, size: Self.pictureSide))
        }
        let problem: String? = try await answer { () throws(BlockingProblem) in
            try await disks.run(at: picture, deadline: Self.deadline, endsWhenCancelled: true) {
                do throws(Errno) { try Files.write(bytes, to: picture) } catch { return error.words }
                return nil
            }
        }
        if let problem { throw FinderProblem(sentence: "The picture \(picture) cannot be written: \(problem).") }
    }

    public func squares(on atlas: MapImage, at path: String) async throws(FinderProblem) -> [FoundTarget] {
        try await look(at: path) { image throws(ImagingError) in
            FoundTarget.list(SquareFinder.findSquares(in: image, pixelSize: atlas.pixelSize))
        }
    }

    public func holes(
        on square: MapImage, at path: String, holeType: HoleType?, pattern: Recipe.TargetPattern
    ) async throws(FinderProblem) -> [FoundTarget] {
        try await look(at: path) { image throws(ImagingError) in
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
        try await look(at: path) { image throws(ImagingError) in
            return HoleFinder.centre(in: image, diameter: size.ångströms / hole.pixelSize).map { PixelPoint(x: $0.x, y: $0.y) }
        }
    }

    public func match(
        _ look: MapImage, with atlas: MapImage, at paths: (look: String, atlas: String)
    ) async throws(FinderProblem) -> FoundPlacement {
        let image = try await self.look(at: paths.look) { image throws(ImagingError) in image }
        return try await self.look(at: paths.atlas) { reference throws(ImagingError) in
            let match = AtlasMatch(
                of: image, pixelSize: look.pixelSize / 10_000, with: reference, atlasPixelSize: atlas.pixelSize / 10_000)
            return FoundPlacement(match, of: look, against: atlas)
        }
    }

    private func look<Value: Sendable>(
        at path: String, _ body: @escaping @Sendable (Image) throws(ImagingError) -> Value
    ) async throws(FinderProblem) -> Value {
        let outcome: Result<Value, ImagingError> = try await answer { () throws(BlockingProblem) in
            let image = try await disks.run(at: path, deadline: Self.deadline, endsWhenCancelled: true) {
                Result { () throws(ImagingError) in try MRCFile.image(path: path) }
            }
            return try await looks.run(deadline: Self.deadline, endsWhenCancelled: true) {
                image.flatMap { image in Result { () throws(ImagingError) in try body(image) } }
            }
        }
        do throws(ImagingError) { return try outcome.get() } catch { throw FinderProblem(sentence: error.explanation) }
    }

    private func answer<Value: Sendable>(_ body: () async throws(BlockingProblem) -> Value) async throws(FinderProblem) -> Value {
        do throws(BlockingProblem) { return try await body() } catch { throw FinderProblem(error) }
    }
}

extension FinderProblem {
    fileprivate init(_ problem: BlockingProblem) {
        switch problem {
        case .silent, .full: self.init(sentence: "The image was not looked at. \(problem.sentence)", isSilence: true)
        case .cancelled: self.init(sentence: "The run ended before the image was looked at.", isSilence: true)
        }
    }
}

extension FoundPlacement {
    /// From the images' middles to the stage's zero.
    init(_ match: AtlasMatch, of look: MapImage, against atlas: MapImage) {
        var placement = GridPlacement(
            rotation: match.rotation * 180 / .pi, cosine: cos(match.rotation), sine: sin(match.rotation), shift: .zero)
        let middle = placement.place(atlas.centre)
        placement.shift = PlaneShift(
            x: look.centre.x + .micrometres(match.shift.x) - middle.x, y: look.centre.y + .micrometres(match.shift.y) - middle.y)
        self.init(placement: placement, score: match.score)
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
