import RunModel

/// The claim in SerialEM: a persistent variable, which every server reads that reaches this SerialEM, and which goes with it.
///
/// Until when it holds is told by SerialEM's own seconds since its start: one clock for all, which lives as long as the variable.
extension SerialEMMicroscope {
    private static let claimVariable = "gridpilotClaim"
    /// When a server has read the claim and gone away again, by the same seconds.
    private static let lookVariable = "gridpilotLooked"
    /// A claim that holds longer is of no run: its clock was another.
    private static let longestHold = 4 * 3600.0

    public func readClaim() async throws(MicroscopeError) -> ClaimReading { try await readClaim(over: connection()) }

    func readClaim(over connection: SerialEMConnection) async throws(MicroscopeError) -> ClaimReading {
        do throws(MicroscopeError) {
            guard case .text(let text)? = try await connection.call(.getVariable, [.text(Self.claimVariable)]).values.first else {
                // A number is what stands there between two runs.
                return .none
            }
            // A later version's run may live; how long it holds is not known either, and staff may take it over.
            guard let (claim, until) = ClaimText.read(text) else { return .held(.unknown(text), seconds: Self.longestHold) }
            let left = (until - (try await connection.call(.reportTickTime).number(0))) / speed
            return left > 0 && left < Self.longestHold ? .held(claim, seconds: left) : .over(claim)
        } catch {
            guard error.isRefusal else { throw error }
            let isUnset = ["not defined", "undefined"].contains { error.sentence.contains($0) }
            return isUnset ? .none : .untold(error.sentence)
        }
    }

    func lastLook(over connection: SerialEMConnection) async throws(MicroscopeError) -> Double? {
        do throws(MicroscopeError) {
            return try await connection.call(.getVariable, [.text(Self.lookVariable)]).number(0)
        } catch {
            // Nobody has looked since SerialEM was started.
            guard error.isRefusal else { throw error }
            return nil
        }
    }

    func leaveWord(over connection: SerialEMConnection) async throws(MicroscopeError) {
        let moment = try await connection.call(.reportTickTime).number(0)
        try await connection.call(.setPersistentVar, [.text(Self.lookVariable), .text("\(moment)")])
    }

    public func writeClaim(_ claim: ScopeClaim, seconds: Double) async throws(MicroscopeError) -> Bool {
        if state.withLock({ $0.keepsClaim }) == false { return false }
        do throws(MicroscopeError) {
            let until = try await call(.reportTickTime).number(0) + seconds * speed
            let text = ClaimText.written(claim, until: until)
            try await call(.setPersistentVar, .text(Self.claimVariable), .text(text))
            return try await isKept(text)
        } catch {
            guard error.isRefusal else { throw error }
            state.withLock { $0.keepsClaim = false }
            return false
        }
    }

    /// Looked at once on a connection.
    private func isKept(_ text: String) async throws(MicroscopeError) -> Bool {
        if let known = state.withLock({ $0.keepsClaim }) { return known }
        let isKept = try await call(.getVariable, .text(Self.claimVariable)).values == [.text(text)]
        state.withLock { $0.keepsClaim = isKept }
        return isKept
    }

    public func clearClaim() async throws(MicroscopeError) {
        do throws(MicroscopeError) { try await call(.setPersistentVar, .text(Self.claimVariable), .text("0")) } catch {
            // What keeps nothing has nothing to forget.
            guard error.isRefusal else { throw error }
        }
    }
}
