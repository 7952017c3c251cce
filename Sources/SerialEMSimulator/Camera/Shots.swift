import Imaging
import Microscope
import RunModel

/// Single images. In low dose the beam goes to the set's area first.
extension SimulatedSerialEM {
    static let shotActions: [SerialEMCommand: Action] = [
        .view: view, .focus: focus, .trial: trial, .record: record, .preview: preview, .search: search,
    ]

    private func view(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] { try await shoot(.view, call) }
    private func focus(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] { try await shoot(.focus, call) }
    private func trial(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] { try await shoot(.trial, call) }
    private func record(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] { try await shoot(.record, call) }
    private func preview(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try await shoot(.preview, call)
    }
    private func search(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] { try await shoot(.search, call) }

    private func shoot(_ set: CameraSet, _ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let early = change { state in
            defer { state.earlyReturn = nil }
            return state.earlyReturn
        }
        let setting = try await prepare(set)
        let buffer =
            setting.parameters.isFractionated && setting.parameters.savesFrames
            ? try await takeFrames(setting, call, summing: early) : try await takeStill(setting, call)
        // A shot that returns early without an image leaves the buffers as they were.
        if early != 0 && early != -9 { change { $0.buffers.roll(in: buffer) } }
        return .nothing
    }

    /// Brings the beam to where a set's images are taken.
    func prepare(_ set: CameraSet) async throws(SerialEMProblem) -> Setting {
        _ = try await moveScreen(down: false)
        if read(\.lowDose.isOn) { try await go(to: set.area) }
        return setting(set)
    }

    func takeStill(_ setting: Setting, _ call: SerialEMCall) async throws(SerialEMProblem) -> ImageBuffer {
        let parameters = setting.parameters
        try await wait(0.5 + parameters.settling)
        let (name, letter, client) = ("\(setting.set)", String(setting.set.letter), call.client)
        let exposure = try openShutter(setting, call) { body, moment, _ in
            body.write(.exposure, client: client, at: moment, name: name, preset: letter)
        }
        try await wait(parameters.exposure)
        let image = try await work { [camera] in camera.picture(exposure.order) }
        try await wait(max(0, durations.image - parameters.exposure - 0.5))
        return ImageBuffer(image: image, pixel: .int16, details: exposure.details)
    }

    /// Images of a routine that looks by itself: they are exposures like others, and nobody keeps their pixels.
    func look(_ set: CameraSet, times: Int, for routine: String, _ call: SerialEMCall) async throws(SerialEMProblem) {
        let setting = try await prepare(set)
        let (letter, client) = (String(set.letter), call.client)
        for _ in 0..<times {
            try await wait(0.5)
            try act { body, moment throws(MicroscopeError) in
                try body.checkBeam()
                body.write(.exposure, client: client, at: moment, name: routine, preset: letter)
            }
            try await wait(setting.parameters.exposure + 0.5)
        }
    }
}
