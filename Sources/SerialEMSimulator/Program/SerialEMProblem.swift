import Imaging
import Microscope
import RunModel

/// Why a command of the simulated program ended otherwise than with its values.
enum SerialEMProblem: Explained, Equatable {
    /// In SerialEM's manner; the line of the command is added where it is reported.
    case sentence(String)
    /// External control ends, as it was asked to.
    case exit(isNormal: Bool)
    /// The program itself ends in the middle of the command.
    case closing

    var code: String { "simulatedSerialEM.refused" }
    var sentence: String {
        switch self {
        case .sentence(let text): text
        case .exit: "External control ends here."
        case .closing: "SerialEM is being closed"
        }
    }

    init(_ error: MicroscopeError) {
        switch error {
        case .refused(let reason): self = .sentence("The microscope would not do it: \(reason), in line:")
        default: self = .sentence("\(error.sentence.dropLast()), in line:")
        }
    }

    init(_ error: ImagingError) { self = .sentence("\(error.sentence.dropLast()), in line:") }

    /// As SerialEM's reports of scripts from outside look.
    private static func framed(_ text: String) -> String {
        "\r\nSCRIPT ERROR WITH THIS MESSAGE:\r\n\(text)\r\n\(Array(repeating: "*", count: 18).joined(separator: " "))\r\n"
    }

    func outcome(of call: SerialEMCall) -> SerialEMOutcome {
        if case .exit(let isNormal) = self { return .exited(isNormal: isNormal) }
        return .failed(Self.framed("\(sentence)\r\n\r\n\(call.line)"))
    }
}
