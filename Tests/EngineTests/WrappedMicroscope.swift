import Microscope
import RunModel

/// A microscope that answers as another does, but for what it answers itself.
protocol WrappedMicroscope: Microscope {
    var scope: any Microscope { get }
}

extension WrappedMicroscope {
    func connect(_ terms: LinkTerms) async throws(MicroscopeError) { try await scope.connect(terms) }
    func readClaim() async throws(MicroscopeError) -> ClaimReading { try await scope.readClaim() }
    func writeClaim(_ claim: ScopeClaim, seconds: Double) async throws(MicroscopeError) -> Bool {
        try await scope.writeClaim(claim, seconds: seconds)
    }
    func clearClaim() async throws(MicroscopeError) { try await scope.clearClaim() }
    func serve(_ session: SessionID) { scope.serve(session) }
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
    func slots() async throws(MicroscopeError) -> [SlotReport] { try await scope.slots() }
    func loadedSlot() async throws(MicroscopeError) -> Int? { try await scope.loadedSlot() }
    func load(slot: Int) async throws(MicroscopeError) { try await scope.load(slot: slot) }
}
