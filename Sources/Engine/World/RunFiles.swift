import Blocking
import RunModel

/// The files a run asks about and makes. Calls may hang on a dead network disk, so they are asynchronous and have deadlines.
public protocol RunFiles: Sendable {
    /// Makes a session's folder, or finds the one that it has, and says by what it is known again.
    func takeFolder(
        _ relative: String, for owner: FolderOwner, _ taking: FolderTaking
    ) async throws(RunFileError) -> SessionFolder
    /// Whether a session's folder is still the same, its own, and may be written; `folder` is nil where it was not taken here before.
    func checkFolder(_ relative: String, _ folder: SessionFolder?, of owner: FolderOwner) async throws(RunFileError)
    /// Of folders below a session's, relative to the data directory, those that are there. One that may not be written is the reason why nothing
    /// can be.
    func inner(_ folders: [String], of session: String) async throws(RunFileError) -> [InnerFolder]
    /// Makes `raw`, `png` and `movies` below a grid's directory.
    func makeDirectories(_ paths: [String]) async throws(RunFileError)
    /// Absolute path of one that is relative to the data directory.
    func path(_ relative: String) -> String
    /// What a movie's file holds: nil when its folder has none, 0 frames when it is not whole. A disk that does not answer says neither, nor does
    /// a folder that is not there.
    func movie(at path: String, frames: Int) async throws(RunFileError) -> MovieOnDisk?
    /// What a folder holds.
    func names(in relative: String) async throws(RunFileError) -> [String]
    /// Adds lines to a text file, relative to the data directory, in a session's folder that is there.
    func append(_ text: String, to relative: String) async throws(RunFileError)
    /// Space on the disk that holds a path.
    func space(at path: String) async throws(RunFileError) -> DiskSpace
}

/// A movie as its file has it. `isWhole`: every frame that was asked for is there.
public struct MovieOnDisk: Hashable, Sendable {
    public var isWhole: Bool
    public var frames: Int
    public var bytes: Int
    /// Where it is; nil where it was asked for. A camera ends its files in its own way.
    public var file: String?
    public init(isWhole: Bool, frames: Int, bytes: Int, file: String? = nil) {
        self.file = file
        self.isWhole = isWhole
        self.frames = frames
        self.bytes = bytes
    }
}

/// What a disk holds and what of it a user may still write, in bytes.
public struct DiskSpace: Hashable, Sendable {
    public var totalBytes: Int
    public var freeBytes: Int
    /// The system's number of the device.
    public var device: Int?
    public init(totalBytes: Int, freeBytes: Int, device: Int? = nil) {
        self.totalBytes = totalBytes
        self.freeBytes = freeBytes
        self.device = device
    }
}

/// What can be wrong with a directory that a run needs.
public enum RunFileError: Explained, Hashable {
    case cannotMake(path: String, reason: String)
    case cannotMeasure(path: String, reason: String)
    /// There may be room for bytes and none for another file.
    case noFilesLeft(path: String)
    /// A folder that should be there is not: its disk may not be mounted.
    case missing(path: String)
    /// Another folder stands under the path of a session's, or it lies on another disk now.
    case folderChanged(path: String)
    /// A session's folder belongs to another session; `by` is its name, where that is known.
    case folderTaken(path: String, by: String?)
    case folderUnusable(path: String, reason: String)
    /// A movie that is whole and cannot be brought to where it belongs.
    case movieHeld(path: String, reason: String)
    /// `for`: how long the disk has been silent, where that is known.
    case noAnswer(path: String, for: Duration? = nil)

    public var code: String {
        switch self {
        case .cannotMake: "files.cannotMake"
        case .cannotMeasure: "files.cannotMeasure"
        case .noFilesLeft: "files.noFilesLeft"
        case .missing: "files.missing"
        case .folderChanged: "files.folderChanged"
        case .folderTaken: "files.folderTaken"
        case .folderUnusable: "files.folderUnusable"
        case .movieHeld: "files.movieHeld"
        case .noAnswer: "files.noAnswer"
        }
    }
    public var sentence: String {
        switch self {
        case .cannotMake(let path, let reason): "The directory \(path) could not be made: \(reason)."
        case .cannotMeasure(let path, let reason): "The space at \(path) could not be read: \(reason)."
        case .noFilesLeft(let path): "The disk that holds \(path) takes no more files, however small: its table of files is full."
        case .missing(let path): "The folder \(path) is not there."
        case .folderChanged(let path): "Another folder stands at \(path) now: it is not the one that this session writes to."
        case .folderTaken(let path, let name?): "The folder \(path) belongs to the session \(name)."
        case .folderTaken(let path, nil): "The folder \(path) is there already, and has files in it that are not this session's."
        case .folderUnusable(let path, let reason): "The folder \(path) cannot be used: \(reason)."
        case .movieHeld(let path, let reason): "The movie \(path) is whole and cannot be moved into its session: \(reason)."
        case .noAnswer(let path, nil): "The disk that holds \(path) does not answer."
        case .noAnswer(let path, let silence?): BlockingProblem.silent("disk at \(path)", for: silence).sentence
        }
    }
    public var remedy: String? {
        switch self {
        case .cannotMake: "Check that the data directory exists and may be written to."
        case .movieHeld: "Make room on the session's disk, or let the server write there."
        case .folderChanged: "Check that its disk is mounted; if this folder is the right one, continue."
        case .folderTaken: "Choose another name, or move that folder away."
        case .folderUnusable: "Check that the disk is mounted, and that the server may write there."
        case .noFilesLeft: "Remove files that are not needed from this disk."
        case .cannotMeasure, .missing, .noAnswer: "Check that the disk is mounted."
        }
    }
}

extension RunFileError {
    /// About `path`, which the caller named: operators know it better than the place where its disk is mounted.
    init(_ problem: BlockingProblem, about path: String) {
        if case .silent(_, let silence) = problem {
            self = .noAnswer(path: path, for: silence)
        } else {
            self = .noAnswer(path: path)
        }
    }
}
