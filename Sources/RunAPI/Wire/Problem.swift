import Accounts
import Engine
import JSONText
import RunModel
import Store
import WebServer

/// A refusal as pages and scripts get it: `application/problem+json`, RFC 9457 with sentences of our own.
///
/// `code` is for programs and a promise: a script may compare it for years. `sentence` and `remedy` are for people and
/// shown as they are, so they may be reworded at any time. What C or the microscope returned as a number never gets
/// this far.
struct Problem: Error, Equatable {
    /// One field of a body that cannot be taken, by its path within the body: `grids[1].position`. A page marks its
    /// input by it.
    struct Field: Hashable, Sendable, Codable {
        var field: String
        var sentence: String
    }

    var status: Int
    var code: String
    var sentence: String
    var remedy: String?
    /// Everything that is wrong with a body, when that is more than the sentence says.
    var fields: [Field] = []
    /// What HTTP wants beside some statuses: `Retry-After`, `Allow`, `WWW-Authenticate`.
    var headers: [String: String] = [:]

    init(
        _ status: Int, _ code: String, _ sentence: String, remedy: String?, fields: [Field] = [],
        headers: [String: String] = [:]
    ) {
        self.status = status
        self.code = code
        self.sentence = sentence
        self.remedy = remedy
        self.fields = fields
        self.headers = headers
    }

    init(_ cause: any Explained, status: Int) {
        self.init(status, cause.code, cause.sentence, remedy: cause.remedy)
    }

    /// `remedy` is always there, null where nothing can be done; `problems` only where a body was wrong.
    var json: JSONValue {
        var value: JSONValue = [
            "code": .string(code), "title": .string(StatusLine.title(status)), "status": .integer(status),
            "sentence": .string(sentence),
            "remedy": remedy.map(JSONValue.string) ?? .null,
        ]
        if !fields.isEmpty {
            value["problems"] = .array(fields.map { ["field": .string($0.field), "sentence": .string($0.sentence)] })
        }
        return value
    }

    var response: HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [("content-type", "application/problem+json")]
                + headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            body: .bytes(JSONText.bytes(of: json)))
    }
}

extension Problem {
    init(_ cause: EngineError) {
        self.init(cause, status: cause.httpStatus)
    }

    init(_ cause: StoreError) {
        self.init(cause, status: cause.httpStatus)
    }

    init(_ cause: AccountError) {
        switch cause {
        // One code for all four: which right is missing is in the sentence, and a script can do nothing different
        // about it.
        case .watchOnly, .staffOnly, .membersOnly, .notYours:
            self.init(403, "permission.denied", cause.sentence, remedy: cause.remedy)
        case .tooManyTries(let seconds), .tooManyFromAddress(let seconds):
            self.init(cause, status: 429)
            headers["retry-after"] = String(max(1, seconds))
        case .tooManyAtOnce, .noAnswer, .notBegun:
            self.init(cause, status: 503)
            headers["retry-after"] = "2"
        // Without `WWW-Authenticate`: other words in the form are needed, not other credentials in the header.
        case .wrong: self.init(cause, status: 401)
        case .notSignedIn:
            self.init(cause, status: 401)
            headers["www-authenticate"] = "Bearer"
        case .store(let store): self.init(store)
        case .unknown, .noToken, .noGroup: self.init(cause, status: 404)
        case .taken, .tokenTaken, .groupTaken, .groupHasMembers, .notInGroup, .lastStaff: self.init(cause, status: 409)
        default: self.init(cause, status: 400)
        }
    }

    /// 404. What was asked for is told back cut short, since anything may stand in an address.
    static func unknown(_ kind: String, _ id: String) -> Problem { Problem(.unknown(kind, id: String(id.prefix(80)))) }
}

extension EngineError {
    /// 409 where the request is right and the state is another: asked again later, it may succeed. 422 where the
    /// request can never succeed as it stands, 404 where what it names is not there, 503 where the server cannot say or
    /// do anything now.
    fileprivate var httpStatus: Int {
        switch self {
        case .unknown, .noPrompt: 404
        case .alreadyRunning, .notRunning, .nothingToRun, .nothingQueued, .givenUp, .cannotTakeBack, .promptAnswered,
            .queueChanged,
            .queueTarget, .exposed, .archived, .settings, .settingsChanged, .gridTaken, .gridOrder,
            .grid,
            .livingRun, .nothingToKill, .noLock, .stopping, .reserve, .files(.folderTaken):
            409
        case .answerNotOffered, .recipe: 422
        case .shuttingDown: 503
        case .lock(.held), .lock(.foreign), .lock(.claimed), .lock(.takenOver), .lock(.lost),
            .lock(.fileOfAnother), .lock(.underAnotherID), .lock(.obstructed),
            .lock(.unreadable):
            409
        case .lock(.files), .files: 503
        case .store(let cause): cause.httpStatus
        }
    }
}

extension StoreError {
    /// A full disk has a status of its own, because it is the one cause that an operator can remove at once. All that
    /// keeps the store from being read or written is 503: it says nothing about the request, which may be sent again.
    fileprivate var httpStatus: Int {
        switch self {
        case .unknown: 404
        case .nameTaken, .idTaken, .lastStaff, .fenced, .exposedAlready, .illegalMove: 409
        case .full: 507
        case .missingDirectory, .leadsNowhere, .readOnly, .damaged, .foreign, .newer, .busy, .disk, .gone, .closed, .noAnswer,
            .unreadable, .refused, .contradicted:
            503
        }
    }
}
