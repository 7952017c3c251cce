import Engine
import Microscope
import RunModel
import Simulator
import Synchronization
import TestSupport
import Testing

/// A disk that says nothing is waited for, in words, and costs no grid.
@Suite struct SilentDiskTests {
    private func scene(silent: Flag<Bool>) throws -> Scene {
        try Scene(grids: 2) { parts in
            parts.files = SilencedFiles(files: parts.files) { _ in silent.value.withLock { $0 } }
        }
    }

    @Test func `a run that begins on a silent disk waits, loads nothing, and goes on when the disk answers`() throws {
        let silent = Flag(Mutex(false))
        let scene = try scene(silent: silent)
        silent.value.withLock { $0 = true }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        scene.pass(.seconds(3600))
        #expect(scene.ledger.allSatisfy { $0.kind != .load })
        #expect(try scene.state.notices.first { $0.id == "disk" }?.sentence.hasSuffix("does not answer.") == true)
        silent.value.withLock { $0 = false }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
    }

    @Test func `a disk that falls silent in a run costs no target, and Stop is heard meanwhile`() throws {
        let silent = Flag(Mutex(false))
        let scene = try scene(silent: silent)
        try scene.start()
        try scene.reach { $0.grids[0].images == 3 }
        silent.value.withLock { $0 = true }
        try scene.reach { $0.prompt?.kind == .diskSilent }
        let asked = scene.life.executor.now
        try scene.stop()
        try scene.reachEnd()
        #expect(asked.duration(to: scene.life.executor.now) < .seconds(60))
        try scene.checkAtRest(.stopped)
        silent.value.withLock { $0 = false }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
        #expect(Set(scene.exposed).count == 16)
    }

    @Test func `a silent disk is said once in the log, however long it is silent`() throws {
        let silent = Flag(Mutex(false))
        let scene = try scene(silent: silent)
        silent.value.withLock { $0 = true }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        let lines = try scene.lines().count
        scene.pass(.seconds(3600))
        #expect(try scene.lines().count == lines)
    }

    @Test func `an exposure that a crash left open is settled when the disk answers, and nobody is asked about it meanwhile`()
        throws
    {
        let silent = Flag(Mutex(false))
        var scene = try scene(silent: silent)
        try scene.start()
        try scene.reachCommand("record", number: 3)
        scene.pass(.seconds(1))
        try scene.crash()
        silent.value.withLock { $0 = true }
        try scene.start()
        try scene.reach { $0.prompt != nil }
        #expect(try scene.state.prompt?.kind == .diskSilent)
        scene.pass(.seconds(600))
        silent.value.withLock { $0 = false }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(
            try !scene.events().contains {
                if case .promptRaised(let prompt) = $0.event { prompt.kind == .exposureUnknown } else { false }
            })
        #expect(scene.exposed.count == 16 && Set(scene.exposed).count == 16)
    }

    @Test func `a question about a silent disk that outlived the server pauses the next run as well`() throws {
        let silent = Flag(Mutex(false))
        var scene = try scene(silent: silent)
        silent.value.withLock { $0 = true }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        try scene.crash()
        try scene.start()
        scene.pass(.seconds(60))
        #expect(try scene.state.prompt?.kind == .diskSilent && scene.state.status == .paused)
    }

    @Test func `an answer that is given while the disk is silent counts when it answers again`() throws {
        let silent = Flag(Mutex(false))
        var scene = try scene(silent: silent)
        try scene.pause(true)
        try scene.start()
        try scene.reach { $0.prompt?.kind == .gridFinished }
        let first = try scene.state.prompt?.grid
        try scene.crash()
        silent.value.withLock { $0 = true }
        try scene.start()
        try scene.answer("next")
        try scene.reach { $0.prompt?.kind == .diskSilent }
        scene.pass(.seconds(60))
        silent.value.withLock { $0 = false }
        try scene.reach { $0.prompt?.kind == .gridFinished }
        #expect(try scene.state.prompt?.grid != first)
    }

