import Synchronization

/// A lane for each disk, found by device and not by name: a disk that hangs costs its own users an answer in words, and nobody else anything.
///
/// A server has one of these, shared by all of its parts: what one part has learnt of a silent disk spares the others the question.
public final class DiskLanes: Sendable {
    private let table: any MountTable
    private let width: Int
    private let waiting: Int
    private let lanes = Mutex<[String: BlockingLane]>([:])

    /// `width` and `waiting` are those of each disk's lane.
    public init(mounts table: any MountTable = SystemMounts(), width: Int = 4, waiting: Int = 256) {
        self.table = table
        self.width = width
        self.waiting = waiting
    }

    /// Carries out `work` on the lane of the disk that `path` lies on, wherever links lead it; see `BlockingLane.run`.
    ///
    /// Links are followed step by step, each on the lane of the disk that holds it. A path that does not exist yet is its nearest folder's.
    public func run<Value: Sendable>(
        at path: String, deadline: Duration? = nil, endsWhenCancelled: Bool = false, _ work: @escaping @Sendable () -> Value
    ) async throws(BlockingProblem) -> Value {
        try await run(at: path, deadline: deadline, endsWhenCancelled: endsWhenCancelled) { _ in work() }
    }

    public func run<Value: Sendable>(
        at path: String, deadline: Duration? = nil, endsWhenCancelled: Bool = false,
        _ work: @escaping @Sendable (_ isWanted: () -> Bool) -> Value
    ) async throws(BlockingProblem) -> Value {
        try await runAndStay(at: path, deadline: deadline, endsWhenCancelled: endsWhenCancelled, work).value
    }

    /// The same for whoever goes on with an open file, and so with its lane.
    public func runAndStay<Value: Sendable>(
        at path: String, deadline: Duration? = nil, endsWhenCancelled: Bool = false,
        _ work: @escaping @Sendable (_ isWanted: () -> Bool) -> Value
    ) async throws(BlockingProblem) -> (value: Value, lane: BlockingLane) {
        let mounts = table.mounts()
        var walk = LinkWalk(path)
        let end = deadline.map { ContinuousClock.now + $0 }
        while true {
            let mount = walk.mount(in: mounts)
            let (here, lane) = (walk, lane(of: mount))
            // Most paths lead nowhere else, and then the work is done by the thread that found this out.
            let step: Step<Value> = try await lane.run(
                deadline: end.map { $0 - .now }, endsWhenCancelled: endsWhenCancelled
            ) { isWanted in
                if let elsewhere = here.leaving(mount, of: mounts) { return .elsewhere(elsewhere) }
                return .done(work(isWanted))
            }
            switch step {
            case .done(let value): return (value, lane)
            case .elsewhere(let next): walk = next
            }
        }
    }

    /// Of the disk whose device this is, under the name of the mount that was asked for first.
    private func lane(of mount: Mount) -> BlockingLane {
        lanes.withLock { lanes in
            if let lane = lanes[mount.device] { return lane }
            let lane = BlockingLane("disk at \(mount.point)", width: width, waiting: waiting)
            lanes[mount.device] = lane
            return lane
        }
    }
}

private enum Step<Value: Sendable>: Sendable {
    case done(Value)
    case elsewhere(LinkWalk)
}
