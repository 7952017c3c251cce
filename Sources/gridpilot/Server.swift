import Accounts
import Blocking
import Engine
import Glibc
import Logging
import Processing
import RunAPI
import RunModel
import Store
import WebServer

/// One server, from its data directory to its listening socket.
struct Server {
    private static let log = Logger(label: "server")
    let settings: ServerSettings

    init(_ settings: ServerSettings) { self.settings = settings }

    func run(until signals: Signals) async throws {
        if let missing = settings.processing.missingPrograms().first { throw missing }
        let links = try settings.descriptors.linksOrRefusal()
        if links < WebServer.Limits().connections { Self.log.warning("\(settings.descriptors.sentence)") }
        try settings.marker?.check(settings.data)
        try settings.data.prepare()
        settings.sessionFiles.open(settings.data)
        if let problem = RightsCheck.problem(of: settings.data) { Self.log.warning("\(problem.sentence)") }
        let lock = try ServerLock(directory: settings.data.path)
        // Released by the end of the process as well: a disk that does not answer is not asked once more.
        var isSilent = false
        defer { if !isSilent { lock.release() } }
        if geteuid() == 0 { Self.log.warning("\(Checks.rootSentence)") }
        // A restoring that was cut short has moved the log away, and keeps it.
        if !RunStore.isRestoring(settings.data.database), RunStore.lostItsLog(settings.data.database) {
            Self.log.warning(
                "The log of the store \(settings.data.database) is gone, and the last server did not end in order: what that wrote last may be missing, sessions and accounts too."
            )
        }
        // Before it is opened, which may carry out a restore or bring it to this version; that may be another file then.
        var hold = try settings.data.holdStore()
        let store = try settings.data.openStore { Self.log.warning("\($0.sentence)") }
        if !hold.holds(settings.data.database) { hold = try settings.data.holdStore() }
        defer { withExtendedLifetime(hold) {} }
        settings.data.backups.removeDrafts()
        if let problem = settings.marker?.note(store, in: settings.data) { Self.log.warning("\(problem)") }
        let watchdog = Watchdog(limit: settings.stallLimit, manager: settings.manager) { Self.log.error("\($0)") }
        var settings = settings
        settings.reach.hostNames = await ReachSettings.machineNames()
        let parts = try ServerParts(try settings.with(Equipment(store.equipment())), store: store, watchdog)
        watchdog.start()
        defer { watchdog.end() }
        do {
            try await parts.serve(until: signals)
        } catch {
            await parts.engine.shutDown(within: .zero)
            throw error
        }
        isSilent = await !Self.close(store)
        Self.log.info("The server has ended.")
    }

    /// Everything is written already; what cannot be closed is closed by the end of the process. False where the disk does not answer.
    private static func close(_ store: RunStore) async -> Bool {
        do throws(BlockingProblem) {
            let problem = try await BlockingLane("store").run(deadline: .seconds(5)) { () -> StoreError? in
                do throws(StoreError) { try store.close() } catch { return error }
                return nil
            }
            if let problem { log.warning("\(problem.explanation)") }
            return true
        } catch {
            log.warning("The store was not closed: its disk does not answer.")
            return false
        }
    }
}

/// The parts of one server, joined.
struct ServerParts {
    let settings: ServerSettings
    let engine: Engine
    let accounts: Accounts
    let api: RunAPI
    let web: WebServer
    let watchdog: Watchdog
    private let log = Logger(label: "server")

    init(_ settings: ServerSettings, store: RunStore, _ watchdog: Watchdog) throws {
        self.settings = settings
        self.watchdog = watchdog
        // Shared by all: what one of them has learnt of a silent disk spares the others the question.
        let disks = DiskLanes()
        let microscopes = MicroscopeRegistry(
            settings.microscopes, settings.detectors, speed: settings.speed, faults: settings.isDemo ? try Demo.faults() : [],
            disks: disks, now: SystemTime.now)
        let log = Logger(label: "accounts")
        accounts = try Accounts(store: store, now: SystemTime.now, log: { log.warning("\($0)") })
        let executor = QueueExecutor(label: "engine")
        engine = Engine(try Self.engineParts(settings, executor, store: store, microscopes: microscopes, disks: disks))
        api = RunAPI(
            engine: engine, accounts: accounts,
            facility: Facility(
                microscopes: microscopes.descriptions, detectors: microscopes.detectors, pathsThere: microscopes.pathsThere),
            configuration: Self.apiConfiguration(settings, disks, watchdog))
        web = WebServer(configuration: Self.webConfiguration(settings, disks), application: api)
        watchdog.watch(.engine(executor))
        watchdog.watch(.network(web))
        watchdog.watch(.requests())
    }

