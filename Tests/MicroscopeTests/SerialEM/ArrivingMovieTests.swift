import Blocking
import Foundation
import Imaging
import RunModel
import SerialEMSimulator
import Simulator
import TestSupport
import Testing

@testable import Microscope

/// Movies that are on their way from the camera's folder into the session's.
@Suite struct ArrivingMovieTests {
    private func ready(_ bench: WireBench) throws {
        try bench.run { scope in
            try await scope.connect(greeting: "test")
            try await scope.load(slot: 1)
            try await scope.setValves(open: true)
        }
    }

    private func request(_ bench: WireBench, file: String) -> ExposureRequest {
        ExposureRequest(
            name: "s1-1-grid_4_7_1", file: bench.folder.path(of: file), frames: 2, exposureTime: 0.48, dose: 8)
    }

    @Test(arguments: [(FrameKind.tiff, ".tif"), (.eer, ".eer")])
    func `whatever the camera saves is brought, with what is written beside it`(kind: FrameKind, ending: String) throws {
        let bench = try WireBench(size: 128, frames: kind)
        try ready(bench)
        let request = request(bench, file: "s1-1-grid_4_7_1.mrc")
        let report = try bench.run { try await $0.record(request) }
        let file = bench.folder.path(of: "s1-1-grid_4_7_1\(ending)")
        #expect(report.file == file && report.frames >= 2)
        #expect(try Self.frames(file) == report.frames)
        #expect(Files.exists(file + ".mdoc") && !Files.exists(request.file) && !Files.exists(request.file + ".asked"))
        let again = try bench.run { try await $0.evidence(of: request) }
        guard case .saved(let found) = again else {
            Issue.record("the movie is there")
            return
        }
        #expect(found.file == file && found.frames == report.frames)
    }

    @Test func `a movie of electrons that still grows is left until it has stood still`() throws {
        let bench = try WireBench(
            link: [SerialEMFault(.hangUp, command: "ReportNumFramesSaved")], size: 128, frames: .eer)
        try ready(bench)
        let request = request(bench, file: "m.mrc")
        #expect(try bench.problem { _ = try await $0.record(request) }?.losesLink == true)
        let source = "\(bench.folder.path)/scope/C/GridPilot/\(request.name).eer"
        try #require(Files.exists(source))
        let clock = bench.executor.clock
        try Self.write(camera: 8, to: source)
        bench.executor.start {
            for part in 2...6 {
                // Longer than the time between two looks.
                try await clock.sleep(for: .milliseconds(600))
                try Self.write(camera: 8 * part, to: source)
            }
        }
        try bench.run { try await $0.connect(greeting: "again") }
        #expect(try bench.run { try await $0.evidence(of: request) }.frames == 48)
        #expect(try Self.frames(bench.folder.path(of: "m.eer")) == 48 && !Files.exists(source))
    }

    @Test func `a movie that grows where it belongs is left until it has stood still, too`() throws {
        let bench = try WireBench(size: 128)
        try ready(bench)
        let (request, clock) = (request(bench, file: "m.mrc"), bench.executor.clock)
        let frame = Image(width: 16, height: 16, filledWith: 1)
        try MRCFile.write([frame], to: request.file)
        bench.executor.start {
            for frames in 2...6 {
                try await clock.sleep(for: .milliseconds(600))
                try MRCFile.write(Array(repeating: frame, count: frames), to: request.file)
            }
        }
        // Nobody has asked for it: while it grows there is nothing to report.
        #expect(try bench.run { try await $0.evidence(of: request) } == .notTaken)
        bench.executor.run(for: .seconds(5))
        #expect(try bench.run { try await $0.evidence(of: request) }.frames == 6)
    }

    @Test func `a movie of electrons that was cut off is never taken, and stays`() throws {
        let bench = try WireBench(
            link: [SerialEMFault(.hangUp, command: "ReportNumFramesSaved")], size: 128, frames: .eer)
        try ready(bench)
        let request = request(bench, file: "m.mrc")
        #expect(try bench.problem { _ = try await $0.record(request) }?.losesLink == true)
        let source = "\(bench.folder.path)/scope/C/GridPilot/\(request.name).eer"
        #expect(truncate(source, off_t(try Files.size(source) - 9)) == 0)
        try bench.run { try await $0.connect(greeting: "again") }
        #expect(try bench.run { try await $0.evidence(of: request) } == .cannotTell)
        #expect(Files.exists(source) && !Files.exists(bench.folder.path(of: "m.eer")))
    }

