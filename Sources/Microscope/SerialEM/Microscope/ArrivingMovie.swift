import Blocking
import Imaging

/// Why a movie is not there yet.
enum NotYet: Error, Equatable {
    /// It is not whole, or somebody writes to it.
    case growing(String)
    /// It is whole, and was kept from being moved.
    case held(Errno)
    /// It is whole, and the folder that it goes to is not there.
    case folderMissing(String)
}

/// A movie that is being written, looked at again and again until it is whole.
///
/// An MRC header tells how long its file becomes, so all its frames are all there is. A TIFF chain of frames ends properly after each one
/// of them: the camera program's number tells that all are there, a second look that the last one is finished. Nobody knows beforehand how
/// many frames of electrons (EER) will come, so their file must not have changed for a second.
struct ArrivingMovie: Sendable {
    let path: String
    /// How many make it whole; nil where nobody knows.
    let frames: Int?
    /// The camera program says so, after the exposure.
    let isTold: Bool
    /// Of the last look: frames and bytes, and whether it could be opened.
    private(set) var count = 0
    private(set) var bytes = 0
    private(set) var isReadable = false
    private var mark: Files.Mark?
    /// Looks in a row that found the same file.
    private var stillness = 0

    /// For how many looks a file must not have changed where nobody says how many frames it gets.
    static let longestStillness = 4

    init(path: String, frames: Int?, isTold: Bool) { (self.path, self.frames, self.isTold) = (path, frames, isTold) }

    /// On a thread that may block.
    mutating func look() -> Result<Void, NotYet> {
        // One that cannot be asked about cannot be opened either, which says why.
        let before = try? Files.mark(path)
        stillness = before == mark ? stillness + 1 : 0
        (mark, isReadable) = (before, false)
        let movie: any MovieSource
        do throws(ImagingError) { movie = try MovieFile.open(path: path) } catch {
            return .failure(.growing(error.sentence))
        }
        (count, bytes, isReadable) = (movie.rawFrameCount, before?.bytes ?? 0, true)
        if let frames, !movie.isComplete(of: frames) { return .failure(.growing("it holds \(count) of \(frames) frames")) }
        guard stillness >= needed(movie) else { return .failure(.growing("it is still being written")) }
        return .success(())
    }

    private func needed(_ movie: any MovieSource) -> Int {
        // Some programs count up in a header while they write.
        guard isTold else { return Self.longestStillness }
        return switch movie {
        case is EERFile: Self.longestStillness
        case is TIFFFile: 1
        default: 0
        }
    }
}
