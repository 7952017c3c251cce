import Synchronization

/// What `body` makes of each number, in order, made on as many threads as the machine has.
struct SideBySide<Value: Sendable> {
    let values: [Value]

    init(count: Int, _ body: @Sendable (Int) -> Value) {
        let slots = Mutex([Value?](repeating: nil, count: count))
        Parallel.perform(count) { k in
            let value = body(k)
            slots.withLock { $0[k] = value }
        }
        values = slots.withLock { $0.compactMap(\.self) }
    }
}
