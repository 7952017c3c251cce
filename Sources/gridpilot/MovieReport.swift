import JSONText
import Processing
import RunModel

/// What `gridpilot process` says of one movie.
struct MovieReport {
    struct Files {
        var average: String
        var doseWeighted: String?
    }
    let file: String
    let outcome: MovieWork.Outcome
    let files: Files
    let hasPixelSize: Bool
    let remarks: [String]
    let seconds: Double

    private var ctf: (fit: JSONValue, reason: String?) {
        guard hasPixelSize else { return (.null, "The pixel size is not known: name it with --pixel-size.") }
        guard let fit = outcome.ctf.measurement else { return (.null, outcome.ctf.reason) }
        let value: JSONValue = [
            "defocusU": .number(fit.defocusU), "defocusV": .number(fit.defocusV), "angle": .number(fit.angle),
            "fitResolution": .number(fit.fitResolution), "score": .number(fit.score),
        ]
        return (value, nil)
    }

    var json: JSONValue {
        var value: JSONValue = [
            "file": .string(file), "frames": .integer(outcome.shifts.count),
            "shifts": .array(outcome.shifts.map { [.number($0.x), .number($0.y)] }), "average": .string(files.average),
            "doseWeighted": files.doseWeighted.map(JSONValue.string) ?? .null, "ctf": ctf.fit, "seconds": .number(seconds),
        ]
        if !remarks.isEmpty { value["remarks"] = .array(remarks.map(JSONValue.string)) }
        if let reason = ctf.reason { value["reason"] = .string(reason) }
        return value
    }

    var text: String {
        var parts = ["\(file): \(outcome.shifts.count) \(outcome.shifts.count == 1 ? "frame" : "frames")"]
        if hasPixelSize { parts.append("\(Self.written(outcome.totalMotion)) Å of motion") }
        if hasPixelSize, let fit = outcome.ctf.measurement {
            parts.append(
                "defocus \(Self.written(fit.defocusU)) and \(Self.written(fit.defocusV)) Å at \(Self.written(fit.angle))°, "
                    + "fit to \(Self.written(fit.fitResolution)) Å, score \(Self.written(fit.score))")
        } else {
            parts.append("no CTF: \(ctf.reason ?? "")")
        }
        return ([parts.joined(separator: ", ")] + remarks).map { ForeignText.line($0, longest: 2000) }.joined(separator: "\n  ")
    }

    private static func written(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
