import Microscope
import RunModel

/// The claim, which stands at the column itself and takes none of its time.
extension SimulatedMicroscope {
    public func readClaim() async throws(MicroscopeError) -> ClaimReading {
        let moment = moment
        return try peek { $0.claimReading(at: moment) }
    }

    public func writeClaim(_ claim: ScopeClaim, seconds: Double) async throws(MicroscopeError) -> Bool {
        let moment = moment
        try change { body throws(MicroscopeError) in body.claim = (claim, moment.at.advanced(bySeconds: seconds)) }
        return true
    }

    public func clearClaim() async throws(MicroscopeError) { try change { body throws(MicroscopeError) in body.claim = nil } }
}

extension ColumnBody {
    func claimReading(at moment: Moment) -> ClaimReading {
        guard let claim else { return .none }
        let left = claim.until.seconds(since: moment.at)
        return left > 0 ? .held(claim.claim, seconds: left) : .over(claim.claim)
    }
}
