import Accounts
import JSONText
import RunModel
import WebServer

// Signing in and out. Pages carry the token in a cookie that scripts cannot read and other sites cannot send; programs
// carry it in the `Authorization` header. Signing out is open to everybody, so that a page with an expired cookie can
// get rid of it.
//
// Whoever guesses passwords meets `Accounts`: five wrong ones for a name from one address, then 429 and a wait, told in
// `Retry-After`. A name that does not exist is answered like a wrong password. 503 means that so many people sign in at
// once that hashing cannot keep up; it says nothing about the password, and the try does not count.
extension RouteTable {
    static func accounts(_ services: Services) -> [Route] {
        [
            Route(
                method: "POST", path: "/api/login", access: .open, summary: "Signs in and sets the cookie.",
                body: .fields(["username", "password"], required: ["username", "password"]), audit: .account("signIn", .asker)
            ) { call, body async throws(Problem) in try await signIn(call, &body, services) },
            Route(
                method: "POST", path: "/api/logout", access: .open, summary: "Ends this sign-in.", status: 204,
                audit: .account("signOut", .asker)
            ) { call, body async throws(Problem) in
                try body.finish()
                // An API token is not a sign-in: it stays until somebody removes it, whatever is posted here. A store
                // that cannot be written is reported, since the sign-in then lives on; only a page that hears 204 may
                // say "signed out".
                if let requester = call.requester, requester.usesCookie {
                    for token in call.request.cookies(Requester.cookie).prefix(Requester.mostCookies) {
                        do throws(AccountError) {
                            try await services.accounts.signOut(token: token, from: call.request.remoteAddress)
                        } catch {
                            throw Problem(error)
                        }
                    }
                }
                return HTTPResponse(status: 204, headers: [cookie(Requester.cookie, "", seconds: 0, call.request)])
            },
            Route(method: "GET", path: "/api/me", access: .signedIn, summary: "Who is signed in.") { call, _ in
                .value(me(call.person, services.engine.parts.zone))
            },
        ]
    }

    /// The answer is `me`, so that a page knows at once what to show; the token itself is told in the cookie alone. It
    /// is never in the body, where a page's script could read it.
    private static func signIn(_ call: Call, _ body: inout BodyFields, _ services: Services) async throws(Problem) -> HTTPResponse
    {
        let username = body.text("username", 1...200)
        // A password may hold anything, blanks and line breaks too, so the rule for texts does not apply to it. A wrong
        // one must get the answer of a wrong password, not a hint at its form.
        let password = body.value("password")?.text
        if password == nil { body.add("password", "password is missing or not text.") }
        try body.finish()
        let signIn: SignIn
        do throws(AccountError) {
            signIn = try await services.accounts.signIn(
                username: username ?? "", password: password ?? "", address: call.request.remoteAddress,
                devices: call.request.devices,
                replacing: Array(call.request.cookies(Requester.cookie).prefix(Requester.mostCookies)))
        } catch {
            throw Problem(error)
        }
        var response = HTTPResponse.value(me(signIn.person, services.engine.parts.zone))
        let seconds = Int(signIn.expiresAt.seconds(since: services.now).rounded())
        response.headers.append(cookie(Requester.cookie, signIn.token, seconds: seconds, call.request))
        let devices = signIn.devices.joined(separator: ".")
        if !devices.isEmpty {
            response.headers.append(cookie(Requester.deviceCookie, devices, seconds: 180 * 86_400, call.request))
        }
        return response
    }

    /// `HttpOnly` keeps it from scripts, `SameSite=Strict` from requests of other sites. `Secure` is there only where
    /// the request came over TLS: over plain HTTP, as in a microscope room without certificates, a browser would throw
    /// such a cookie away. An empty token with no seconds left makes the browser forget the one it has.
    private static func cookie(_ name: String, _ token: String, seconds: Int, _ request: HTTPRequest) -> (String, String) {
        let secure = request.isSecure ? "; Secure" : ""
        return ("set-cookie", "\(name)=\(token); Path=\(request.prefix)/; Max-Age=\(seconds); HttpOnly; SameSite=Strict\(secure)")
    }

    /// The page decides by this what to offer. It is a courtesy: every right is asked again with each request.
    private static func me(_ person: Person, _ zone: FacilityZone) -> JSONValue {
        [
            "username": .string(person.username), "staff": .bool(person.staff), "viewerOnly": .bool(person.viewerOnly),
            "groups": .array(person.groups.sorted().map(JSONValue.string)),
            // Folders are named by its day.
            "timeZone": .string(zone.name),
        ]
    }
}

extension HTTPRequest {
    /// The secrets by which this browser is known, of whoever signed in there.
    fileprivate var devices: [String] {
        let secrets = (cookie(Requester.deviceCookie) ?? "").split(separator: ".").map(String.init)
        return Array(secrets.filter { $0.utf8.count == 64 }.prefix(Accounts.devicesPerBrowser))
    }
}

extension HTTPResponse {
    /// An answer made in memory. The web server adds `Cache-Control: no-store` to it: it was made for one person at one
    /// moment.
    static func value(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("content-type", "application/json")], body: .bytes(JSONText.bytes(of: value)))
    }

    /// Every list has this form. `next` is what to give as `after` for the next page; null means that this was the
    /// last.
    static func list(_ items: [JSONValue], next: JSONValue = .null) -> HTTPResponse {
        .value(["items": .array(items), "next": next])
    }

    /// Accepted, and nothing more: whether a command succeeds is told by events that carry this id. A page must not
    /// show it as done.
    static func accepted(_ command: CommandID) -> HTTPResponse {
        .value(["command": .string(command.rawValue)], status: 202)
    }
}
