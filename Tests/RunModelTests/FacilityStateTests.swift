import RunModel
import Testing

@Suite struct FacilityStateTests {
    @Test func `a session that is no longer among the newest is left out, with a word that there are more`() {
        var state = FacilityState(microscopes: [])
        for number in 1...FacilityState.sessionLimit + 5 { state.make(number) }
        #expect(state.sessions.count == FacilityState.sessionLimit)
        #expect(state.sessions.last?.id == "s6")
        #expect(state.hasOlderSessions == true)
    }

    @Test func `a session whose run may be alive stays however old it is`() {
        var state = FacilityState(microscopes: [])
        state.make(1)
        state.tell(.runStarted(RunStarted(by: "p", host: "h", pid: 1, epoch: 1, forced: false)), of: "s1")
        for number in 2...FacilityState.sessionLimit + 5 { state.make(number) }
        #expect(state.sessions.last?.id == "s1")
        #expect(state.sessions.count == FacilityState.sessionLimit)
    }

    @Test func `a facility with few sessions says nothing of more`() {
        var state = FacilityState(microscopes: [])
        for number in 1...FacilityState.sessionLimit { state.make(number) }
        #expect(state.hasOlderSessions == nil)
    }

    @Test func `a completed session says what it lacks, until the next start`() {
        var state = FacilityState(microscopes: [])
        state.make(1)
        state.tell(.runStarted(RunStarted(by: "p", host: "h", pid: 1, epoch: 1, forced: false)), of: "s1")
        state.tell(.runCompleted(RunCompleted(gridsCompleted: 2, grids: 2, images: 0, seconds: 1)), of: "s1")
        #expect(state.sessions[0].shortfall == .noImage)
        state.tell(.runStarted(RunStarted(by: "p", host: "h", pid: 1, epoch: 2, forced: false)), of: "s1")
        #expect(state.sessions[0].shortfall == nil)
    }

    @Test(
        arguments: [
            (RunCompleted(gridsCompleted: 2, grids: 2, images: 8, seconds: 1), nil),
            (RunCompleted(gridsCompleted: 1, grids: 2, images: 8, seconds: 1), .failures),
            (RunCompleted(gridsCompleted: 2, grids: 2, images: 8, seconds: 1, failures: "1 of 8 holes failed"), .failures),
            (RunCompleted(gridsCompleted: 2, grids: 2, images: 0, seconds: 1), .noImage),
        ] as [(RunCompleted, Shortfall?)])
    func `only an end with images, every grid and no failure lacks nothing`(completed: RunCompleted, shortfall: Shortfall?) {
        #expect(completed.shortfall == shortfall)
    }
}

extension FacilityState {
    fileprivate mutating func tell(_ event: RunEvent, of session: SessionID) {
        apply(StoredEvent(seq: 1, at: Timestamp(milliseconds: 0), session: session, event: event))
    }

    fileprivate mutating func make(_ number: Int) {
        let id = SessionID(unchecked: "s\(number)")
        let microscope = MicroscopeDescription(id: "scope", name: "Scope", vendor: .thermoFisher, voltage: 300)
        let detector = DetectorDescription(
            id: "camera", name: "Camera", microscope: "scope", width: 1024, height: 1024, pixelSize: 1)
        let session = Session(
            id: id, name: "session \(number)", group: "demo", microscope: "scope", detector: "camera", createdBy: "p",
            createdAt: Timestamp(milliseconds: 0), directory: "d", settings: GridSettings())
        tell(.sessionCreated(SessionCreated(session: session, microscope: microscope, detector: detector, grids: [])), of: id)
    }
}
