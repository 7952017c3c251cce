import Accounts
import JSONText
import RunModel
import Store
import WebServer

/// A request on its way to its handler, with what the router found out about it.
///
/// A handler may rely on it: whoever asks is signed in, if the route wants that, and may do the route's act on the
/// session that the path names.
struct Call: Sendable {
    let request: HTTPRequest
    /// Nil only on routes that are open to everybody.
    let requester: Requester?
    /// What stands in the place of `{session}` and the like. On routes of a session its id is well formed; what else
    /// the path names is as it came.
    let parameters: [String: String]
    /// Of the command that this request gives: the 202 tells it, and every event that comes from the command carries
    /// it.
    var command: CommandID = "none"

    /// Only routes that need a sign-in ask for it; the router has checked.
    var person: Person { requester?.person ?? Person(username: "") }
    /// For the audit log.
    var author: AuditAuthor { AuditAuthor(person, at: request.remoteAddress) }

    func parameter(_ name: String) -> String { parameters[name] ?? "" }
    var session: SessionID { SessionID(unchecked: parameter("session")) }
    var grid: GridID { GridID(unchecked: parameter("grid")) }

    /// A number of the query, or what counts without one. A number that cannot be used is refused instead of replaced:
    /// a script that asks for a million lines and gets five thousand would take them for all there are.
    func number(_ name: String, _ range: ClosedRange<Int64>, else missing: Int64) throws(Problem) -> Int64 {
        guard let text = request.query[name] else { return missing }
        guard let number = Int64(text), range.contains(number) else {
            throw Problem(
                400, "request.query", "\(name) is not a whole number from \(range.lowerBound) to \(range.upperBound).",
                remedy: "Correct the address.")
        }
        return number
    }
}

/// Who may use a route: its row in the permission table.
///
/// Rights hang on groups. A session belongs to one; its members control it, viewers and staff may look at any session,
/// and what is dangerous is for staff alone. `Permission` has the table itself.
enum Access: Sendable, Hashable {
    /// What nobody can misuse: pages, which hold no data, health, and the way in.
    case open
    /// The handler shows each person what is theirs, so no right is needed beyond the sign-in.
    case signedIn
    /// An act on what belongs to no group.
    case act(Act)
    /// An act on the session that the path names.
    case session(Act)
    /// An act that belongs to some group: allowed to whoever may do it in any of theirs. Which group it is about stands
    /// in the body, which is read later, so the handler must ask again with that group.
    case someGroup(Act)
    /// From this machine, or with an API token: scrapers have no browser to sign in with, and the figures tell a
    /// stranger how busy the facility is. A cookie does not count, so that a page of another site cannot have a browser
    /// fetch them. What a proxy on this machine passes on does not come from this machine; where one is expected, nothing does.
    case metrics
}

/// One method at one path, described once: the router, the permission tests and `/api/openapi.json` all read this.
struct Route: Sendable {
    enum Body: Sendable {
        case none
        /// Every field that the handler asks for, for readers of the description. What is refused as unknown is
        /// whatever the handler does not ask for, so the two must agree.
        case fields([String], required: [String])
    }
    typealias Handler = @Sendable (Call, inout BodyFields) async throws(Problem) -> HTTPResponse

    var method: String
    /// `/api/sessions/{session}/start`
    var path: String
    var access: Access
    /// One line for readers of `/api/openapi.json`.
    var summary: String
    var body: Body = .none
    /// Names of the query, for the description only: others are ignored, as links carry them for reasons of their own.
    var query: [String] = []
    /// Of the answer when all goes well. 202 is a command that was accepted and not yet done, 201 something that exists
    /// when the answer comes, 204 an answer with nothing in it.
    var status = 200
    var contentType = "application/json"
    /// Answered once under its `Idempotency-Key`, and given an id. For everything that must not be done twice when a
    /// page repeats a request whose answer was lost.
    var isCommand = false
    /// Done at once even when nobody can say whether its key was used before. Only for what ends something, since the
    /// state that a second one finds refuses it.
    var isUrgent = false
    /// What the audit log says of it. Everything that may change something has it: a test fails for a route without.
    var audit: AuditWord?
    var handler: Handler

    var segments: [Substring] { path.split(separator: "/") }

    /// The parameters, where the path fits. The path has been percent-decoded once by the web server, so an encoded
    /// slash counts as a slash, and no id can hold one.
    func match(_ parts: [Substring]) -> [String: String]? {
        let segments = segments
        guard segments.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (segment, part) in zip(segments, parts) {
            if segment.hasPrefix("{") {
                parameters[String(segment.dropFirst().dropLast())] = String(part)
            } else if segment != part {
                return nil
            }
        }
        return parameters
    }
}

// A request passes through here in this order: the route is found, the requester is known by cookie or token, the
// route's row of rights is checked, another site's page is refused, the body is read, and only then does the handler
// run, with what becomes of it in the audit log (`Services+Audit`). A handler may therefore trust that the requester may act on what the path names; what the body names it must
// check itself.
//
// The order is a promise, too. Somebody who is not signed in learns nothing but that; somebody without the right gets
// 403 before the body is looked at, so that nobody can try out what a command would take.

/// A method and a path to a handler, with every check that does not depend on what the handler does.
struct Router: Sendable {
    let services: Services
    let routes: [Route]
    private let idempotency: IdempotencyStore

