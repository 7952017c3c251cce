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

    /// Reads MRC, TIFF or `.gain` (TIFF that holds sensitivities, by which frames are divided).
    ///
    /// `rotation`: quarter turns counter-clockwise as seen with row 0 at the bottom, as RELION's `--gain_rot` turns; then `flip`. `movie` is what it has to fit. Both are compared
    /// as pictures: a TIFF movie's frames and a TIFF reference are turned over in reading, MRC files are not. Pixels without a positive
    /// number become 0, which marks them as dead.
    public static func load(path: String, rotation: Int = 0, flip: Flip = .none, for movie: some MovieSource) throws(ImagingError)
        -> Image
    {
        let file = try MovieFile.open(path: path)
        let isTurned = rotation % 2 != 0
        let (width, height) = isTurned ? (file.height, file.width) : (file.width, file.height)
        guard width == movie.width, height == movie.height else {
            throw .gainDiffers(
                gain: path, size: "\(width) x \(height)\(isTurned ? " when turned" : "")", movie: movie.path,
                movieSize: "\(movie.width) x \(movie.height)")
        }
        let image = turned(try file.frame(0), rotation, flip)
        let isSensitivity = path.lowercased().hasSuffix(".gain")
        let gain = image.mapped { $0 > 0 && $0 < 1e15 ? isSensitivity ? 1 / $0 : $0 : 0 }
        let dead = gain.pixels.reduce(0) { $0 + ($1 > 0 ? 0 : 1) }
        guard dead * fewestGood <= gain.pixels.count else {
            throw .holdsNoPicture(file: path, detail: "\(dead) of its \(gain.pixels.count) pixels have no positive number")
        }
        return gain
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
