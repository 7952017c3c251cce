import Microscope

/// Waits until the specimen lies still.
extension SimulatedSerialEM {
    private struct DriftWait {
        /// Å/s.
        var rate = 1.0
        var longest = 60.0
        var interval = 10.0
        var mayGoOn = false
        var set = CameraSet.trial

        /// 0 leaves what the program has.
        init(_ call: SerialEMCall) {
            let wanted = abs(call.number(0)) * (call.text(1).lowercased().hasPrefix("n") ? 10 : 1)
            if wanted > 0 { rate = wanted }
            if call.number(2) > 0 { longest = min(call.number(2), 7200) }
            if call.number(3) > 0 { interval = min(max(1, call.number(3)), 600) }
            mayGoOn = call.integer(4) < 0
            if "FA".contains(call.text(5).uppercased().prefix(1)), !call.text(5).isEmpty { set = .focus }
        }
    }

    func driftWaitTask(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let plan = DriftWait(call)
        var (waited, rate) = (0.0, Double.infinity)
        try await look(plan.set, times: 1, for: "driftWait", call)
        while waited < plan.longest {
            try await wait(plan.interval)
            waited += plan.interval
            try await look(plan.set, times: 1, for: "driftWait", call)
            rate = try act { body, moment in body.drift(at: moment).length }
            if rate <= plan.rate { return .nothing }
        }
        if plan.mayGoOn { return .nothing }
        throw .sentence("Drift is still \(rate.short(2)) A/sec after waiting \(waited.short(0)) seconds, in line:")
    }
}