    init(services: Services, routes: [Route]) {
        self.services = services
        self.routes = routes
        idempotency = IdempotencyStore(services)
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        do throws(Problem) { return try await answer(request) } catch { return error.response }
    }

    private func answer(_ request: HTTPRequest) async throws(Problem) -> HTTPResponse {
        let (route, parameters) = try find(request)
        let requester = Requester(request, services.accounts)
        do throws(Problem) { try await check(route, request, requester, parameters) } catch {
            await services.auditRefusal(error, of: route, Call(request: request, requester: requester, parameters: parameters))
            throw error
        }
        // A GET changes nothing, so another site's page gains nothing by sending one: it cannot read the answer.
        // Whatever else a browser sends must come from a page of ours, whether our cookie is with it or not: a foreign
        // page could sign its reader in as somebody else.
        let isUnsafe = request.method != "GET"
        if isUnsafe, requester?.usesCookie ?? true, !request.mayComeFromOurPage {
            let problem = Problem(
                403, "request.origin", "This request comes from a page of another site.",
                remedy: "Open the page from this server.")
            await services.auditRefusal(problem, of: route, Call(request: request, requester: requester, parameters: parameters))
            throw problem
        }
        let body = isUnsafe ? try BodyFields.read(request) : BodyFields([:])
        var call = Call(request: request, requester: requester, parameters: parameters)
        guard route.isCommand else { return try await services.run(route, call, body) }
        // A repeated request gets an id here too, but is answered with the first one's: only that id appears in events.
        call.command = CommandID(unchecked: services.configuration.newID())
        return try await idempotency.once(call, isUrgent: route.isUrgent) { [call] () async throws(Problem) in
            try await services.run(route, call, body)
        }
    }

    private func find(_ request: HTTPRequest) throws(Problem) -> (Route, [String: String]) {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        // `/` itself has one empty part.
        let fitting = routes.compactMap { route in route.match(parts == [""] ? [] : Array(parts)).map { (route, $0) } }
        // 404 comes before any right is asked: what does not exist for anybody is no secret.
        guard !fitting.isEmpty else {
            throw Problem(404, "request.notFound", "There is nothing at this address.", remedy: "Check the address.")
        }
        // A path that is written out outranks one with a parameter at the same place.
        if let found = fitting.filter({ $0.0.method == request.method }).min(by: { $0.1.count < $1.1.count }) { return found }
        // HTTP wants `Allow` with a 405. HEAD is there wherever GET is: the web server answers it by leaving the body
        // out.
        let methods = Set(fitting.map(\.0.method)).sorted().flatMap { $0 == "GET" ? ["GET", "HEAD"] : [$0] }
        throw Problem(
            405, "request.method", "\(request.method.prefix(16)) is not used at this address.",
            remedy: "Use \(methods.joined(separator: " or ")).", headers: ["allow": methods.joined(separator: ", ")])
    }

    private func check(
        _ route: Route, _ request: HTTPRequest, _ requester: Requester?, _ parameters: [String: String]
    ) async throws(Problem) {
        switch route.access {
        case .open: return
        case .metrics:
            // Whoever has made a token for it wants one to be shown.
            if services.isMetricsToken(request) || (request.isLoopback && services.configuration.metricsToken == nil) { return }
            guard let requester, !requester.usesCookie else { throw Problem(AccountError.notSignedIn) }
            try require(.readMetrics, requester, group: nil)
        case .signedIn:
            guard requester != nil else { throw Problem(AccountError.notSignedIn) }
        case .act(let act):
            guard let requester else { throw Problem(AccountError.notSignedIn) }
            try require(act, requester, group: nil)
        case .session(let act):
            guard let requester else { throw Problem(AccountError.notSignedIn) }
            try require(act, requester, group: try await group(parameters, isUrgent: route.isUrgent))
        case .someGroup(let act):
            guard let requester else { throw Problem(AccountError.notSignedIn) }
            // Without a group that allows it the act is refused for no group at all, which gives the sentence that
            // fits.
            let allowed = requester.person.groups.sorted().first { Permission.allows(act, person: requester.person, group: $0) }
            try require(act, requester, group: allowed)
        }
    }

    private func require(_ act: Act, _ requester: Requester, group: String?) throws(Problem) {
        do throws(AccountError) {
            try Permission.require(act, person: requester.person, group: group)
        } catch {
            throw Problem(error)
        }
    }

    /// Of the session that the path names, itself or by what belongs to it: ids begin with their session's.
    ///
    /// An id that does not exist is 404 for everybody, somebody else's is 403. One can thus find out whether an id
    /// exists, but not guess one: those of sessions are sixty random bits.
    private func group(_ parameters: [String: String], isUrgent: Bool) async throws(Problem) -> String {
        // Whoever presses Stop hears at once that the store is silent.
        let patience = isUrgent ? services.configuration.urgentPatience : .seconds(30)
        for (kind, id) in parameters.sorted(by: { $0.key < $1.key }) where ["session", "grid", "target"].contains(kind) {
            guard IdentifierText.isWellFormed(id) else { throw .unknown(kind, id) }
            let session = kind == "session" ? id : ItemID(id)?.session.rawValue ?? ""
            guard let session = SessionID(rawValue: session) else { throw .unknown(kind, id) }
            guard let group = try await services.group(of: session, within: patience) else { throw .unknown(kind, id) }
            return group
        }
        throw .unknown("session", "")
    }
}
