/// A square's image as the search for holes looks at it.
struct HoleRelief {
    /// How holes stand out from the foil between them.
    enum Look: CaseIterable, Sendable {
        case bright, dark
        /// Neither: only the rim shows.
        case rim
    }

    /// About 0 on the film, 0 on bars, specks and ice held within three deviations.
    let image: Image
    /// Usual deviation on the film.
    let noise: Float

    init(_ picture: Image, mask: Image, diameter: Double, look: Look) {
        let masked = picture.combined(with: mask) { $0 * $1 }
        let wide = masked.blurred(sigma: 1.5 * diameter)
        let share = mask.blurred(sigma: 1.5 * diameter)
        let surroundings = wide.combined(with: share) { $1 > 0.02 && $0 > 0 ? $0 / $1 : .infinity }
        let sign: Float = look == .dark ? -1 : 1
        var contrast = picture.combined(with: surroundings) { $1.isFinite ? sign * ($0 / $1 - 1) : 0 }
            .blurred(sigma: 0.06 * diameter)
        if look == .rim { contrast = Self.edges(contrast, mask: mask, diameter: diameter) }
        // A seventh of the pixels tells the spread.
        let film = stride(from: 0, to: contrast.pixels.count, by: contrast.pixels.count > 50_000 ? 7 : 1)
            .filter { mask.pixels[$0] > 0.5 }.map { contrast.pixels[$0] }
        guard !film.isEmpty else {
            (image, noise) = (contrast, 1)
            return
        }
        let ends = Image(width: film.count, height: 1, pixels: film).percentiles([0.16, 0.84])
        let noise = max((ends[1] - ends[0]) / 2, 1e-6)
        self.noise = noise
        image = contrast.combined(with: mask) { min(max($0, -3 * noise), 3 * noise) * $1 }
    }

    /// How steep the picture is, away from the bars, less what is usual.
    private static func edges(_ contrast: Image, mask: Image, diameter: Double) -> Image {
        let smooth = contrast.blurred(sigma: max(0.8, 0.05 * diameter))
        let inner = mask.boxBlurred(radius: 2)
        var result = Image(width: contrast.width, height: contrast.height)
        for y in 1..<max(1, contrast.height - 1) {
            for x in 1..<max(1, contrast.width - 1) {
                let i = y * contrast.width + x
                guard inner.pixels[i] > 0.99 else { continue }
                let dx = smooth.pixels[i + 1] - smooth.pixels[i - 1]
                let dy = smooth.pixels[i + contrast.width] - smooth.pixels[i - contrast.width]
                result.pixels[i] = (dx * dx + dy * dy).squareRoot()
            }
        }
        let usual = result.blurred(sigma: diameter)
        return result.combined(with: usual) { $0 - $1 }
    }
}
