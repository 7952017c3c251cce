import Accounts
import JSONText
import RunModel
import WebServer

// Signing in and out. Pages carry the token in a cookie that scripts cannot read and other sites cannot send; programs carry it in the
// `Authorization` header. Signing out is open to everybody, so that a page with an expired cookie can get rid of it.
extension RouteTable {
    static func accounts(_ services: Services) -> [Route] {
        [
            Route(
                method: "POST", path: "/api/login", access: .open, summary: "Signs in and sets the cookie.",
                body: .fields(["username", "password"], required: ["username", "password"])
            ) { call, body async throws(Problem) in try await signIn(call, &body, services) },
            Route(method: "POST", path: "/api/logout", access: .open, summary: "Ends this sign-in.", status: 204) {
                call, body async throws(Problem) in
                try body.finish()
                if let requester = call.requester, requester.usesCookie {
                    do throws(AccountError) { try await services.accounts.signOut(token: requester.token) } catch {
                        throw Problem(error)
                    }
                }
                return HTTPResponse(status: 204, headers: [cookie("", seconds: 0, call.request)])
            },
            Route(method: "GET", path: "/api/me", access: .signedIn, summary: "Who is signed in.") { call, _ in
                .value(me(call.person))
            },
        ]
    }

    private static func signIn(_ call: Call, _ body: inout BodyFields, _ services: Services) async throws(Problem) -> HTTPResponse
    {
        let username = body.text("username", 1...200)
        // A password may hold anything, so its own rule is no business of this check.
        let password = body.value("password")?.text
        if password == nil { body.add("password", "password is missing or not text.") }
        try body.finish()
        let signIn: SignIn
        do throws(AccountError) {
            signIn = try await services.accounts.signIn(
                username: username ?? "", password: password ?? "", address: call.request.remoteAddress)
        } catch {
            throw Problem(error)
        }
        var response = HTTPResponse.value(me(signIn.person))
        let seconds = Int(signIn.expiresAt.seconds(since: services.now).rounded())
        response.headers.append(cookie(signIn.token, seconds: seconds, call.request))
        return response
    }

    private static func cookie(_ token: String, seconds: Int, _ request: HTTPRequest) -> (String, String) {
        let secure = request.isSecure ? "; Secure" : ""
        return ("set-cookie", "\(Requester.cookie)=\(token); Path=/; Max-Age=\(seconds); HttpOnly; SameSite=Strict\(secure)")
    }

    private static func me(_ person: Person) -> JSONValue {
        [
            "username": .string(person.username), "staff": .bool(person.staff), "viewerOnly": .bool(person.viewerOnly),
            "groups": .array(person.groups.sorted().map(JSONValue.string)),
        ]
    }
}

extension HTTPResponse {
    static func value(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("content-type", "application/json")], body: .bytes(JSONText.bytes(of: value)))
    }

    static func list(_ items: [JSONValue], next: JSONValue = .null) -> HTTPResponse {
        .value(["items": .array(items), "next": next])
    }

    static func accepted(_ command: CommandID) -> HTTPResponse {
        .value(["command": .string(command.rawValue)], status: 202)
    }
}