    private static func engineParts(
        _ settings: ServerSettings, _ executor: QueueExecutor, store: RunStore, microscopes: MicroscopeRegistry, disks: DiskLanes
    ) throws
        -> EngineParts
    {
        let recipes = try RecipeBook.load(from: settings.recipes)
        for problem in recipes.problems { Logger(label: "server").warning("\(problem.explanation)") }
        var engineSettings = EngineSettings()
        engineSettings.speed = settings.speed
        var parts = EngineParts(
            store: store, executor: executor, clock: ContinuousClock(), now: SystemTime.now,
            newID: RunAPI.Configuration.randomID, microscope: microscopes.microscope,
            finder: ImageTargetFinder(disks: disks),
            jobs: settings.processing.runner(program: ProgramFile.path, disks: disks, newName: jobName),
            files: LocalFiles(root: settings.data.path, disks: disks),
            locks: LocalLockFiles(directory: settings.data.locks, disks: disks), processes: LocalProcesses(),
            recipes: recipes, settings: engineSettings)
        parts.installation = Installation.name(of: store, in: settings.data.path)
        parts.caller = StoreLane()
        parts.zone = settings.zone
        parts.activity = executor.activity
        return parts
    }

    /// Of a cluster's job; unique there.
    @Sendable private static func jobName() -> String { "gridpilot-\(RunAPI.Configuration.randomID())" }

    private static func apiConfiguration(
        _ settings: ServerSettings, _ disks: DiskLanes, _ watchdog: Watchdog
    ) -> RunAPI.Configuration {
        var api = RunAPI.Configuration(dataDirectory: settings.data.path, webRoot: settings.web, version: ProgramVersion.text)
        let log = Logger(label: "api")
        api.log = { log.warning("\($0)") }
        api.disks = disks
        api.stalled = { watchdog.stalled }
        api.metricsToken = settings.reach.metricsToken
        return api
    }

    private static func webConfiguration(_ settings: ServerSettings, _ disks: DiskLanes) -> WebServer.Configuration {
        var web = WebServer.Configuration()
        web.host = settings.listen.host
        web.port = settings.listen.port
        web.certificate = settings.certificate.map { .init(certificateFile: $0.file, keyFile: $0.key) }
        web.webRoot = settings.web
        web.disks = disks
        web.publicURL = settings.reach.publicURL
        web.trustedProxies = settings.reach.trustedProxies
        web.isProxySupposed = settings.reach.isProxySupposed
        web.hostNames = settings.reach.hostNames
        web.webSockets = ["/push": "gridpilot.v1"]
        web.debugEcho = settings.debugEcho
        web.limits.connections = min(web.limits.connections, settings.descriptors.links ?? 0)
        let log = Logger(label: "web")
        web.log = { log.warning("\($0)") }
        return web
    }

    /// Runs until a signal asks for the end, then ends in order: no more commands, runs, pages, sockets.
    func serve(until signals: Signals) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [engine] in try await engine.run() }
            group.addTask { [api] in await api.run() }
            group.addTask { [engine] in await StoreLookout(store: engine.parts.store).run() }
            group.addTask { [engine] in await AuditHeads(store: engine.parts.store).run() }
            group.addTask {
                try await begin()
                for await _ in signals.endAsked { break }
                await end()
            }
            // Whoever ends first ends all: the engine because it cannot go on, or the last one because that was asked for.
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func begin() async throws {
        await engine.untilReady()
        try Task.checkCancellation()
        for (session, problem) in await engine.unrecovered {
            Logger(label: "engine").error("How the session \(session) ended cannot be told: \(problem.sentence)")
        }
        let demo = Demo(store: engine.parts.store, engine: engine, accounts: accounts)
        if settings.isDemo { try await demo.prepareSessions() }
        let password =
            settings.isDemo
            ? try await DemoPeople(
                accounts: accounts, file: "\(settings.data.path)/demo-password", given: settings.demoPassword
            ).prepare() : nil
        let address: WebServer.BoundAddress
        do throws(WebServerProblem) { address = try await web.start() } catch {
            throw CommandProblem(error.sentence, remedy: error.remedy)
        }
        Terminal.say("GridPilot is listening on \(address.url)")
        watchdog.say("READY=1", "STATUS=Listening on \(address.url)")
        if let order = settings.stall { watchdog.carryOut(order) }
        if let password { Terminal.say("Sign in as staff, operator or viewer with the password \(password)") }
    }

    private func end() async {
        log.info("The server is ending.")
        watchdog.say("STOPPING=1", "STATUS=Ending: what is under way is finished or given up safely.")
        api.noteEnd()
        // Ten seconds in all: the pages may take two, and what hangs is left behind.
        await engine.shutDown(within: .seconds(6))
        // What was counted of refused sign-ins; a store that does not take it now says so in the log of its own.
        try? await accounts.finish()
        await web.stop()
    }
}
