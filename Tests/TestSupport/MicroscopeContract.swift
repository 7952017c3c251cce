import Microscope
import RunModel
import Simulator
import Synchronization
import Testing

/// What every `Microscope` keeps to, whatever lies behind it. The cassette needs a cartridge in slot 1 and none in slot 2.
public struct MicroscopeContract: Sendable {
    public let scope: any Microscope
    /// A second client of the same column.
    public let other: any Microscope
    /// Gives absolute paths that may be written.
    private let path: @Sendable (String) -> String

    public init(scope: any Microscope, other: any Microscope, path: @escaping @Sendable (String) -> String) {
        self.scope = scope
        self.other = other
        self.path = path
    }

    public enum Clause: String, CaseIterable, Sendable {
        case commandsNeedALink, aSecondConnectionPushesTheFirstOut, loadingBringsOneCartridge, emptySlotsAreRefused
        case valvesObey, theStageGoesWhereItIsSent, farPlacesAreOutOfReach, imagesNeedABeam, imagesKnowTheirPlace
        case focusComesClose, exposuresAreRemembered, aClosedLinkStaysClosed, everyLevelIsPreparedFor, focusChangesUnmeasured
        case exposuresTellTheirCounts, aClaimIsSeenByOthers, aClaimRunsOut, nobodyEntersAgainstTheTerms
    }

    /// Holds the microscope to one clause; what it breaks becomes an issue of the running test.
    public func hold(_ clause: Clause) async throws {
        switch clause {
        case .commandsNeedALink: try await commandsNeedALink()
        case .aSecondConnectionPushesTheFirstOut: try await aSecondConnectionPushesTheFirstOut()
        case .loadingBringsOneCartridge: try await loadingBringsOneCartridge()
        case .emptySlotsAreRefused: try await emptySlotsAreRefused()
        case .valvesObey: try await valvesObey()
        case .theStageGoesWhereItIsSent: try await theStageGoesWhereItIsSent()
        case .farPlacesAreOutOfReach: try await farPlacesAreOutOfReach()
        case .imagesNeedABeam: try await imagesNeedABeam()
        case .imagesKnowTheirPlace: try await imagesKnowTheirPlace()
        case .focusComesClose: try await focusComesClose()
        case .exposuresAreRemembered: try await exposuresAreRemembered()
        case .aClosedLinkStaysClosed: try await aClosedLinkStaysClosed()
        case .everyLevelIsPreparedFor: try await everyLevelIsPreparedFor()
        case .focusChangesUnmeasured: try await focusChangesUnmeasured()
        case .exposuresTellTheirCounts: try await exposuresTellTheirCounts()
        case .aClaimIsSeenByOthers: try await aClaimIsSeenByOthers()
        case .aClaimRunsOut: try await aClaimRunsOut()
        case .nobodyEntersAgainstTheTerms: try await nobodyEntersAgainstTheTerms()
        }
    }

    private func ready() async throws {
        try await scope.connect(greeting: "contract")
        if try await scope.loadedSlot() != 1 { try await scope.load(slot: 1) }
        try await scope.setValves(open: true)
    }

    private func problem(_ body: () async throws(MicroscopeError) -> Void) async -> MicroscopeError? {
        do throws(MicroscopeError) { try await body() } catch { return error }
        return nil
    }

    private func commandsNeedALink() async throws {
        #expect(await problem { () throws(MicroscopeError) in _ = try await scope.slots() }?.losesLink == true)
    }

    private func aSecondConnectionPushesTheFirstOut() async throws {
        try await scope.connect(greeting: "first")
        try await other.connect(greeting: "second")
        #expect(await problem { () throws(MicroscopeError) in _ = try await scope.slots() }?.losesLink == true)
        #expect(try await !other.slots().isEmpty)
        try await scope.connect(greeting: "first again")
        #expect(try await !scope.slots().isEmpty)
    }

    private func loadingBringsOneCartridge() async throws {
        try await ready()
        #expect(try await scope.loadedSlot() == 1)
        #expect(try await scope.slots().filter { $0.state == .onStage }.map(\.slot) == [1])
        try await scope.load(slot: 1)
        #expect(try await scope.loadedSlot() == 1)
    }

    private func emptySlotsAreRefused() async throws {
        // While nobody knows what is on the stage, any slot that reads empty may be where it came from.
        try await ready()
        #expect(try await scope.slots().first { $0.slot == 2 }?.state == .empty)
        #expect(await problem { () throws(MicroscopeError) in try await scope.load(slot: 2) } == .slotEmpty(slot: 2))
    }

    private func valvesObey() async throws {
        try await ready()
        #expect(try await scope.columnState().valvesOpen)
        try await scope.setValves(open: false)
        #expect(try await !scope.columnState().valvesOpen)
    }

    private func theStageGoesWhereItIsSent() async throws {
        try await ready()
        let place = StagePosition(x: .micrometres(-120), y: .micrometres(80))
        try await scope.moveStage(to: place)
        #expect(try await scope.stagePosition().distance(to: place) < .micrometres(1))
    }

