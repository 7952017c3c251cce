import Engine
import Glibc
import Processing
import RunModel
import Simulator

/// The world's files, lock files and processes, as one life of a server sees them.
struct SimulatedOutside: RunFiles, LockFiles, ProcessTable {
    let world: SimulatedWorld
    let this: ProcessIdentity

    func takeFolder(
        _ relative: String, for owner: FolderOwner, _ taking: FolderTaking
    ) async throws(RunFileError) -> SessionFolder {
        // A person's word counts for a folder that is another one, and brings no disk back.
        if case .told = taking, case .folderChanged? = world.folderProblem { world.folderProblem = nil }
        if let problem = world.folderProblem { throw problem }
        return SessionFolder(device: 1, inode: 1)
    }
    func checkFolder(_ relative: String, _ folder: SessionFolder?, of owner: FolderOwner) async throws(RunFileError) {
        if let problem = world.folderProblem { throw problem }
    }
    func inner(_ folders: [String], of session: String) async throws(RunFileError) -> [InnerFolder] {
        if !folders.isEmpty, let problem = world.gridFolderProblem { throw problem }
        return []
    }
    func makeDirectories(_ paths: [String]) async throws(RunFileError) {}
    func path(_ relative: String) -> String { "/data/\(relative)" }
    func append(_ text: String, to relative: String) async throws(RunFileError) {}

    func movie(at path: String, frames: Int) async -> MovieOnDisk? {
        // Another folder at the same path has none of the session's movies.
        if case .folderChanged? = world.folderProblem { return nil }
        guard let bytes = world.state.withLock({ $0.movies[path] }) else { return nil }
        let whole = 1024 + frames * 1024 * 1024 * 2
        return MovieOnDisk(isWhole: bytes == whole, frames: bytes == whole ? frames : 0, bytes: bytes)
    }

    func names(in relative: String) async throws(RunFileError) -> [String] {
        if case .folderChanged? = world.folderProblem { return [] }
        let folder = "\(path(relative))/"
        return world.state.withLock {
            $0.movies.keys.filter { $0.hasPrefix(folder) }.map { String($0.dropFirst(folder.count)) }.sorted()
        }
    }

    func space(at path: String) async throws(RunFileError) -> DiskSpace {
        guard let free = world.freeBytes else { throw .cannotMeasure(path: path, reason: "it is not there") }
        return DiskSpace(totalBytes: 8_000_000_000_000, freeBytes: free)
    }

    func create(_ holder: LockHolder, for microscope: MicroscopeID) async throws(RunFileError) -> Bool {
        world.state.withLock { state in
            guard state.lockFiles[microscope] == nil else { return false }
            state.lockFiles[microscope] = .holder(holder)
            return true
        }
    }
    func read(_ microscope: MicroscopeID) async -> LockFileContent? { world.lockFile(of: microscope) }
    func remove(_ microscope: MicroscopeID) async throws(RunFileError) {
        switch world.lockFile(of: microscope) {
        case .noFile(let path)?: throw .cannotMake(path: path, reason: "it is a folder")
        case .unknownForm(let path)?: throw .cannotMake(path: path, reason: "another form")
        case .closed(let path, let reason)?: throw .cannotMake(path: path, reason: reason)
        case nil, .holder?, .unreadable?, .silent?: world.setLockFile(nil, of: microscope)
        }
    }
    func remove(_ holder: LockHolder, of microscope: MicroscopeID) async throws(RunFileError) {
        guard case .holder(let named)? = world.lockFile(of: microscope), named.epoch == holder.epoch,
            named.session == holder.session, (named.host, named.pid) == (holder.host, holder.pid)
        else { return }
        world.setLockFile(nil, of: microscope)
    }
    func setAside(_ microscope: MicroscopeID) async throws(RunFileError) { world.setLockFile(nil, of: microscope) }

    func liveness(of identity: ProcessIdentity) -> Liveness {
        guard identity.host == this.host else { return .cannotTell }
        let lives = world.state.withLock { $0.alive.contains(identity.pid) }
        return lives && identity.bootID == "boot-1" && identity.start == Int64(identity.pid) * 100 ? .alive : .gone
    }
}