    @Test func `a share that is gone for a while costs no grid`() throws {
        let gone = Flag(Mutex(false))
        let scene = try Scene(grids: 2) { parts in
            parts.files = SilencedFiles(files: parts.files, reason: "transport endpoint is not connected") { _ in
                gone.value.withLock { $0 }
            }
        }
        gone.value.withLock { $0 = true }
        try scene.start()
        scene.pass(.seconds(120))
        #expect(try scene.state.status == .paused)
        gone.value.withLock { $0 = false }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8, 8])
    }
}

/// What a disk takes away that falls silent while a file is being read or written. The microscope and the finder find out first.
@Suite struct SilenceAtWorkTests {
    enum Work: CaseIterable, Sendable { case atlas, searchingAtlas, square, searchingSquare, hole, searchingHole, movie }

    @Test(arguments: Work.allCases)
    func `a disk that falls silent during the work on a file costs nothing, and what was asked is asked again`(_ work: Work)
        throws
    {
        let silent = Flag(Mutex(false))
        let fallen = Flag(Mutex(false))
        // True where this work meets the silence; it falls once.
        let meets: @Sendable (Work) -> Bool = { now in
            if now == work,
                fallen.value.withLock({ has in
                    defer { has = true }
                    return !has
                })
            {
                silent.value.withLock { $0 = true }
            }
            return now == work && silent.value.withLock { $0 }
        }
        let scene = try Scene(grids: 1) { parts in
            parts.files = SilencedFiles(files: parts.files) { _ in silent.value.withLock { $0 } }
            parts.finder = FailingFinder(
                finder: parts.finder, isSilence: true, failsSquares: { meets(.searchingAtlas) },
                failsHoles: { meets(.searchingSquare) }, failsCentres: { meets(.searchingHole) })
        } camera: {
            SilencedCamera(camera: $0, meets: meets)
        }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        scene.pass(.seconds(3600))
        #expect(try scene.state.status == .paused)
        silent.value.withLock { $0 = false }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8])
        #expect(Set(scene.exposed).count == scene.exposed.count)
        #expect(try !scene.events().contains { if case .processingFailed = $0.event { true } else { false } })
    }

    @Test func `files that never answer on a disk that does are tried three times, and then a person is asked`() throws {
        let silent = Flag(Mutex(true))
        let scene = try Scene(grids: 1) { _ in
        } camera: {
            SilencedCamera(camera: $0) { $0 == .square && silent.value.withLock { $0 } }
        }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .fileSilent }
        scene.pass(.seconds(7200))
        // Every try costs dose.
        #expect(scene.commands("acquire").count == 3)
        #expect(try scene.state.prompt?.cause?.hasSuffix("does not answer.") == true)
        silent.value.withLock { $0 = false }
        try scene.answer("continue")
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8])
    }

    @Test func `a hole at which each file falls silent once is imaged all the same`() throws {
        let met = Flag(Mutex(Set<String>()))
        let scene = try Scene(grids: 1) { _ in
        } camera: {
            SilencedCamera(camera: $0, meetsFile: { file in met.value.withLock { $0.insert(file).inserted } })
        }
        try scene.start()
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(try scene.state.grids.map(\.images) == [8])
    }

    @Test func `an exposure whose folder has gone is not taken for one that was never made`() throws {
        let gone = Flag(Mutex(false))
        var scene = try Scene(grids: 1) { parts in
            parts.files = SilencedFiles(files: parts.files, movies: .missing(path: "/data/movies")) { _ in
                gone.value.withLock { $0 }
            }
        }
        try scene.start()
        try scene.reachCommand("record", number: 3)
        scene.pass(.seconds(1))
        try scene.crash()
        gone.value.withLock { $0 = true }
        try scene.start()
        try scene.reach { $0.prompt?.kind == .diskSilent }
        #expect(try scene.state.prompt?.cause == "The folder /data/movies is not there.")
        let asked = scene.commands("evidence").count
        scene.pass(.seconds(600))
        // Once in a while, and no more often.
        #expect(scene.commands("evidence").count - asked < 130)
        gone.value.withLock { $0 = false }
        try scene.reachEnd()
        try scene.checkAtRest(.completed)
        #expect(Set(scene.exposed).count == scene.exposed.count && scene.exposed.count == 8)
    }
}