    private func farPlacesAreOutOfReach() async throws {
        try await ready()
        let far = StagePosition(x: .micrometres(9000), y: .zero)
        let moving = await problem { () throws(MicroscopeError) in try await scope.moveStage(to: far) }
        guard case .outOfReach = moving else { return #expect(Bool(false), "\(String(describing: moving))") }
        let wide = PlaneShift(x: .micrometres(400), y: .zero)
        let shifting = await problem { () throws(MicroscopeError) in try await scope.setImageShift(wide) }
        guard case .outOfReach = shifting else { return #expect(Bool(false), "\(String(describing: shifting))") }
    }

    private func imagesNeedABeam() async throws {
        try await ready()
        try await scope.setValves(open: false)
        let file = path("closed.mrc")
        #expect(await problem { () throws(MicroscopeError) in _ = try await scope.acquire(.search, into: file) } == .valveClosed)
        let request = ExposureRequest(name: "closed", file: file, frames: 2, exposureTime: 1, dose: 10)
        #expect(await problem { () throws(MicroscopeError) in _ = try await scope.record(request) } == .valveClosed)
        #expect(try await scope.evidence(of: request) == .notTaken)
    }

    private func imagesKnowTheirPlace() async throws {
        try await ready()
        let place = StagePosition(x: .micrometres(60), y: .micrometres(-40))
        try await scope.moveStage(to: place)
        try await scope.setImageShift(PlaneShift(x: .micrometres(2), y: .zero))
        let image = try await scope.acquire(.search, into: path("search.mrc"))
        #expect(image.width > 0 && image.height > 0 && image.pixelSize > 0)
        #expect(image.centre.distance(to: place.moved(by: PlaneShift(x: .micrometres(2), y: .zero))) < .micrometres(1))
    }

    private func focusComesClose() async throws {
        try await ready()
        _ = try await scope.findEucentricHeight()
        let reading = try await scope.autofocus(target: .micrometres(-1.2))
        #expect((reading - .micrometres(-1.2)).magnitude < .micrometres(0.3))
        #expect(try await scope.measureDrift() >= 0)
    }

    private func exposuresAreRemembered() async throws {
        try await ready()
        let request = ExposureRequest(name: "kept", file: path("kept.mrc"), frames: 3, exposureTime: 0.72, dose: 12)
        let report = try await scope.record(request)
        #expect(report.frames == 3 && report.bytes > 0)
        #expect(try await scope.evidence(of: request).saves(frames: 3, bytes: report.bytes))
        try await other.connect(greeting: "later")
        #expect(try await other.evidence(of: request).saves(frames: 3, bytes: report.bytes))
        let never = ExposureRequest(name: "never", file: path("never.mrc"), frames: 3, exposureTime: 0.72, dose: 12)
        #expect(try await other.evidence(of: never) == .notTaken)
    }

    private func everyLevelIsPreparedFor() async throws {
        #expect(await problem { () throws(MicroscopeError) in try await scope.prepare(for: .atlas) }?.losesLink == true)
        try await ready()
        for level in ImagingLevel.allCases + [.exposure] { try await scope.prepare(for: level) }
    }

    private func focusChangesUnmeasured() async throws {
        #expect(await problem { () throws(MicroscopeError) in try await scope.changeFocus(by: .zero) }?.losesLink == true)
        try await ready()
        _ = try await scope.findEucentricHeight()
        _ = try await scope.autofocus(target: .micrometres(-1))
        try await scope.changeFocus(by: .micrometres(-0.5))
    }

    /// A microscope whose program tells no counts leaves them out.
    private func exposuresTellTheirCounts() async throws {
        try await ready()
        let request = ExposureRequest(name: "counted", file: path("counted.mrc"), frames: 3, exposureTime: 0.72, dose: 12)
        guard let reading = try await scope.record(request).reading else { return }
        #expect(reading.minimum <= reading.mean && reading.mean <= reading.maximum && reading.deviation >= 0)
    }

    private var claim: ScopeClaim {
        ScopeClaim(
            installation: "0000-1", epoch: 7, session: "20261129_first", sessionName: "the first | of {two}",
            group: "grüne gruppe",
            person: "Ada \"L\" 100%", host: "scope_host.example", since: Timestamp(milliseconds: 1_700_000_000_123))
    }

    private func aClaimIsSeenByOthers() async throws {
        try await scope.connect(greeting: "first")
        #expect(try await scope.readClaim() == .none)
        #expect(try await scope.writeClaim(claim, seconds: 600))
        try await other.connect(greeting: "second")
        guard case .held(let seen, let seconds) = try await other.readClaim() else {
            return #expect(Bool(false), "the claim is not seen")
        }
        #expect(seen == claim)
        #expect(seconds > 0 && seconds <= 602)
        try await other.clearClaim()
        #expect(try await other.readClaim() == .none)
    }

    private func aClaimRunsOut() async throws {
        try await scope.connect(greeting: "first")
        #expect(try await scope.writeClaim(claim, seconds: -5))
        #expect(try await scope.readClaim() == .over(claim))
    }

    private func nobodyEntersAgainstTheTerms() async throws {
        try await scope.connect(greeting: "first")
        #expect(try await scope.writeClaim(claim, seconds: 600))
        let refused = await problem { () throws(MicroscopeError) in
            try await other.connect(LinkTerms(greeting: "second", mayEnter: { if case .held = $0 { false } else { true } }))
        }
        #expect(refused == .claimed(claim))
        #expect(await problem { () throws(MicroscopeError) in _ = try await other.slots() }?.losesLink == true)
        // Pushed out for that moment, and left a word by whom.
        let looked = Mutex<Double?>(nil)
        try await scope.connect(
            LinkTerms(
                greeting: "first again", mayEnter: { _ in true }, hearsLook: { @Sendable look in looked.withLock { $0 = look } }))
        #expect(looked.withLock(\.self) != nil)
        #expect(try await !scope.slots().isEmpty)
    }

    private func aClosedLinkStaysClosed() async throws {
        try await scope.connect(greeting: "contract")
        await scope.disconnect()
        await scope.disconnect()
        #expect(await problem { () throws(MicroscopeError) in _ = try await scope.loadedSlot() }?.losesLink == true)
    }
}

extension ExposureEvidence {
    fileprivate func saves(frames: Int, bytes: Int) -> Bool {
        if case .saved(let report) = self { report.frames == frames && report.bytes == bytes } else { false }
    }
}
