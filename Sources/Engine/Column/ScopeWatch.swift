/// What looks after a held microscope beside its run, as long as nobody leaves it.
struct ScopeWatch: Sendable {
    let leaving = Latch()
    let hasEnded = Latch()

    /// Whoever leaves the column has the link for themselves from here on.
    func end() async {
        leaving.set()
        await hasEnded.wait()
    }
}