/// A camera whose files lie on a disk that falls silent.
private struct SilencedCamera: SimulatedCamera {
    let camera: any SimulatedCamera
    var meets: @Sendable (SilenceAtWorkTests.Work) -> Bool = { _ in false }
    var meetsFile: @Sendable (String) -> Bool = { _ in false }

    private func write(_ work: SilenceAtWorkTests.Work, _ file: String) throws(MicroscopeError) {
        if meets(work) || meetsFile(file) { throw .diskSilent(path: file) }
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
        let movie = try await camera.takeMovie(of: view, request)
        try write(.movie, request.file)
        return movie
    }
    func find(_ feature: MappedFeature, in view: CameraView) async throws(MicroscopeError) -> FoundFeature? {
        try await camera.find(feature, in: view)
    }
    func bytes(of file: String, noted: Int?) -> Int? { camera.bytes(of: file, noted: noted) }
    func movieBytes(frames: Int) -> Int { camera.movieBytes(frames: frames) }
}

/// Files whose disk does not answer as long as somebody says so, or is gone where there is a reason.
struct SilencedFiles: RunFiles {
    let files: any RunFiles
    let reason: String?
    /// What a look at a movie finds instead; its disk can be measured all the same.
    let movies: RunFileError?
    let isSilent: @Sendable (_ path: String) -> Bool

    init(
        files: any RunFiles, reason: String? = nil, movies: RunFileError? = nil,
        isSilent: @escaping @Sendable (_ path: String) -> Bool
    ) {
        self.files = files
        self.reason = reason
        self.movies = movies
        self.isSilent = isSilent
    }

    private func ask(_ path: String) throws(RunFileError) {
        guard movies == nil, isSilent(path) else { return }
        if let reason { throw .cannotMeasure(path: path, reason: reason) }
        throw .noAnswer(path: path, for: .seconds(7))
    }
    func takeFolder(
        _ relative: String, for owner: FolderOwner, _ taking: FolderTaking
    ) async throws(RunFileError) -> SessionFolder {
        try ask(path(relative))
        return try await files.takeFolder(relative, for: owner, taking)
    }
    func checkFolder(_ relative: String, _ folder: SessionFolder?, of owner: FolderOwner) async throws(RunFileError) {
        try ask(path(relative))
        try await files.checkFolder(relative, folder, of: owner)
    }
    func inner(_ folders: [String], of session: String) async throws(RunFileError) -> [InnerFolder] {
        try ask(path(session))
        return try await files.inner(folders, of: session)
    }
    func makeDirectories(_ paths: [String]) async throws(RunFileError) {
        try ask(paths.first ?? "")
        try await files.makeDirectories(paths)
    }
    func path(_ relative: String) -> String { files.path(relative) }
    func names(in relative: String) async throws(RunFileError) -> [String] {
        try ask(path(relative))
        return try await files.names(in: relative)
    }
    func append(_ text: String, to relative: String) async throws(RunFileError) {
        try ask(relative)
        try await files.append(text, to: relative)
    }
    func space(at path: String) async throws(RunFileError) -> DiskSpace {
        try ask(path)
        return try await files.space(at: path)
    }
    func movie(at path: String, frames: Int) async throws(RunFileError) -> MovieOnDisk? {
        try ask(path)
        if let movies, isSilent(path) { throw movies }
        return try await files.movie(at: path, frames: frames)
    }
}