/// Finds what is truly there, from the specimen instead of pixels.
struct SpecimenFinder: TargetFinder {
    let column: SimulatedColumn
    /// No more of them: where their number proves nothing, a few make a story ten times as short.
    var mostSquares = Int.max
    var mostHoles = 40

    func makePicture(of file: String, into picture: String) async throws(FinderProblem) {}

    func squares(on atlas: MapImage, at path: String) async throws(FinderProblem) -> [FoundTarget] {
        guard let specimen = try specimen() else { return [] }
        return specimen.squares.prefix(mostSquares).map { square in
            FoundTarget(
                point: atlas.pixel(at: square.position), size: square.side.ångströms / atlas.pixelSize,
                targetClass: square.targetClass,
                brightness: Double((square.column * 7 + square.row * 13) & 15) / 16)
        }
    }

    func holes(
        on square: MapImage, at path: String, holeType: HoleType?, pattern: Recipe.TargetPattern
    ) async throws(FinderProblem) -> [FoundTarget] {
        guard let specimen = try specimen(), let window = specimen.nearestSquare(to: square.centre) else { return [] }
        return specimen.holes(of: window).prefix(mostHoles).map { hole in
            FoundTarget(
                point: square.pixel(at: hole.position), size: hole.diameter.ångströms / square.pixelSize,
                targetClass: hole.targetClass,
                brightness: 1 / (1 + hole.iceThickness / 100))
        }
    }

    private func specimen() throws(FinderProblem) -> SimulatedSpecimen? { column.specimenOnStage }

    /// The truth, where it is the grid of that atlas.
    func match(
        _ look: MapImage, with atlas: MapImage, at paths: (look: String, atlas: String)
    ) async throws(FinderProblem) -> FoundPlacement {
        guard let now = column.placementOnStage, let then = column.placement(ofAtlas: paths.atlas), now.slot == then.slot else {
            return FoundPlacement(placement: .unmoved, score: 0.1)
        }
        return FoundPlacement(placement: GridPlacement(from: then, to: now), score: 0.9)
    }

    /// A little beside the middle, as after any alignment.
    func holeCentre(on hole: MapImage, at path: String, size: Length) async throws(FinderProblem) -> PixelPoint? {
        PixelPoint(x: Double(hole.width) / 2 + 2, y: Double(hole.height) / 2 - 3)
    }
}

extension GridPlacement {
    init(from then: SimulatedPlacement, to now: SimulatedPlacement) {
        let turn = now.turn - then.turn
        var placement = GridPlacement(rotation: turn * 180 / .pi, cosine: cos(turn), sine: sin(turn), shift: .zero)
        let moved = placement.turn(then.shift)
        placement.shift = PlaneShift(x: now.shift.x - moved.x, y: now.shift.y - moved.y)
        self = placement
    }
}

/// Measures nothing and says so at once; one movie in twenty is a failure, so that failures are seen.
struct InstantJobs: JobRunner {
    let width = 2
    let clock: any Clock<Duration>
    let failsEvery: Int
    /// Not a sum of a column's durations: a job that ends at the very moment of a command's end would race with it.
    private static let duration = Duration.microseconds(2_003_171)

    func process(_ job: MovieJob) async throws(JobProblem) -> Measurement {
        do { try await clock.sleep(for: Self.duration) } catch {
            throw JobProblem(sentence: "The job was ended.", wasCancelled: true)
        }
        let number = job.micrograph.hole.number * 3 + job.micrograph.number
        if failsEvery > 0, number % failsEvery == 0 { throw JobProblem(sentence: "The movie holds no frames.") }
        let defocus = 10_000 + Double(number % 7) * 1000
        return Measurement(
            average: "a.mrc", picture: "a.png", spectrum: "s.png", shifts: [PixelPoint(x: 0, y: 0)], totalMotion: 3,
            ctf: CTFMeasurement(defocusU: defocus + 50, defocusV: defocus - 50, angle: 12, fitResolution: 3.5, score: 0.2),
            reason: nil)
    }
}
