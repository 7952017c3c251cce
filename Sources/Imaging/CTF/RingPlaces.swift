/// Where in an image its rings are: a lens makes them everywhere, a border only where it runs.
enum RingPlaces {
    /// The image is cut into this many cells along each axis; a border crosses less than half of them.
    private static let cells = 4
    /// Of the brightest cell's mean: bars of a grid let less through, and nothing could be seen in them.
    private static let opaque = 0.5

    /// Standard deviations below which the rings are not everywhere: between noise and the faintest rings that are found at all.
    static let least = 2.0
    static let doubt = "Parts of the image show rings, as edges make them, but the rest does not."

    /// The model's rings against noise, in standard deviations, in the half of the cells that shows them least.
    ///
    /// Pure noise comes to −2.3, since the weaker half is chosen.
    static func evidence(in image: Image, for model: CTFModel, settings: CTFSettings) -> Double {
        let (width, height) = (image.width / cells, image.height / cells)
        let all = (0..<cells * cells).map { cell in
            image.cropped(x: cell % cells * width, y: cell / cells * height, width: width, height: height)
        }
        let means = all.map { ImageStatistics(of: $0.pixels).mean }
        let numbers = means.filter(\.isFinite)
        // Only counts tell how much light came through: an image about zero says nothing of it.
        let darkest = (numbers.min() ?? 0) > 0 ? opaque * (numbers.max() ?? 0) : -.infinity
        let clear = all.indices.filter { means[$0].isFinite && means[$0] >= darkest }.map { all[$0] }
        let strengths = Parallel.values(clear.count) { strength(in: clear[$0], of: model, settings) }
        let weaker = strengths.sorted().prefix((clear.count + 1) / 2)
        return weaker.isEmpty ? 0 : weaker.reduce(0, +) / Double(weaker.count).squareRoot()
    }

    private static func strength(in cell: Image, of model: CTFModel, _ settings: CTFSettings) -> Double {
        let size = min(cell.width, cell.height) < 512 ? 256 : 512
        let spectrum = PowerSpectrum(of: cell, pixelSize: settings.pixelSize, size: size)
        let flat = FlattenedSpectrum(spectrum, lowest: 1 / settings.coarsest)
        let range = settings.range(of: spectrum)
        return RingEvidence.significance(EquiphaseBins(flat, model: model), range, oversampling: spectrum.oversampling)
    }
}
