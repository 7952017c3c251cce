import JSONText
import RunModel
import Store
import WebServer

/// The fields of a JSON body: what is wrong with them is gathered, so that one answer names it all and a person
/// corrects a form once.
///
/// A handler asks for each field it knows, then calls `finish()`, and must do so before it acts: until then nothing has
/// been refused. Fields that nobody asked for are refused, too. A misspelt setting that is silently ignored would be
/// found out at the end of a night.
struct BodyFields {
    private let fields: [String: JSONValue]
    private var asked: Set<String> = []
    private(set) var problems: [Problem.Field] = []

    init(_ fields: [String: JSONValue]) { self.fields = fields }

    /// An empty body counts as `{}`: many commands have none.
    ///
    /// The content type is checked because an HTML form of another site can send any text, but cannot mark it as JSON:
    /// for that the browser asks this server first, which says no.
    static func read(_ request: HTTPRequest) throws(Problem) -> BodyFields {
        guard !request.body.isEmpty else { return BodyFields([:]) }
        let type = (request.headers["content-type"] ?? "").split(separator: ";").first.map { $0.lowercased() } ?? ""
        guard type.trimmed == "application/json" else {
            throw Problem(
                415, "request.notJSON", "The body is not marked as JSON.", remedy: "Send it with Content-Type: application/json.")
        }
        let value: JSONValue
        do {
            // The largest body that is meant, a queue of thousands of targets, fits; nesting has no use here beyond a
            // few levels, and a deep one is an attack on whoever reads it. A name that comes twice is refused by the
            // parser: which one counts would be anybody's guess.
            value = try JSONText.parse(request.body, limits: .foreign(bytes: 1 << 20, depth: 16))
        } catch {
            throw Problem(400, "request.badJSON", error.sentence, remedy: "Correct the body and send it again.")
        }
        guard let fields = value.fields else {
            throw Problem(400, "request.badJSON", "The body is not a JSON object.", remedy: "Send an object with named fields.")
        }
        return BodyFields(fields)
    }

    mutating func add(_ field: String, _ sentence: String) {
        // A body of a megabyte may hold a hundred thousand fields, and nobody reads so many sentences.
        guard problems.count < Self.mostProblems else { return }
        problems.append(Problem.Field(field: field, sentence: sentence))
    }
    static let mostProblems = 50

    /// Nil, with a problem noted, unless the text is there and of a length in `lengths`, counted in characters. Line
    /// breaks and other control characters are refused: such texts end up in log lines and in names of files.
    mutating func text(_ name: String, _ lengths: ClosedRange<Int> = 1...200) -> String? {
        guard let value = take(name) else {
            add(name, "\(name) is missing.")
            return nil
        }
        guard let text = value.text else {
            add(name, "\(name) is not text.")
            return nil
        }
        guard lengths.contains(text, bytesEach: 16), !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
        else {
            add(name, "\(name) needs \(lengths.lowerBound) to \(lengths.upperBound) characters on one line.")
            return nil
        }
        return text
    }

    /// Nil without a problem where it is left out or null.
    mutating func optionalText(_ name: String, _ lengths: ClosedRange<Int> = 1...200) -> String? {
        guard let value = fields[name], !value.isNull else {
            asked.insert(name)
            return nil
        }
        return text(name, lengths)
    }

    mutating func bool(_ name: String) -> Bool? {
        guard let value = take(name) else {
            add(name, "\(name) is missing.")
            return nil
        }
        if value.bool == nil { add(name, "\(name) is neither true nor false.") }
        return value.bool
    }

    mutating func int(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let value = take(name) else {
            add(name, "\(name) is missing.")
            return nil
        }
        return int(value, name, range)
    }

    /// Nil without a problem where it is left out or null.
    mutating func optionalInt(_ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let value = take(name), !value.isNull else { return nil }
        return int(value, name, range)
    }

    private mutating func int(_ value: JSONValue, _ name: String, _ range: ClosedRange<Int>) -> Int? {
        guard let number = value.int, range.contains(number) else {
            add(name, "\(name) is not a whole number from \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        return number
    }

    /// Ids without repetition, ten thousand at most; nil without a problem where it is left out or null.
    mutating func targets(_ name: String) -> [TargetID]? {
        guard let value = take(name), !value.isNull else { return nil }
        guard let items = value.items, items.count <= 10_000 else {
            add(name, "\(name) is not a list of target ids.")
            return nil
        }
        let ids = items.compactMap { $0.text.flatMap(TargetID.init(rawValue:)) }
        guard ids.count == items.count else {
            add(name, "\(name) holds something that is not a target id.")
            return nil
        }
        guard Set(ids).count == ids.count else {
            add(name, "\(name) names a target twice.")
            return nil
        }
        return ids
    }

    /// Why somebody does something, which may be left out; empty is the same. It is shown in logs, so it is one line there.
    mutating func reason() throws(Problem) -> String? {
        let reason = optionalText("reason", 0...500).map { AuditEntry.line($0.trimmed, longest: 500) }
        try finish()
        return reason?.isEmpty == true ? nil : reason
    }

    /// As it came, for the audit log: fields that were left out are left out here too.
    func raw(_ name: String) -> JSONValue? { fields[name].flatMap { $0.isNull ? nil : $0 } }

    /// For a field with rules of its own. The caller notes what is wrong with it.
    mutating func value(_ name: String) -> JSONValue? { take(name) }

    private mutating func take(_ name: String) -> JSONValue? {
        asked.insert(name)
        return fields[name]
    }

    /// Names every field that nobody asked for, then throws if anything is wrong: 400 `request.fields`, with all of it
    /// under `problems`.
    mutating func finish() throws(Problem) {
        refuseUnknown()
        try throwProblems()
    }

    /// Alone for an object inside a body, whose problems the outer one tells.
    mutating func refuseUnknown() {
        for name in fields.keys.sorted() where !asked.contains(name) {
            add(name, "\(String(name.prefix(64))) is not a field that is known here.")
        }
    }

    /// The sentence is the first problem's, so that a page that shows only one line still says something to act on.
    func throwProblems() throws(Problem) {
        guard let first = problems.first else { return }
        let more = problems.count - 1
        let sentence =
            more == 0 ? first.sentence : "\(first.sentence) \(more) more \(more == 1 ? "field needs" : "fields need") a change."
        throw Problem(
            400, "request.fields", sentence, remedy: "Correct the fields that are named and send it again.", fields: problems)
    }
}

extension ClosedRange<Int> {
    /// Whether a text has so many characters. They are counted only where their bytes are not too many for that: one character may have a
    /// megabyte of marks. Those of Hindi, Tamil and Thai have up to twelve, flags eight.
    func contains(_ text: String, bytesEach: Int) -> Bool {
        text.utf8.count <= upperBound * bytesEach && contains(text.count)
    }
}

extension StringProtocol {
    var trimmed: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
