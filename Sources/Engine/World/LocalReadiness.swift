extension Engine {
    /// Returns when what an earlier process left is cleared: a server that listens before would show the past as the present.
    public func untilReady() async { await waitForRecovery() }
}
