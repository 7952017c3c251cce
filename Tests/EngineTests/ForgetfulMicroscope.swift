import Microscope
import RunModel
import Synchronization

/// A loader's answers as a program gives them that cannot tell what is on the stage, and what it was told to keep. Outlives the server.
final class ForgetfulLoader: Sendable {
    let kept = Mutex<Int?>(nil)
    /// For which session; nil for one of which nothing is known here.
    let session = Mutex<SessionID?>(nil)
}

/// A microscope whose program only remembers what it loaded. Everything else is the other's.
///
/// One of these is one connection: what an earlier one loaded is remembered, not known.
final class ForgetfulMicroscope: WrappedMicroscope {
    let scope: any Microscope
    private let loader: ForgetfulLoader
    private let arrived = Mutex<Int?>(nil)
    private let session = Mutex<SessionID?>(nil)

    init(_ scope: any Microscope, _ loader: ForgetfulLoader) {
        self.scope = scope
        self.loader = loader
    }

    func slots() async throws(MicroscopeError) -> [SlotReport] {
        let kept = try await loadedSlot()
        let arrived = arrived.withLock(\.self)
        let isOwn = loader.session.withLock(\.self) == session.withLock(\.self)
        return try await scope.slots().map { report in
            guard report.state != .occupied else { return report }
            let state: SlotReport.State =
                if kept == nil { .unclear } else if kept != report.slot { .empty } else {
                    arrived == kept ? .onStage : isOwn ? .remembered : .hinted
                }
            return SlotReport(slot: report.slot, state: state, name: report.name)
        }
    }

    func loadedSlot() async throws(MicroscopeError) -> Int? {
        let kept = loader.kept.withLock(\.self)
        // Occupied again, it has its cartridge back.
        if try await scope.slots().contains(where: { $0.slot == kept && $0.state == .occupied }) {
            keep(nil)
        }
        return loader.kept.withLock(\.self)
    }

    func noteLoaded(slot: Int) async throws(MicroscopeError) {
        _ = try await scope.loadedSlot()  // over the link
        keep(slot)
    }

    func forgetLoaded() async throws(MicroscopeError) {
        _ = try await scope.loadedSlot()
        keep(nil)
    }

    private func keep(_ slot: Int?) {
        loader.kept.withLock { $0 = slot }
        loader.session.withLock { $0 = session.withLock(\.self) }
        arrived.withLock { $0 = slot }
    }

    func load(slot: Int) async throws(MicroscopeError) {
        guard try await loadedSlot() != slot else { return }
        loader.kept.withLock { $0 = nil }
        try await scope.load(slot: slot)
        keep(slot)
    }

    func serve(_ session: SessionID) { self.session.withLock { $0 = session } }

    func connect(_ terms: LinkTerms) async throws(MicroscopeError) {
        arrived.withLock { $0 = nil }
        try await scope.connect(terms)
    }
}
