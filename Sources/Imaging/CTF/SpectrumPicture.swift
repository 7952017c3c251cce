import Glibc

extension PowerSpectrum {
    /// The rings as a person wants to see them: background flattened, faint rings lifted to the strength of the strong ones.
    ///
    /// With a `model` the left half shows its rings instead, so that a wrong fit is seen where the halves meet.
    public func picture(size shown: Int = 512, lowest: Double = 1.0 / 60, model: CTFModel? = nil) -> Picture {
        let flat = FlattenedSpectrum(self, lowest: lowest)
        // Noise is smoothed away as far as the narrowest rings bear it; padding widens grains and rings alike.
        let calm = flat.residual.blurred(sigma: min(4, 1.2 * oversampling))
        let square = calm.mapped { $0 * $0 }.boxBlurred(radius: max(4, size / 24))
        // Most of the plane is noise: it stays dimmer than rings.
        let noise = square.median
        let even = calm.combined(with: square) { $1 > 0 ? $0 / ($1 + 3 * noise).squareRoot() : 0 }
        let smooth = even.resized(toFit: shown)
        let ends = smooth.percentiles([0.03, 0.985])
        guard let model else { return Thumbnail.picture(smooth, black: ends[0], white: ends[1]) }
        let halves = half(smooth, model, black: ends[0], white: ends[1])
        return Thumbnail.picture(halves, black: ends[0], white: ends[1])
    }

    /// The left half of `plane` replaced by the square of the transfer, up to the frequency where its rings blur into one.
    private func half(_ plane: Image, _ model: CTFModel, black: Float, white: Float) -> Image {
        var result = plane
        let (middle, middleY) = (plane.width / 2, plane.height / 2)
        let scale = step * Double(size) / Double(plane.width)
        for y in 0..<plane.height {
            for x in 0..<middle {
                let (gx, gy) = (Double(x - middle) * scale, Double(y - middleY) * scale)
                let value = model.value(gx: gx, gy: gy)
                let share = isResolved(model, frequency: hypot(gx, gy)) ? Float(value * value) : 0.5
                result.pixels[y * plane.width + x] = black + share * (white - black)
            }
        }
        return result
    }

    /// Rings of less than three pixels would draw patterns of their own.
    private func isResolved(_ model: CTFModel, frequency g: Double) -> Bool {
        let slope = 2 * model.wavelength * g * abs(model.meanDefocus - model.wavelength * model.wavelength * model.cs * g * g)
        return slope * step * 3 < 1
    }
}
