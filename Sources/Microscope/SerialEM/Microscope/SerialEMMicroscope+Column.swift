import RunModel

/// Valves and stage.
extension SerialEMMicroscope {
    public func columnState() async throws(MicroscopeError) -> ColumnState {
        let isPumping = maker.reportsPump ? try await call(.isPVPRunning).isTrue() : false
        let isFilling = try await call(.areDewarsFilling).isTrue()
        return ColumnState(valvesOpen: try await areValvesOpen(), isPumping: isPumping, isFillingNitrogen: isFilling)
    }

    /// -1 says that the column does not know: then they do not count as open.
    func areValvesOpen() async throws(MicroscopeError) -> Bool { try await call(.reportColumnOrGunValve).number(0) == 1 }

    public func setValves(open: Bool) async throws(MicroscopeError) {
        try await call(.setColumnOrGunValve, .integer(open ? 1 : 0))
        guard try await areValvesOpen() == open else {
            throw .refused("the column valves did not \(open ? "open" : "close")")
        }
    }

    public func stagePosition() async throws(MicroscopeError) -> StagePosition {
        let place = try await call(.reportStageXYZ).numbers(3)
        // No stage is a decimetre away.
        guard place.allSatisfy({ abs($0) < 1e5 }) else { throw .refused("SerialEM tells of a stage that is nowhere") }
        return StagePosition(x: .micrometres(place[0]), y: .micrometres(place[1]), z: .micrometres(place[2]))
    }

    /// SerialEM says that it moved a stage that was busy otherwise, so where it stands is read back.
    public func moveStage(to position: StagePosition) async throws(MicroscopeError) {
        let farthest = max(position.x.magnitude, position.y.magnitude)
        guard farthest <= settings.stageReach else {
            throw .outOfReach("The stage position x \(Int(position.x.micrometres)), y \(Int(position.y.micrometres)) µm")
        }
        try await repeating(
            .moveStageTo,
            until: { scope throws(MicroscopeError) in
                try await scope.stagePosition().distance(to: position) < Self.stageTolerance
            }
        ) { scope throws(MicroscopeError) in
            try await scope.send(to: position)
        }
    }

    /// A command that found the stage busy otherwise says that it is done. Where its row allows it, it is sent again once the stage rests.
    private func repeating(
        _ command: SerialEMCommand, until isDone: (SerialEMMicroscope) async throws(MicroscopeError) -> Bool,
        _ send: (SerialEMMicroscope) async throws(MicroscopeError) -> Void
    ) async throws(MicroscopeError) {
        for _ in 0..<(command.row.mayBeRepeated ? Self.stageTries : 1) {
            try await send(self)
            if try await isDone(self) { return }
            try await waitForStage()
        }
        throw .refused("the stage does not go where it is sent")
    }

    private static let stageTolerance = Length.micrometres(0.5)
    /// Moving to a place again is harmless. A third refusal is no coincidence.
    private static let stageTries = 3
    /// Looks at a stage that something else moves, half a second apart.
    private static let stageLooks = 120

    private func send(to position: StagePosition) async throws(MicroscopeError) {
        let (x, y, z) = (position.x.micrometres, position.y.micrometres, position.z.micrometres)
        // A place without a height keeps the one that was found.
        if position.z == .zero {
            try await call(.moveStageTo, .real(x), .real(y))
        } else {
            try await call(.moveStageTo, .real(x), .real(y), .real(z))
        }
    }

    private func waitForStage() async throws(MicroscopeError) {
        for _ in 0..<Self.stageLooks {
            guard try await call(.reportStageBusy).isTrue() else { return }
            try await rest(0.5)
        }
    }

    public func tilt(to angle: Double) async throws(MicroscopeError) {
        try await repeating(
            .tiltTo,
            until: { scope throws(MicroscopeError) in
                abs(try await scope.call(.reportTiltAngle).number(0) - angle) < 0.2
            }
        ) { scope throws(MicroscopeError) in
            try await scope.call(.tiltTo, .real(angle))
        }
    }

    func rest(_ seconds: Double) async throws(MicroscopeError) {
        do { try await clock.sleep(for: .seconds(seconds)) } catch { throw cancelled() }
    }
}

extension SerialEMMicroscope {
    /// SerialEM tells only whether it is at least of a version.
    public func version() async throws(MicroscopeError) -> String {
        for (text, number) in [("5.0", "50000"), ("4.3", "40300"), ("4.2", "40200"), ("4.1", "40100"), ("4.0", "40000")]
        where try await call(.isVersionAtLeast, .text(number)).isTrue() {
            return "\(text) or later"
        }
        return "before 4.0"
    }
}
