import RunModel

extension SimulatedColumn {
    /// The process that held the newest connection has ended in the middle of whatever it did. What it had under way stops where it was:
    /// a shutter that had opened leaves an exposure without a movie, one that had not leaves none.
    public func loseProcess(at moment: Timestamp) {
        change { body in
            body.inProgress = [:]
            body.motion = nil
            if let client = body.client { body.disconnect(client, at: Moment(at: moment, speed: 1)) }
        }
    }
}
