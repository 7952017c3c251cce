import Microscope
import RunModel

/// Stands for a microscope that a session was created for and that is no longer in the configuration: refuses every command.
struct UnconfiguredMicroscope: Microscope {
    let id: MicroscopeID
    let detector: DetectorID

    private var refusal: MicroscopeError {
        .refused("this server's configuration has no microscope \(id) with a detector \(detector)")
    }

    func connect(_ terms: LinkTerms) async throws(MicroscopeError) { throw refusal }
    func readClaim() async throws(MicroscopeError) -> ClaimReading { throw refusal }
    func writeClaim(_ claim: ScopeClaim, seconds: Double) async throws(MicroscopeError) -> Bool { throw refusal }
    func clearClaim() async throws(MicroscopeError) { throw refusal }
    func disconnect() async {}
    func slots() async throws(MicroscopeError) -> [SlotReport] { throw refusal }
    func loadedSlot() async throws(MicroscopeError) -> Int? { throw refusal }
    func load(slot: Int) async throws(MicroscopeError) { throw refusal }
    func columnState() async throws(MicroscopeError) -> ColumnState { throw refusal }
    func setValves(open: Bool) async throws(MicroscopeError) { throw refusal }
    func prepare(for level: ImagingLevel) async throws(MicroscopeError) { throw refusal }
    func stagePosition() async throws(MicroscopeError) -> StagePosition { throw refusal }
    func moveStage(to position: StagePosition) async throws(MicroscopeError) { throw refusal }
    func tilt(to angle: Double) async throws(MicroscopeError) { throw refusal }
    func setImageShift(_ shift: PlaneShift) async throws(MicroscopeError) { throw refusal }
    func acquireAtlas(tiles: Int, into file: String) async throws(MicroscopeError) -> MapImage { throw refusal }
    func acquire(_ area: LowDoseArea, into file: String) async throws(MicroscopeError) -> MapImage { throw refusal }
    func realign(to feature: MappedFeature) async throws(MicroscopeError) -> Alignment { throw refusal }
    func findEucentricHeight() async throws(MicroscopeError) -> Length { throw refusal }
    func autofocus(target: Length) async throws(MicroscopeError) -> Length { throw refusal }
    func changeFocus(by change: Length) async throws(MicroscopeError) { throw refusal }
    func measureDrift() async throws(MicroscopeError) -> Double { throw refusal }
    func record(_ request: ExposureRequest) async throws(MicroscopeError) -> ExposureReport { throw refusal }
    func evidence(of request: ExposureRequest) async throws(MicroscopeError) -> ExposureEvidence { .cannotTell }
}
