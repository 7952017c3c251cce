import Blocking
import Glibc
import Imaging
import RunModel

/// Frames on their way from the camera to the session's folder.
extension SerialEMMicroscope {
    private static let arrivalDeadline = 60.0
    /// Afterwards nothing comes any more but what a share shows late.
    static let lateArrivalDeadline = 10.0
    private static let arrivalLooks = 0.25
    /// A note beside a movie that is written last may be held for so long by the program that writes it.
    private static let patienceForNotes = 2.0

    /// Where frames are written, as the microscope's computer calls it.
    func framesFolder(of request: ExposureRequest) async throws(MicroscopeError) -> String {
        if let folder = try await framesFolder() { return folder.there }
        return try folderThere(of: request.file)
    }

    /// Waits until a movie is whole, and moves it to where the session has it.
    func bring(
        _ path: String, to file: String, frames: Int, isTold: Bool = true, within deadline: Double = arrivalDeadline
    ) async throws(MicroscopeError) -> ExposureReport {
        var arrival = ArrivingMovie(path: try await pathHere(path), frames: frames, isTold: isTold)
        let time = clock.stopwatch()
        var wholeSince: Double?
        while true {
            var outcome = try await look(&arrival)
            if case .success = outcome {
                wholeSince = wholeSince ?? time()
                let waitsForNotes = time() - (wholeSince ?? 0) < Self.patienceForNotes
                outcome = try await move(arrival, to: file, waitsForNotes: waitsForNotes)
            }
            switch outcome {
            case .success(let movie?): return movie
            case .failure(.held(let error)) where error.isLasting || time() >= deadline:
                throw .movieHeld(path: arrival.path, reason: error.words)
            case .failure(.folderMissing(let folder)): throw .folderMissing(path: folder)
            case .failure(.growing(let reason)) where time() >= deadline:
                throw .fileNotWritten(path: arrival.path, reason: reason)
            case .success(nil), .failure: break
            }
            try await rest(Self.arrivalLooks)
        }
    }

    private func look(_ arrival: inout ArrivingMovie) async throws(MicroscopeError) -> Result<ExposureReport?, NotYet> {
        let before = arrival
        let (now, outcome) = try await withFile(arrival.path) {
            var arrival = before
            let outcome = arrival.look()
            return (arrival, outcome.map { nil as ExposureReport? })
        }
        arrival = now
        return outcome
    }

    /// In the lane of the disk that is written to. `wanted`: how the movie is to be called, but for its ending, which stays the camera's.
    private func move(
        _ movie: ArrivingMovie, to wanted: String, waitsForNotes: Bool
    ) async throws(MicroscopeError) -> Result<ExposureReport?, NotYet> {
        let source = movie.path
        let file = MovieName.stem(of: wanted) + (MovieName.ending(of: source) ?? ".mrc")
        return try await withFile(file, size: .large) {
            do throws(Errno) {
                var remarks: [String] = []
                if source != file {
                    // What is written about it comes first: whoever sees the movie finds the rest.
                    remarks = Self.moveCompanions(of: source, to: file)
                    if waitsForNotes, !remarks.isEmpty { return .success(nil) }
                    try Files.move(source, to: file)
                }
                // Once it is told to be saved, nobody takes it again: it must not go with the power.
                try Files.settle(named: file)
                // A mark that stays says only that the movie was asked for.
                unlink(wanted + ".asked")
                let bytes = try Files.size(file)
                return .success(
                    ExposureReport(frames: movie.count, bytes: bytes, file: file == wanted ? nil : file, remarks: remarks))
            } catch {
                let folder = Files.folder(of: file)
                if error == .noSuchFileOrDirectory, !Files.exists(folder) { return .failure(.folderMissing(folder)) }
                return .failure(error == .resourceBusy ? .growing("it is still being written") : .held(error))
            }
        }
    }

    /// Says what was left behind: a note beside a movie is worth less than the movie. Where two would get one name, the more usual one does.
    private static func moveCompanions(of source: String, to file: String) -> [String] {
        MovieName.companions(of: source, movingTo: file).reversed().compactMap { from, to in
            guard Files.exists(from) else { return nil }
            do throws(Errno) { try Files.move(from, to: to) } catch {
                return "\(from), which was written about the movie, stays where it is, since it cannot be moved: \(error.words)."
            }
            return nil
        }
    }

    /// One that is in its place already, and that nobody is writing to.
    func wholeMovie(_ wanted: String) async throws(MicroscopeError) -> ExposureReport? {
        for path in try await withFile(wanted, { MovieName.candidates(for: wanted).filter(Files.exists) }) {
            guard let movie = try await settled(path) else { continue }
            return ExposureReport(frames: movie.count, bytes: movie.bytes, file: path == wanted ? nil : path)
        }
        return nil
    }

    /// Nil for what is not a whole movie, or still changes.
    private func settled(_ path: String) async throws(MicroscopeError) -> ArrivingMovie? {
        var arrival = ArrivingMovie(path: path, frames: nil, isTold: false)
        for _ in 0...ArrivingMovie.longestStillness {
            let before = arrival
            let (now, isWhole) = try await withFile(path) {
                var arrival = before
                let outcome = arrival.look()
                // Why not is not asked: there is nothing to report then.
                return (arrival, (try? outcome.get()) != nil)
            }
            arrival = now
            if isWhole { return now }
            guard now.isReadable else { return nil }
            try await rest(Self.arrivalLooks)
        }
        return nil
    }

    /// The frames of an exposure where the camera leaves them, as the microscope's computer calls them; or the folder that cannot be read.
    func savedFrames(
        of request: ExposureRequest
    ) async throws(MicroscopeError) -> (path: String?, unreadable: String?) {
        let folder = try await framesFolder(of: request)
        let here = try await pathHere(folder)
        let name = request.name
        let names = try await withFile(here) { Result { () throws(Errno) in try Files.names(in: here) } }
        do throws(Errno) {
            let found = try names.get().first { MovieName.ending(of: $0) != nil && MovieName.base(of: $0) == name }
            return (found.map { PathMap.join(folder, $0) }, nil)
        } catch {
            return (nil, here)
        }
    }
}

extension Errno {
    /// Trying again a moment later does not help.
    fileprivate var isLasting: Bool {
        switch self {
        case .noSpace, .diskQuotaExceeded, .readOnlyFileSystem, .isDirectory, .notDirectory, .fileNameTooLong, .fileTooLarge: true
        default: false
        }
    }
}
