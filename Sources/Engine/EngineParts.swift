import Blocking
import Microscope
import Processing
import RunModel
import Store

/// Everything from outside that the engine touches: time, names, files, processes, microscopes, jobs.
///
/// A seeded run replaces all of them, so nothing in the engine reaches past this list.
public struct EngineParts: Sendable {
    public var store: RunStore
    /// Carries out what the engine itself asks of the store; nil where it may wait for its disk.
    public var caller: (any StoreCaller)?
    public var executor: any SerialExecutor
    /// Where the engine notes what it begins; the executor's own, where that can be asked.
    public var activity = ThreadActivity()
    public var clock: any Clock<Duration>
    public var now: @Sendable () -> Timestamp
    /// Of files and folders.
    public var zone = FacilityZone.utc
    /// New ids for prompts; unique within the store.
    public var newID: @Sendable () -> String
    public var microscope: @Sendable (MicroscopeDescription, DetectorDescription) -> any Microscope
    public var finder: any TargetFinder
    public var jobs: any JobRunner
    public var files: any RunFiles
    public var locks: any LockFiles
    public var processes: any ProcessTable
    public var recipes: RecipeBook
    public var settings: EngineSettings
    /// What this installation calls itself at a microscope: a store that was copied is another one in another place.
    public var installation: String

    public init(
        store: RunStore, executor: any SerialExecutor, clock: any Clock<Duration>, now: @escaping @Sendable () -> Timestamp,
        newID: @escaping @Sendable () -> String,
        microscope: @escaping @Sendable (MicroscopeDescription, DetectorDescription) -> any Microscope,
        finder: any TargetFinder, jobs: any JobRunner, files: any RunFiles, locks: any LockFiles, processes: any ProcessTable,
        recipes: RecipeBook, settings: EngineSettings = EngineSettings()
    ) {
        self.store = store
        self.executor = executor
        self.clock = clock
        self.now = now
        self.newID = newID
        self.microscope = microscope
        self.finder = finder
        self.jobs = jobs
        self.files = files
        self.locks = locks
        self.processes = processes
        self.recipes = recipes
        self.settings = settings
        installation = store.identity
    }
}

/// How often the engine looks, how long it waits.
public struct EngineSettings: Sendable {
    /// How many times as fast as a real microscope the one behind this engine is: estimates and polling follow it.
    public var speed: Double = 1
    /// Between looks at nitrogen, pumps and drift, on a real microscope.
    public var pollInterval: Duration = .seconds(5)
    /// Between tries to reach a lost microscope.
    public var reconnectInterval: Duration = .seconds(10)
    /// Between looks at the disks.
    public var diskInterval: Duration = .seconds(10)
    /// Between two signs of life of a run.
    public var pulseInterval: Duration = .seconds(5)
    /// Between two looks at whether the run's claim at the microscope has to be renewed.
    public var claimInterval: Duration = .seconds(10)
    /// Between two looks at the lock file of a run.
    public var lockWatchInterval: Duration = .seconds(2)
    /// How long a force-kill waits for the microscope to close its valves.
    public var killDeadline: Duration = .milliseconds(700)
    /// A stop that takes longer is said to be slow.
    public var slowStop: Duration = .seconds(300)
    /// Movies that wait in memory; more wait in the store.
    public var waitingMovies: Int = 32

    public init() {}

    /// A duration of a real microscope as it passes here.
    func scaled(_ duration: Duration) -> Duration { duration / speed }
    func scaled(_ seconds: Double) -> Double { seconds / speed }
}
