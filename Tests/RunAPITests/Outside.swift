import Engine
import Foundation
import Processing
import RunModel
import Synchronization

/// Files, lock files, processes and jobs of the bench.
final class Outside: RunFiles, LockFiles, ProcessTable, TargetFinder, JobRunner {
    private let root: String
    private let held = Mutex<[MicroscopeID: LockHolder]>([:])

    init(root: String) { self.root = root }

    let this = ProcessIdentity(host: "bench", pid: 4711, bootID: "boot", start: 1)
    let width = 1

    func liveness(of identity: ProcessIdentity) -> Liveness { identity == this ? .alive : .gone }

    func takeFolder(
        _ relative: String, for owner: FolderOwner, _ taking: FolderTaking
    ) async throws(RunFileError) -> SessionFolder {
        try await makeDirectories([relative])
        return SessionFolder(device: 1, inode: 1)
    }
    func checkFolder(_ relative: String, _ folder: SessionFolder?, of owner: FolderOwner) async throws(RunFileError) {}
    func inner(_ folders: [String], of session: String) async throws(RunFileError) -> [InnerFolder] { [] }
    func makeDirectories(_ paths: [String]) async throws(RunFileError) {
        for relative in paths {
            do {
                try FileManager.default.createDirectory(atPath: path(relative), withIntermediateDirectories: true)
            } catch {
                throw .cannotMake(path: relative, reason: "\(error)")
            }
        }
    }

    func path(_ relative: String) -> String { "\(root)/\(relative)" }
    func movie(at path: String, frames: Int) async -> MovieOnDisk? { nil }
    func names(in relative: String) async throws(RunFileError) -> [String] { [] }
    func append(_ text: String, to relative: String) async throws(RunFileError) {}
    func space(at path: String) async throws(RunFileError) -> DiskSpace { DiskSpace(totalBytes: 1 << 43, freeBytes: 1 << 42) }

    func create(_ holder: LockHolder, for microscope: MicroscopeID) async throws(RunFileError) -> Bool {
        held.withLock { held in
            guard held[microscope] == nil else { return false }
            held[microscope] = holder
            return true
        }
    }
    func read(_ microscope: MicroscopeID) async -> LockFileContent? { held.withLock { $0[microscope] }.map { .holder($0) } }
    func remove(_ microscope: MicroscopeID) async throws(RunFileError) { held.withLock { $0[microscope] = nil } }
    func remove(_ holder: LockHolder, of microscope: MicroscopeID) async throws(RunFileError) {
        held.withLock { if $0[microscope] == holder { $0[microscope] = nil } }
    }
    func setAside(_ microscope: MicroscopeID) async throws(RunFileError) { held.withLock { $0[microscope] = nil } }

    func makePicture(of file: String, into picture: String) async throws(FinderProblem) {}
    func squares(on atlas: MapImage, at path: String) async throws(FinderProblem) -> [FoundTarget] { [] }
    func holes(
        on square: MapImage, at path: String, holeType: HoleType?, pattern: Recipe.TargetPattern
    ) async throws(FinderProblem) -> [FoundTarget] { [] }
    func match(
        _ look: MapImage, with atlas: MapImage, at paths: (look: String, atlas: String)
    ) async throws(FinderProblem) -> FoundPlacement { throw FinderProblem(sentence: "No grid is matched here.") }
    func holeCentre(on hole: MapImage, at path: String, size: Length) async throws(FinderProblem) -> PixelPoint? { nil }
    func process(_ job: MovieJob) async throws(JobProblem) -> RunModel.Measurement { throw JobProblem(sentence: "No jobs here.") }
}
