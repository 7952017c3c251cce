import Microscope
import RunModel
import Simulator

/// Notes when each command begins and ends.
struct TimedMicroscope: Microscope {
    private let microscope: SimulatedMicroscope
    private let gaps: Gaps

    init(_ microscope: SimulatedMicroscope, _ gaps: Gaps) {
        self.microscope = microscope
        self.gaps = gaps
    }

    private func timed<Answer>(
        _ command: (SimulatedMicroscope) async throws(MicroscopeError) -> Answer
    ) async throws(MicroscopeError) -> Answer {
        gaps.begun()
        defer { gaps.ended() }
        return try await command(microscope)
    }

    /// What the fence in front of a command costs.
    private func timed(_ gate: @escaping CommandGate) -> CommandGate {
        { [gaps] () async throws(MicroscopeError) in
            let began = ContinuousClock.now
            try await gate()
            gaps.passed(in: began.duration(to: .now))
        }
    }

    func disconnect() async { await microscope.disconnect() }
    func connect(_ terms: LinkTerms) async throws(MicroscopeError) {
        var terms = terms
        if let gate = terms.gate { terms.gate = timed(gate) }
        try await timed { [terms] microscope throws(MicroscopeError) in try await microscope.connect(terms) }
    }
    func readClaim() async throws(MicroscopeError) -> ClaimReading { try await microscope.readClaim() }
    func writeClaim(_ claim: ScopeClaim, seconds: Double) async throws(MicroscopeError) -> Bool {
        try await microscope.writeClaim(claim, seconds: seconds)
    }
    func clearClaim() async throws(MicroscopeError) { try await microscope.clearClaim() }
    func slots() async throws(MicroscopeError) -> [SlotReport] {
        try await timed { microscope throws(MicroscopeError) in try await microscope.slots() }
    }
    func loadedSlot() async throws(MicroscopeError) -> Int? {
        try await timed { microscope throws(MicroscopeError) in try await microscope.loadedSlot() }
    }
    func load(slot: Int) async throws(MicroscopeError) {
        try await timed { microscope throws(MicroscopeError) in try await microscope.load(slot: slot) }
    }
    func columnState() async throws(MicroscopeError) -> ColumnState {
        try await timed { microscope throws(MicroscopeError) in try await microscope.columnState() }
    }
    func setValves(open: Bool) async throws(MicroscopeError) {
        try await timed { microscope throws(MicroscopeError) in try await microscope.setValves(open: open) }
    }
    func prepare(for level: ImagingLevel) async throws(MicroscopeError) {
        try await timed { microscope throws(MicroscopeError) in try await microscope.prepare(for: level) }
    }
    func stagePosition() async throws(MicroscopeError) -> StagePosition {
        try await timed { microscope throws(MicroscopeError) in try await microscope.stagePosition() }
    }
    func moveStage(to position: StagePosition) async throws(MicroscopeError) {
        try await timed { microscope throws(MicroscopeError) in try await microscope.moveStage(to: position) }
    }
    func tilt(to angle: Double) async throws(MicroscopeError) {
        try await timed { microscope throws(MicroscopeError) in try await microscope.tilt(to: angle) }
    }
    func setImageShift(_ shift: PlaneShift) async throws(MicroscopeError) {
        try await timed { microscope throws(MicroscopeError) in try await microscope.setImageShift(shift) }
    }
    func acquireAtlas(tiles: Int, into file: String) async throws(MicroscopeError) -> MapImage {
        try await timed { microscope throws(MicroscopeError) in try await microscope.acquireAtlas(tiles: tiles, into: file) }
    }
    func acquire(_ area: LowDoseArea, into file: String) async throws(MicroscopeError) -> MapImage {
        try await timed { microscope throws(MicroscopeError) in try await microscope.acquire(area, into: file) }
    }
    func realign(to feature: MappedFeature) async throws(MicroscopeError) -> Alignment {
        try await timed { microscope throws(MicroscopeError) in try await microscope.realign(to: feature) }
    }
    func findEucentricHeight() async throws(MicroscopeError) -> Length {
        try await timed { microscope throws(MicroscopeError) in try await microscope.findEucentricHeight() }
    }
    func autofocus(target: Length) async throws(MicroscopeError) -> Length {
        try await timed { microscope throws(MicroscopeError) in try await microscope.autofocus(target: target) }
    }
    func changeFocus(by change: Length) async throws(MicroscopeError) {
        try await timed { microscope throws(MicroscopeError) in try await microscope.changeFocus(by: change) }
    }
    func measureDrift() async throws(MicroscopeError) -> Double {
        try await timed { microscope throws(MicroscopeError) in try await microscope.measureDrift() }
    }
    func record(_ request: ExposureRequest) async throws(MicroscopeError) -> ExposureReport {
        try await timed { microscope throws(MicroscopeError) in try await microscope.record(request) }
    }
    func evidence(of request: ExposureRequest) async throws(MicroscopeError) -> ExposureEvidence {
        try await timed { microscope throws(MicroscopeError) in try await microscope.evidence(of: request) }
    }
}
