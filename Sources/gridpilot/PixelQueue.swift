import Dispatch
import Microscope

/// Works out the pixels of one microscope on a queue of its own, one piece of work at a time.
struct PixelQueue: Renderer {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label, qos: .utility) }

    func run<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in queue.async { continuation.resume(returning: work()) } }
    }
}
