import Microscope
import RunModel
import Simulator

/// Boxes on the program's screen. Nothing is answered until somebody clicks; by then the words are gone.
extension SimulatedSerialEM {
    /// Seconds of the column's time until somebody comes by and clicks.
    private static let clickedAfter = 600.0
    private static let words = "Timeout getting an image from the camera. Restart the camera's server, in line:"

    /// Errors within these are told by the task and not by the command, which then ends as STOP ends it.
    private static let tasks: Set<String> = [
        "View", "Focus", "Trial", "Record", "Preview", "Search", "Montage", "AutoFocus", "Eucentricity", "DriftWaitTask",
        "RefineZLP",
    ]

    func noMessageBoxOnError(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let isOn = !call.has(0) || call.isSet(0)
        change { $0.answersProblems = isOn }
        return .nothing
    }

    /// The outcome of a command that a fault puts a box in the way of; nil where none does.
    func outcomeOfFault(_ code: Int32, _ call: SerialEMCall) async -> SerialEMOutcome? {
        if let fault = take(.standingBox) { return await outcomeOfBox(seconds: fault.seconds) }
        guard let fault = take(.messageBox) else { return nil }
        guard !read(\.answersProblems) else { return SerialEMProblem.sentence(Self.words).outcome(of: call) }
        let outcome = await outcomeOfBox(seconds: fault.seconds)
        return Self.tasks.contains(Self.knownName(of: code)) ? .stopped : outcome
    }

    /// What becomes of a problem: an answer, or a box.
    func told(_ outcome: SerialEMOutcome) async -> SerialEMOutcome {
        guard case .failed = outcome, settings.putsProblemsIntoBoxes, !read(\.answersProblems) else { return outcome }
        return await outcomeOfBox(seconds: nil)
    }

    private func outcomeOfBox(seconds: Double?) async -> SerialEMOutcome {
        do throws(SerialEMProblem) { try await wait(seconds ?? Self.clickedAfter) } catch { return .failed(nil) }
        return .failed("")
    }
}
