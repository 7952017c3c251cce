import RunModel

/// Carries out a store's calls for somebody who must not wait for its disk.
///
/// What it throws itself says that nobody knows what became of the call: a change may be written all the same, later.
public protocol StoreCaller: Sendable {
    /// `late` hears of an answer that came after the caller had been told that there was none, and before any later call begins.
    func call<Value: Sendable>(
        _ kind: StoreCall, on path: String, late: (@Sendable (Value) -> Void)?,
        _ work: @escaping @Sendable () -> Result<Value, StoreError>
    ) throws(StoreError) -> Value

    /// Somebody wants the caller's thread now, to end a run of this session: what stands in the way gets no more time than a healthy disk needs.
    func hurry(for session: SessionID)
}

/// What kind of call it is, and whose.
public struct StoreCall: Hashable, Sendable {
    public let isChange: Bool
    /// Whose call it is, where it is one session's.
    public let session: SessionID?

    public static let read = StoreCall(isChange: false, session: nil)
    public static let change = StoreCall(isChange: true, session: nil)
    static func read(of session: SessionID?) -> StoreCall { StoreCall(isChange: false, session: session) }
    static func change(of session: SessionID?) -> StoreCall { StoreCall(isChange: true, session: session) }
}