    @Test func `a note beside the movie that cannot be moved is left behind with a word, and the movie comes`() throws {
        let bench = try WireBench(size: 128, frames: .tiff)
        try ready(bench)
        let request = request(bench, file: "m.mrc")
        try Files.makeDirectories(bench.folder.path(of: "m.tif.mdoc/in its place"))
        let report = try bench.run { try await $0.record(request) }
        let note = "\(bench.folder.path)/scope/C/GridPilot/\(request.name).tif.mdoc"
        #expect(try Self.frames(bench.folder.path(of: "m.tif")) == 2 && Files.exists(note))
        #expect(
            report.remarks == [
                "\(note), which was written about the movie, stays where it is, since it cannot be moved: is a directory."
            ])
    }

    @Test func `a note that its program still holds is waited for`() throws {
        let bench = try WireBench(
            link: [SerialEMFault(.hangUp, command: "ReportNumFramesSaved")], size: 128, frames: .tiff)
        try ready(bench)
        let request = request(bench, file: "m.mrc")
        #expect(try bench.problem { _ = try await $0.record(request) }?.losesLink == true)
        let (note, clock) = (bench.folder.path(of: "m.tif.mdoc"), bench.executor.clock)
        try Files.makeDirectories(note)
        try bench.run { try await $0.connect(greeting: "again") }
        bench.executor.start {
            try await clock.sleep(for: .seconds(1))
            rmdir(note)
        }
        let evidence = try bench.run { try await $0.evidence(of: request) }
        #expect(evidence.frames == 2 && evidence.remarks.isEmpty)
        #expect(Files.status(note)?.type == .regular)
    }

    @Test func `a note that its program still holds when the movie is whole at last is waited for`() throws {
        let bench = try WireBench(
            link: [SerialEMFault(.hangUp, command: "ReportNumFramesSaved")], size: 128, frames: .eer)
        try ready(bench)
        let request = request(bench, file: "m.mrc")
        #expect(try bench.problem { _ = try await $0.record(request) }?.losesLink == true)
        let source = "\(bench.folder.path)/scope/C/GridPilot/\(request.name).eer"
        let (note, clock) = (bench.folder.path(of: "m.eer.mdoc"), bench.executor.clock)
        try Files.makeDirectories(note)
        try Self.write(camera: 8, to: source)
        bench.executor.start {
            for part in 2...6 {
                try await clock.sleep(for: .milliseconds(600))
                try Self.write(camera: 8 * part, to: source)
            }
            // It has stood still for a second by then.
            try await clock.sleep(for: .seconds(2))
            rmdir(note)
        }
        try bench.run { try await $0.connect(greeting: "again") }
        let evidence = try bench.run { try await $0.evidence(of: request) }
        #expect(evidence.frames == 48 && evidence.remarks.isEmpty)
        #expect(Files.status(note)?.type == .regular)
    }

    @Test func `a whole movie that cannot be moved is told as such at once, and comes when it can`() throws {
        let bench = try WireBench(size: 128)
        try ready(bench)
        let request = request(bench, file: "m.mrc")
        try Files.makeDirectories(request.file)
        let source = "\(bench.folder.path)/scope/C/GridPilot/\(request.name).mrc"
        let held = MicroscopeError.movieHeld(path: source, reason: "is a directory")
        #expect(try bench.problem { _ = try await $0.record(request) } == held)
        #expect(try bench.problem { _ = try await $0.evidence(of: request) } == held)
        rmdir(request.file)
        #expect(try bench.run { try await $0.evidence(of: request) }.frames == 2)
        #expect(try Self.frames(request.file) == 2 && !Files.exists(source))
    }

    @Test func `a folder of the session that is gone is named, and the movie stays`() throws {
        let bench = try WireBench(
            link: [SerialEMFault(.hangUp, command: "ReportNumFramesSaved")], size: 128)
        try ready(bench)
        let request = request(bench, file: "movies/m.mrc")
        let folder = bench.folder.path(of: "movies")
        try Files.makeDirectories(folder)
        #expect(try bench.problem { _ = try await $0.record(request) }?.losesLink == true)
        try Files.rename(folder, to: folder + ".away")
        try bench.run { try await $0.connect(greeting: "again") }
        #expect(try bench.problem { _ = try await $0.evidence(of: request) } == .folderMissing(path: folder))
        try Files.rename(folder + ".away", to: folder)
        #expect(try bench.run { try await $0.evidence(of: request) }.frames == 2)
    }

    @Test func `where nobody says how many frames there are, a movie must stand still before it is taken`() throws {
        let bench = try WireBench(
            link: [SerialEMFault(.hangUp, command: "ReportNumFramesSaved")], size: 128, frames: .tiff)
        try ready(bench)
        let request = request(bench, file: "m.mrc")
        #expect(try bench.problem { _ = try await $0.record(request) }?.losesLink == true)
        // Another exposure has come since.
        let later = ExposureRequest(
            name: "s1-1-grid_4_7_2", file: bench.folder.path(of: "n.mrc"), frames: 2, exposureTime: 0.48, dose: 8)
        try bench.run { scope in
            try await scope.connect(greeting: "again")
            _ = try await scope.record(later)
        }
        let start = bench.executor.now
        #expect(try bench.run { try await $0.evidence(of: request) }.frames == 2)
        #expect(start.duration(to: bench.executor.now) >= .seconds(1))
    }

    private static func frames(_ path: String) throws -> Int { try Imaging.MovieFile.open(path: path).rawFrameCount }

    /// Eight of the camera's frames for each that is appended.
    private static func write(camera frames: Int, to path: String) throws {
        let writer = EERWriter(path: path, width: 128, height: 128, pixelSize: 1.5, seed: 3)
        for _ in 0..<frames / 8 { writer.append(Image(width: 128, height: 128, filledWith: 1)) }
        try writer.finish()
    }
}
