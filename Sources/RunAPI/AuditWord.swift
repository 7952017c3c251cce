import JSONText
import RunModel
import Store
import WebServer

/// What the audit log says of a route: the act, what it was done to, and which of the body's fields are told with it.
struct AuditWord: Sendable, Hashable {
    enum Subject: Sendable, Hashable {
        /// What the path names, by that parameter: `person/ada`.
        case path(String)
        /// What the body names, by that field, as that kind of thing.
        case body(String, kind: String)
        /// The session that the answer names.
        case newSession
        /// Whoever asks.
        case asker
    }
    /// Imperative: `stop`, `setRole`.
    var act: String
    var subject: Subject
    /// Of the body. Only what is no secret stands here: a password is in no list of these.
    var fields: [String] = []
    /// Of the path, besides the subject.
    var parameters: [String] = []
    /// Written before it is done as well, so that it is known even if the server dies over it.
    var isAskedFirst = false
    /// `Accounts` writes it down in the transaction of the change itself, which is better; here only refusals are.
    var isWrittenByAccounts = false
}

extension AuditWord {
    static func session(_ act: String, fields: [String] = [], parameters: [String] = []) -> AuditWord {
        AuditWord(act: act, subject: .path("session"), fields: fields, parameters: parameters)
    }

    /// For what overrides the recorded state.
    static func force(_ act: String, on parameter: String) -> AuditWord {
        AuditWord(act: act, subject: .path(parameter), fields: ["reason"], isAskedFirst: true)
    }

    static func account(_ act: String, _ subject: Subject, fields: [String] = [], parameters: [String] = []) -> AuditWord {
        AuditWord(act: act, subject: subject, fields: fields, parameters: parameters, isWrittenByAccounts: true)
    }

    func subject(_ call: Call, _ body: BodyFields, _ answer: HTTPResponse?) -> String {
        switch subject {
        case .path(let name): "\(name)/\(Self.name(call.parameter(name)))"
        case .body(let field, let kind): "\(kind)/\(Self.name(body.raw(field)?.text ?? ""))"
        case .newSession: answer?.id.map { "session/\($0)" } ?? ""
        case .asker: "person/\(call.person.username)"
        }
    }

    func detail(_ call: Call, _ body: BodyFields) -> [String: JSONValue] {
        var detail: [String: JSONValue] = [:]
        for name in fields { detail[name] = body.raw(name).map(Self.brief) }
        for name in parameters { detail[name] = .string(Self.name(call.parameter(name))) }
        if call.command != "none" { detail["command"] = .string(call.command.rawValue) }
        return detail
    }

    /// Anything may stand in an address or a body; only what could be a name is told.
    private static func name(_ text: String) -> String { IdentifierText.isWellFormed(text) ? text : "?" }

    /// A queue of thousands of targets is told by its number.
    private static func brief(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(AuditEntry.line(text, longest: 500))
        case .array(let items): items.count > 20 ? .integer(items.count) : .array(items.map(brief))
        case .object: .null
        default: value
        }
    }
}

extension HTTPResponse {
    /// Of something that was made.
    fileprivate var id: String? {
        guard case .bytes(let bytes) = body else { return nil }
        return (try? JSONText.parse(bytes))?["id"]?.text  // a body that is not JSON names nothing
    }
}
