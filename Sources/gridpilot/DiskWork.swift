import Blocking
import Microscope

/// Files of a microscope, each on its disk's lane.
struct DiskWork: FileWork {
    let disks: DiskLanes
    /// The longest movie is copied in less.
    var deadline = Duration.seconds(300)

    func run<Value: Sendable>(at path: String, _ work: @escaping @Sendable () -> Value) async -> Value? {
        // Why there is no answer is plain to the caller: its task was cancelled, or the disk is silent.
        try? await disks.run(at: path, deadline: deadline, endsWhenCancelled: true, work)
    }
}
