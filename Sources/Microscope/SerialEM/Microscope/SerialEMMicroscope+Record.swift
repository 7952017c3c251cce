import Blocking
import Glibc
import RunModel

/// Record exposures and their frames.
extension SerialEMMicroscope {
    /// A mark on this computer's disk says that SerialEM was asked, before it is asked: it outlives both programs.
    public func record(_ request: ExposureRequest) async throws(MicroscopeError) -> ExposureReport {
        try await checkBeam()
        try await setFrames(of: request)
        try await mark(request)
        do throws(MicroscopeError) {
            try await call(.record, taking: SerialEMCommand.record.row.usual + request.exposureTime)
        } catch {
            throw try await withoutMark(error, request)
        }
        let frames = try await call(.reportNumFramesSaved).count(0)
        let path = try await call(.reportLastFrameFile).text(0)
        guard MovieName.base(of: path) == request.name else {
            throw .fileNotWritten(
                path: path, reason: "SerialEM did not save frames under the name of this exposure, \(request.name), and no more")
        }
        let movie = try await bring(path, to: request.file, frames: frames)
        return ExposureReport(
            frames: movie.frames, bytes: movie.bytes, reading: try await reading(), file: movie.file, remarks: movie.remarks)
    }

    private func setFrames(of request: ExposureRequest) async throws(MicroscopeError) {
        let folder = try await framesFolder(of: request)
        if !state.withLock({ $0.savesFrames }) {
            // Whatever was set by hand: cut into frames, and the frames saved. Undone when control ends.
            try await call(.setDoseFracParams, .text("R"), .integer(1), .integer(1))
            state.withLock { $0.savesFrames = true }
        }
        if state.withLock({ $0.framesFolder }) != folder {
            try await makeThere(folder)
            try await call(.setFolderForFrames, .text(folder))
            state.withLock { $0.framesFolder = folder }
        }
        try await call(.setExposure, .text("R"), .real(request.exposureTime))
        try await call(.setFrameBaseName, .integer(1), .integer(1), .integer(0), .text(request.name))
    }

    /// A command that the gate kept back was not sent, and a refusal that names the valves came before the shutter: then the mark says too
    /// much.
    private func withoutMark(
        _ problem: MicroscopeError, _ request: ExposureRequest
    ) async throws(MicroscopeError) -> MicroscopeError {
        if problem == .notHeld {
            await unmark(request)
            return problem
        }
        guard case .refused(let reason) = problem, reason.lowercased().contains("valve"), try await !areValvesOpen() else {
            return problem
        }
        await unmark(request)
        return .valveClosed
    }

    private func unmark(_ request: ExposureRequest) async {
        let mark = request.mark
        // A mark that stays only leads to a question.
        _ = try? await withFile(mark) { unlink(mark) }
    }

    private func mark(_ request: ExposureRequest) async throws(MicroscopeError) {
        let path = request.mark
        let name = request.name
        // A store that was put back from a copy has forgotten it.
        if try await isMarked(request) {
            throw .fileNotWritten(path: path, reason: "an exposure of this name was asked for before")
        }
        // Whatever kept it from being written, what follows from that is the same.
        guard try await withFile(path, { (try? Files.write(name, to: path)) != nil }) else {
            throw .fileNotWritten(path: path, reason: "without it nobody could tell later whether the exposure was asked for")
        }
    }

    /// Mean, deviation, least and greatest of the summed image.
    private func reading() async throws(MicroscopeError) -> CameraReading {
        let counts = try await call(.reportMeanCounts, .text("A"), .integer(2)).numbers(4)
        return CameraReading(mean: counts[0], deviation: counts[1], minimum: counts[2], maximum: counts[3])
    }

    /// Without its mark an exposure was never asked for. With it only whole frames can tell: SerialEM keeps no record that outlives it.
    public func evidence(of request: ExposureRequest) async throws(MicroscopeError) -> ExposureEvidence {
        if let report = try await wholeMovie(request.file) { return .saved(report) }
        let frames = try await savedFrames(of: request)
        if let path = frames.path {
            do throws(MicroscopeError) {
                let told = try await frameCount(of: request)
                return .saved(
                    try await bring(
                        path, to: request.file, frames: told ?? request.frames, isTold: told != nil,
                        within: Self.lateArrivalDeadline))
            } catch {
                // One that is whole and cannot be moved is no question.
                guard case .fileNotWritten = error else { throw error }
                return .cannotTell
            }
        }
        guard try await isMarked(request) else { return .notTaken }
        // Frames that were saved may lie in a folder that nobody could look into.
        if let folder = frames.unreadable { throw .folderMissing(path: folder) }
        return .cannotTell
    }

    private func isMarked(_ request: ExposureRequest) async throws(MicroscopeError) -> Bool {
        let mark = request.mark
        let isThere = try await withFile(mark) { Result { () throws(Errno) in try Files.isThere(mark) } }
        do throws(Errno) { return try isThere.get() } catch { throw .folderMissing(path: Files.folder(of: mark)) }
    }

    /// What SerialEM says of its last movie; nil where that is another.
    private func frameCount(of request: ExposureRequest) async throws(MicroscopeError) -> Int? {
        do throws(MicroscopeError) {
            guard MovieName.base(of: try await call(.reportLastFrameFile).text(0)) == request.name else { return nil }
            return try await call(.reportNumFramesSaved).count(0)
        } catch {
            // A SerialEM that was started again has saved nothing yet, and says so.
            guard error.isRefusal else { throw error }
            return nil
        }
    }
}

extension ExposureRequest {
    /// Stands beside the movie from the moment SerialEM is asked for it until the movie is there.
    var mark: String { file + ".asked" }
}
