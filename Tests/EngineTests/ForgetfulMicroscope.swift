import Microscope
import RunModel
import Synchronization

/// A loader's answers as a program gives them that cannot tell what is on the stage, and what it was told to keep. Outlives the server.
final class ForgetfulLoader: Sendable {
    let kept = Mutex<Int?>(nil)
}

/// A microscope whose program only remembers what it loaded. Everything else is the other's.
///
/// One of these is one connection: what an earlier one loaded is remembered, not known.
final class ForgetfulMicroscope: Microscope {
    private let scope: any Microscope
    private let loader: ForgetfulLoader
    private let arrived = Mutex<Int?>(nil)

    init(_ scope: any Microscope, _ loader: ForgetfulLoader) {
        self.scope = scope
        self.loader = loader
    }

    func slots() async throws(MicroscopeError) -> [SlotReport] {
        let kept = try await loadedSlot()
        let arrived = arrived.withLock(\.self)
        return try await scope.slots().map { report in
            guard report.state != .occupied else { return report }
            let state: SlotReport.State =
                if kept == nil { .unclear } else if kept != report.slot { .empty } else {
                    arrived == kept ? .onStage : .remembered
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
        arrived.withLock { $0 = slot }
    }

    func load(slot: Int) async throws(MicroscopeError) {
        guard try await loadedSlot() != slot else { return }
        loader.kept.withLock { $0 = nil }
        try await scope.load(slot: slot)
        keep(slot)
    }

    func connect(greeting: String) async throws(MicroscopeError) {
        arrived.withLock { $0 = nil }
        try await scope.connect(greeting: greeting)
    }
    func disconnect() async { await scope.disconnect() }
    func columnState() async throws(MicroscopeError) -> ColumnState { try await scope.columnState() }
    func setValves(open: Bool) async throws(MicroscopeError) { try await scope.setValves(open: open) }
    func prepare(for level: ImagingLevel) async throws(MicroscopeError) { try await scope.prepare(for: level) }
    func stagePosition() async throws(MicroscopeError) -> StagePosition { try await scope.stagePosition() }
    func moveStage(to position: StagePosition) async throws(MicroscopeError) { try await scope.moveStage(to: position) }
    func tilt(to angle: Double) async throws(MicroscopeError) { try await scope.tilt(to: angle) }
    func setImageShift(_ shift: PlaneShift) async throws(MicroscopeError) { try await scope.setImageShift(shift) }
    func acquireAtlas(tiles: Int, into file: String) async throws(MicroscopeError) -> MapImage {
        try await scope.acquireAtlas(tiles: tiles, into: file)
    }
    func acquire(_ area: LowDoseArea, into file: String) async throws(MicroscopeError) -> MapImage {
        try await scope.acquire(area, into: file)
    }
    func realign(to feature: MappedFeature) async throws(MicroscopeError) -> Alignment { try await scope.realign(to: feature) }
    func findEucentricHeight() async throws(MicroscopeError) -> Length { try await scope.findEucentricHeight() }
    func autofocus(target: Length) async throws(MicroscopeError) -> Length { try await scope.autofocus(target: target) }
    func changeFocus(by change: Length) async throws(MicroscopeError) { try await scope.changeFocus(by: change) }
    func measureDrift() async throws(MicroscopeError) -> Double { try await scope.measureDrift() }
    func record(_ request: ExposureRequest) async throws(MicroscopeError) -> ExposureReport { try await scope.record(request) }
    func evidence(of request: ExposureRequest) async throws(MicroscopeError) -> ExposureEvidence {
        try await scope.evidence(of: request)
    }
}
