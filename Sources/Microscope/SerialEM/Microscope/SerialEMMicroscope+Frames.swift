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
        _ path: String, to file: String, frames: Int, within deadline: Double = arrivalDeadline
    ) async throws(MicroscopeError) -> ExposureReport {
        let source = try await pathHere(path)
        var (waited, arrival) = (0.0, ArrivingMovie(path: source, frames: frames))
        while true {
            let (before, isPatient) = (arrival, waited < Self.patienceForNotes)
            let (now, moved) = try await withFile(source) {
                var arrival = before
                let moved = arrival.look().flatMap { _ in Self.move(arrival, to: file, waitsForNotes: isPatient) }
                return (arrival, moved)
            }
            arrival = now
            switch moved {
            case .success(let movie): return movie
            case .failure(let reason) where waited >= deadline:
                throw .fileNotWritten(path: source, reason: reason.text)
            case .failure: break
            }
            try await rest(Self.arrivalLooks)
            waited += Self.arrivalLooks
        }
    }

    /// On a thread that may block. `wanted`: how the movie is to be called, but for its ending, which stays the camera's.
    private static func move(
        _ movie: ArrivingMovie, to wanted: String, waitsForNotes: Bool
    ) -> Result<ExposureReport, NotYet> {
        let source = movie.path
        let file = MovieName.stem(of: wanted) + (MovieName.ending(of: source) ?? ".mrc")
        var remarks: [String] = []
        do throws(Errno) {
            if source != file {
                // What is written about it comes first: whoever sees the movie finds the rest.
                remarks = moveCompanions(of: source, to: file)
                if waitsForNotes, let remark = remarks.first { return .failure(NotYet(text: remark)) }
                try Files.move(source, to: file)
            }
        } catch {
            let isBusy = error == .resourceBusy
            return .failure(NotYet(text: isBusy ? "it is still being written" : "it cannot be moved: \(error.words)"))
        }
        unlink(wanted + ".asked")
        do throws(Errno) {
            return .success(
                ExposureReport(
                    frames: movie.count, bytes: try Files.size(file), file: file == wanted ? nil : file, remarks: remarks))
        } catch {
            return .failure(NotYet(text: "it has gone"))
        }
    }

    /// Says what was left behind: a note beside a movie is worth less than the movie. Of two with one place to go the first stays there.
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
        var arrival = ArrivingMovie(path: path, frames: nil)
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
