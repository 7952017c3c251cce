/// What every frame of a camera is multiplied with, read from the file that its program wrote.
public enum GainReference {
    public enum Flip: String, Sendable, CaseIterable {
        case none
        /// Left and right change places.
        case x
        /// Top and bottom change places.
        case y
    }

    /// A camera with more dead pixels than one in so many is not one that can be corrected.
    private static let fewestGood = 10

    /// Reads MRC, TIFF, a Falcon's `.gain` or DigitalMicrograph's file.
    ///
    /// `rotation`: quarter turns counter-clockwise as seen with row 0 at the bottom, as RELION's `--gain_rot` turns; then `flip`. Both are compared
    /// as pictures: a TIFF movie's frames and a TIFF reference are turned over in reading, MRC files are not. `rotationAndFlip`: how the
    /// frames were turned against the camera, as SerialEM counts it, for a reference that nothing else is told about.
    ///
    /// Frames are multiplied. For single electrons only a `.gain` is; any other reference of them is a picture of even light, by which they
    /// are divided, as RELION has it. One that is finer than the movie is binned as the movie was, one that is half as fine counts for four
    /// pixels each.
    /// Pixels without a positive number become 0, which marks them as dead.
    public static func load(
        path: String, rotation: Int = 0, flip: Flip = .none, rotationAndFlip: Int = 0, for movie: some MovieSource
    ) throws(ImagingError) -> Image {
        let file = try MovieFile.open(path: path)
        var image = try file.frame(0)
        let (isEER, isFalcon) = (movie is EERFile, path.lowercased().hasSuffix(".gain"))
        // A movie of electrons is not turned over in reading, so what belongs to its camera is not either.
        if isEER, isFalcon { image = turned(image, 0, .y) }
        image = turned(turned(image, rotationAndFlip), rotation, flip)
        let isTurned = (rotation + rotationAndFlip) % 2 != 0
        image = image.mapped { $0 > 0 && $0 < 1e15 ? $0 : 0 }
        guard let fitted = fitted(image, width: movie.width, height: movie.height) else {
            throw .gainDiffers(
                gain: path, size: "\(image.width) x \(image.height)\(isTurned ? " when turned" : "")", movie: movie.path,
                movieSize: "\(movie.width) x \(movie.height)")
        }
        let gain = isEER && !isFalcon ? inverted(fitted) : fitted
        let dead = gain.pixels.reduce(0) { $0 + ($1 > 0 ? 0 : 1) }
        guard dead * fewestGood <= gain.pixels.count else {
            throw .holdsNoPicture(file: path, detail: "\(dead) of its \(gain.pixels.count) pixels have no positive number")
        }
        return gain
    }

    /// In the movie's size; nil where the two do not show the same area.
    private static func fitted(_ image: Image, width: Int, height: Int) -> Image? {
        let (own, movie) = (PixelCount(image.width, image.height), PixelCount(width, height))
        guard own.fits(movie) else { return nil }
        let binning = own.binning(to: movie)
        if binning == 1 { return image }
        var result = Image(width: width, height: height)
        for y in 0..<height {
            for x in 0..<width {
                result[x, y] = binning.map { mean(image, x * $0, y * $0, $0) } ?? image[x / 2, y / 2]
            }
        }
        return result
    }

    /// Of those pixels of a square that are not dead.
    private static func mean(_ image: Image, _ left: Int, _ bottom: Int, _ side: Int) -> Float {
        var (sum, good) = (Float(0), 0)
        for y in bottom..<bottom + side {
            for x in left..<left + side where image[x, y] > 0 { (sum, good) = (sum + image[x, y], good + 1) }
        }
        return good > 0 ? sum / Float(good) : 0
    }

    private static func inverted(_ light: Image) -> Image {
        let good = light.pixels.lazy.filter { $0 > 0 }
        let mean = Float(good.reduce(0.0) { $0 + Double($1) } / Double(max(1, good.count)))
        return light.mapped { $0 > 0 ? mean / $0 : 0 }
    }

    /// SerialEM's operation: 4 mirrors left to right first, its rest of 4 turns counter-clockwise, 8 mirrors left to right at the end.
    private static func turned(_ image: Image, _ operation: Int) -> Image {
        let mirrored = operation & 4 != 0 ? turned(image, 0, .x) : image
        return turned(mirrored, operation & 3, operation & 8 != 0 ? .x : .none)
    }

    private static func turned(_ image: Image, _ rotation: Int, _ flip: Flip) -> Image {
        var result = image
        for _ in 0..<((4 - rotation % 4) % 4) { result = result.quarterTurned() }
        switch flip {
        case .none: return result
        case .x: return result.mirrored { x, y in (result.width - 1 - x, y) }
        case .y: return result.mirrored { x, y in (x, result.height - 1 - y) }
        }
    }
}

extension Image {
    fileprivate func mirrored(_ place: (Int, Int) -> (Int, Int)) -> Image {
        var result = self
        for y in 0..<height {
            for x in 0..<width {
                let (from, row) = place(x, y)
                result.pixels[y * width + x] = pixels[row * width + from]
            }
        }
        return result
    }
}
