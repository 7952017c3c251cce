/// Carries out a store's calls for somebody who must not wait for its disk.
///
/// What it throws itself says that nobody knows what became of the call: a change may be written all the same, later.
public protocol StoreCaller: Sendable {
    /// `late` hears of an answer that came after the caller had been told that there was none, and before any later call begins.
    func call<Value: Sendable>(
        _ kind: StoreCall, on path: String, late: (@Sendable (Value) -> Void)?,
        _ work: @escaping @Sendable () -> Result<Value, StoreError>
    ) throws(StoreError) -> Value

    /// Somebody wants the caller's thread now: what it waits for gets no more time than a healthy disk needs.
    func hurry()
}

public enum StoreCall: Sendable {
    case read, change
}
