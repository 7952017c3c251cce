import Blocking
import Microscope

/// Files of a microscope, each on its disk's lane.
struct DiskWork: FileWork {
    let disks: DiskLanes
    /// A share that is slow to wake answers in less.
    var look = Duration.seconds(20)
    /// The longest movie is copied in less.
    var copy = Duration.seconds(300)

    func run<Value: Sendable>(at path: String, _ size: FileWorkSize, _ work: @escaping @Sendable () -> Value) async -> Value? {
        let deadline =
            switch size {
            case .small: look
            case .large: copy
            }
        // Why there is no answer is plain to the caller: its task was cancelled, or the disk is silent.
        return try? await disks.run(at: path, deadline: deadline, endsWhenCancelled: true, work)
    }
}
