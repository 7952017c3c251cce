import RunModel

// Every command of the microscope, in its turn and under the claim.
extension ClaimedMicroscope {
    private func work<Value>(
        _ work: ScopeWork, _ body: (any Microscope) async throws(MicroscopeError) -> Value
    ) async throws(MicroscopeError) -> Value {
        try await turn.take()
        defer { turn.give() }
        // In words that write nothing down and dial nowhere: the run is being ended.
        if let ending { throw ending == .displaced ? .replaced : .notHeld }
        if takeReturn() { throw .linkLost("and was opened again while the run waited") }
        do throws(MicroscopeError) {
            if !isHurried(work) { try await renew(covering: work.longest) }
            return try await body(base)
        } catch {
            if error.losesLink || error == .cancelled { state.withLock { $0.isLost = true } }
            throw error
        }
    }

    /// A claim that stands holds for a minute yet; what closes the valves does not take so long.
    private func isHurried(_ work: ScopeWork) -> Bool {
        if case .question = work { state.withLock(\.isLeaving) } else { false }
    }

    public func connect(_ terms: LinkTerms) async throws(MicroscopeError) {
        try await turn.take()
        defer { turn.give() }
        try await base.connect(terms)
    }
    public func readClaim() async throws(MicroscopeError) -> ClaimReading {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.readClaim() }
    }
    public func writeClaim(_ claim: ScopeClaim, seconds: Double) async throws(MicroscopeError) -> Bool {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.writeClaim(claim, seconds: seconds) }
    }
    public func clearClaim() async throws(MicroscopeError) {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.clearClaim() }
    }
    public func serve(_ session: SessionID) { base.serve(session) }
    public var leaveDeadlines: LeaveDeadlines { base.leaveDeadlines }
    public var silence: MicroscopeSilence? { base.silence }

    public func slots() async throws(MicroscopeError) -> [SlotReport] {
        try await work(.loader) { scope throws(MicroscopeError) in try await scope.slots() }
    }
    public func loadedSlot() async throws(MicroscopeError) -> Int? {
        try await work(.loader) { scope throws(MicroscopeError) in try await scope.loadedSlot() }
    }
    public func noteLoaded(slot: Int) async throws(MicroscopeError) {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.noteLoaded(slot: slot) }
    }
    public func forgetLoaded() async throws(MicroscopeError) {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.forgetLoaded() }
    }
    public func load(slot: Int) async throws(MicroscopeError) {
        try await work(.load) { scope throws(MicroscopeError) in try await scope.load(slot: slot) }
    }
    public func columnState() async throws(MicroscopeError) -> ColumnState {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.columnState() }
    }
    public func setValves(open: Bool) async throws(MicroscopeError) {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.setValves(open: open) }
    }
    public func prepare(for level: ImagingLevel) async throws(MicroscopeError) {
        try await work(.prepare) { scope throws(MicroscopeError) in try await scope.prepare(for: level) }
    }
    public func stagePosition() async throws(MicroscopeError) -> StagePosition {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.stagePosition() }
    }
    public func moveStage(to position: StagePosition) async throws(MicroscopeError) {
        try await work(.focus) { scope throws(MicroscopeError) in try await scope.moveStage(to: position) }
    }
    public func tilt(to angle: Double) async throws(MicroscopeError) {
        try await work(.focus) { scope throws(MicroscopeError) in try await scope.tilt(to: angle) }
    }
    public func setImageShift(_ shift: PlaneShift) async throws(MicroscopeError) {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.setImageShift(shift) }
    }
    public func acquireAtlas(tiles: Int, into file: String) async throws(MicroscopeError) -> MapImage {
        try await work(.atlas(tiles: tiles)) { scope throws(MicroscopeError) in
            try await scope.acquireAtlas(tiles: tiles, into: file)
        }
    }
    public func acquire(_ area: LowDoseArea, into file: String) async throws(MicroscopeError) -> MapImage {
        try await work(.image) { scope throws(MicroscopeError) in try await scope.acquire(area, into: file) }
    }
    public func realign(to feature: MappedFeature) async throws(MicroscopeError) -> Alignment {
        try await work(.focus) { scope throws(MicroscopeError) in try await scope.realign(to: feature) }
    }
    public func findEucentricHeight() async throws(MicroscopeError) -> Length {
        try await work(.focus) { scope throws(MicroscopeError) in try await scope.findEucentricHeight() }
    }
    public func autofocus(target: Length) async throws(MicroscopeError) -> Length {
        try await work(.focus) { scope throws(MicroscopeError) in try await scope.autofocus(target: target) }
    }
    public func changeFocus(by change: Length) async throws(MicroscopeError) {
        try await work(.question) { scope throws(MicroscopeError) in try await scope.changeFocus(by: change) }
    }
    public func measureDrift() async throws(MicroscopeError) -> Double {
        try await work(.image) { scope throws(MicroscopeError) in try await scope.measureDrift() }
    }
    public func record(_ request: ExposureRequest) async throws(MicroscopeError) -> ExposureReport {
        try await work(.exposure(seconds: request.exposureTime)) { scope throws(MicroscopeError) in
            try await scope.record(request)
        }
    }
    public func evidence(of request: ExposureRequest) async throws(MicroscopeError) -> ExposureEvidence {
        try await work(.exposure(seconds: 0)) { scope throws(MicroscopeError) in try await scope.evidence(of: request) }
    }
}
