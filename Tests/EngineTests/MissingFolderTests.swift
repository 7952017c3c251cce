import Engine
import Microscope
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

/// A share that is unmounted in a run is met as a file that cannot be written.
@Suite struct MissingFolderTests {
    enum Work: CaseIterable, Sendable { case atlas, square, hole, movie }

    @Test(arguments: Work.allCases)
    func `a share that is unmounted in a run pauses it with the folder's name, and costs nothing once it is back`(_ work: Work)
        throws
    {
        let gone = Flag(Mutex(false))
        let fallen = Flag(Mutex(false))
        let scene = try Scene(grids: 1) { parts in
            parts.files = SilencedFiles(files: parts.files, movies: .missing(path: "/data/sessions/demo")) { _ in
                gone.value.withLock { $0 }
            }
        } camera: {
            UnmountedCamera(camera: $0) { now in
                if now == work,
                    !fallen.value.withLock({ has in
                        defer { has = true }
                        return has
                    })
                {
                    gone.value.withLock { $0 = true }
                }
                return gone.value.withLock { $0 }
            }
        }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        #expect(try scene.state.prompt?.cause == "The folder /data/sessions/demo is not there.")
        let exposures = scene.ledger.count { $0.kind == .exposure }
        scene.pass(.seconds(3600))
        // No try costs dose while it is away.
        #expect(scene.ledger.count { $0.kind == .exposure } == exposures)
        #expect(try scene.state.status == .paused)
        gone.value.withLock { $0 = false }
        try scene.reach { $0.prompt?.kind != .diskSilent }
        try scene.reach { !$0.status.needsHolder || $0.prompt != nil }
        // The shutter opened: whether the specimen is exposed once more is a person's to say.
        if try scene.state.prompt?.kind == .exposureUnknown {
            #expect(work == .movie)
            try scene.answer("again")
        }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8])
        #expect(try !scene.targets().contains { $0.status == .failed })
    }

    @Test func `Stop is heard while the folder is away`() throws {
        let gone = Flag(Mutex(false))
        let scene = try Scene(grids: 1) { parts in
            parts.files = SilencedFiles(files: parts.files, movies: .missing(path: "/data")) { _ in gone.value.withLock { $0 } }
        } camera: {
            UnmountedCamera(camera: $0) { work in
                if work == .hole { gone.value.withLock { $0 = true } }
                return gone.value.withLock { $0 }
            }
        }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        try scene.stop()
        try scene.reachEnd()
        try scene.checkAtRest(.stopped)
        #expect(try !scene.targets().contains { $0.status == .failed })
    }

    @Test func `a file that cannot be written into a folder that is there is that target's failure`() throws {
        let met = Flag(Mutex(false))
        let scene = try Scene(grids: 1) { _ in
        } camera: {
            UnmountedCamera(camera: $0) { work in
                work == .hole
                    && !met.value.withLock { has in
                        defer { has = true }
                        return has
                    }
            }
        }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.targets().count { $0.status == .failed } == 1)
        #expect(try scene.state.process.prompts == 0)
    }

    @Test func `a grid's folder that may not be written holds the run, and costs no target`() throws {
        let scene = try Scene(grids: 1)
        try scene.start()
        try scene.reach { $0.grids[0].images == 3 }
        let path = "/data/sessions/demo/20260922_first/1_grid1/movies"
        scene.world.gridFolderProblem = .folderUnusable(path: path, reason: "permission denied")
        try scene.reach { $0.prompt?.kind == .diskSilent }
        #expect(try scene.state.prompt?.cause?.contains(path) == true)
        let before = scene.exposed.count
        scene.pass(.seconds(60))
        #expect(scene.exposed.count == before)
        scene.world.gridFolderProblem = nil
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(Set(scene.exposed).count == 8 && scene.exposed.count == 8)
    }
}

/// A camera that finds no folder to write into as long as somebody says so.
private struct UnmountedCamera: SimulatedCamera {
    let camera: any SimulatedCamera
    let isAway: @Sendable (MissingFolderTests.Work) -> Bool

    private func write(_ work: MissingFolderTests.Work, _ file: String) throws(MicroscopeError) {
        if isAway(work) { throw .fileNotWritten(path: file, reason: "no such file or directory") }
    }
    var optics: CameraOptics { camera.optics }
    func takeAtlas(_ pieces: [CameraView], tiles: Int, into file: String) async throws(MicroscopeError) -> PictureSize {
        try write(.atlas, file)
        return try await camera.takeAtlas(pieces, tiles: tiles, into: file)
    }
    func take(_ area: LowDoseArea, of view: CameraView, into file: String) async throws(MicroscopeError) -> PictureSize {
        try write(area == .search ? .square : .hole, file)
        return try await camera.take(area, of: view, into: file)
    }
    func takeMovie(of view: CameraView, _ request: ExposureRequest) async throws(MicroscopeError) -> TakenMovie {
        try write(.movie, request.file)
        return try await camera.takeMovie(of: view, request)
    }
    func find(_ feature: MappedFeature, in view: CameraView) async throws(MicroscopeError) -> FoundFeature? {
        try await camera.find(feature, in: view)
    }
    func bytes(of file: String, noted: Int?) -> Int? { camera.bytes(of: file, noted: noted) }
    func movieBytes(frames: Int) -> Int { camera.movieBytes(frames: frames) }
}
