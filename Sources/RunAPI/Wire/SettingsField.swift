import JSONText
import RunModel

/// The settings of a session: any part of them, the rest as `GridSettings` has them, or the session so far.
///
/// The ranges catch a slipped digit or a wrong unit (an exposure in milliseconds), not a poor choice: within them the
/// operator decides. Lengths are in µm, defocus is negative under focus. A setting that is added to `GridSettings`
/// needs its row here, or it cannot be set.
enum SettingsField {
    /// What a number may be. `isWhole` is for counts: 2.5 exposures are refused here and not rounded by somebody later.
    private struct Rule {
        var range: ClosedRange<Double>
        var isWhole = false
        var unit = ""
        /// The least besides 0, which means that there is none.
        var least = 0.0

        func allows(_ number: Double) -> Bool { range.contains(number) && (number == 0 || number.magnitude >= least) }
    }

    private static let rules: [String: Rule] = [
        "atlasTiles": Rule(range: 1...12, isWhole: true),
        "squaresPerGrid": Rule(range: 0...500, isWhole: true),
        "holesPerSquare": Rule(range: 0...2000, isWhole: true),
        "exposuresPerHole": Rule(range: 1...100, isWhole: true),
        "imageShiftLimit": Rule(range: 0...30, unit: " µm"),
        // Never over focus, where the contrast is reversed.
        "defocus.weakest": Rule(range: -10...0, unit: " µm"),
        "defocus.strongest": Rule(range: -10...0, unit: " µm"),
        "defocus.step": Rule(range: 0...5, unit: " µm", least: 0.001),
        "focusDistance": Rule(range: 0...1000, unit: " µm"),
        // Beyond it the holder shades the beam on most stages.
        "tiltAngle": Rule(range: -60...60, unit: " degrees"),
        "movie.frames": Rule(range: 1...2000, isWhole: true),
        "movie.exposureTime": Rule(range: 0.01...120, unit: " s"),
        "movie.dose": Rule(range: 0.1...500, unit: " e/Å²"),
        "driftLimit": Rule(range: 0.1...100, unit: " Å/s"),
        "driftTimeout": Rule(range: 0...3600, unit: " s"),
        "fitLimit": Rule(range: 2...50, unit: " Å"),
        // A petabyte: more than any disk here, and still exact as a JSON number.
        "diskReserve": Rule(range: 0...1e15, isWhole: true, unit: " bytes"),
    ]

    private static let choices = [
        "mode": RunMode.allCases.map(\.rawValue), "plan": SessionPlan.allCases.map(\.rawValue),
    ]

    /// Merged as JSON and then decoded, so that the names on the wire are those of the type, and a default stands in
    /// one place. Problems are noted in `body`; what is returned counts only when there are none.
    static func read(_ body: inout BodyFields, over base: GridSettings = GridSettings()) throws(Problem) -> GridSettings {
        var settings = try Wire.json(base)
        if let given = body.value("settings"), !given.isNull {
            if given.fields == nil {
                body.add("settings", "settings is not an object.")
            } else {
                merge(given, into: &settings, at: "", &body)
            }
        }
        do {
            let read = try JSONText.decode(GridSettings.self, from: settings)
            // Both are negative: the strongest is the smaller number.
            if read.defocus.strongest > read.defocus.weakest {
                body.add("settings.defocus", "The strongest defocus is weaker than the weakest.")
            }
            return read
        } catch {
            // What passed the rules can be read, so something did not pass and is noted already.
            return base
        }
    }

    private static func merge(_ given: JSONValue, into settings: inout JSONValue, at path: String, _ body: inout BodyFields) {
        // Sorted, so that the same body is answered with the same sentence each time.
        for (name, value) in (given.fields ?? [:]).sorted(by: { $0.key < $1.key }) {
            let place = path.isEmpty ? name : "\(path).\(name)"
            guard var present = settings[name] else {
                body.add("settings.\(place)", "settings.\(place.prefix(64)) is not a field that is known here.")
                continue
            }
            if present.fields != nil, value.fields != nil {
                merge(value, into: &present, at: place, &body)
                settings[name] = present
            } else if isAllowed(value, at: place, &body) {
                settings[name] = value
            }
        }
    }

    private static func isAllowed(_ value: JSONValue, at place: String, _ body: inout BodyFields) -> Bool {
        if let words = choices[place] {
            if let text = value.text, words.contains(text) { return true }
            body.add("settings.\(place)", "settings.\(place) is not \(words.joined(separator: " or ")).")
            return false
        }
        guard let rule = rules[place] else {
            body.add("settings.\(place)", "settings.\(place) is not an object.")
            return false
        }
        if let number = value.double, rule.allows(number), !rule.isWhole || value.int != nil { return true }
        let (low, high) = (text(rule.range.lowerBound), text(rule.range.upperBound))
        let from =
            rule.least > 0
            ? "\(low), or a number from \(text(rule.least))" : "a \(rule.isWhole ? "whole " : "")number from \(low)"
        body.add(
            "settings.\(place)",
            "settings.\(place) is not \(from) to \(high)\(rule.unit).")
        return false
    }

    private static func text(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? number.description }
}
