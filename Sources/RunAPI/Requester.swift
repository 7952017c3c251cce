import Accounts
import WebServer

/// Somebody who is signed in, and by what.
struct Requester: Sendable {
    var person: Person
    var token: String
    /// Browsers send cookies by themselves, so what comes by one must come from our own page.
    var usesCookie: Bool

    static let cookie = "gridpilot"

    init(person: Person, token: String, usesCookie: Bool) {
        self.person = person
        self.token = token
        self.usesCookie = usesCookie
    }

    /// From memory: may be asked on the network thread.
    init?(_ request: HTTPRequest, _ accounts: Accounts) {
        if let authorization = request.headers["authorization"] {
            guard authorization.lowercased().hasPrefix("bearer ") else { return nil }
            self.init(token: authorization.dropFirst(7).trimmed, usesCookie: false, accounts)
        } else {
            self.init(token: request.cookie(Self.cookie) ?? "", usesCookie: true, accounts)
        }
    }

    private init?(token: String, usesCookie: Bool, _ accounts: Accounts) {
        guard (1...128).contains(token.utf8.count), let person = accounts.person(forToken: token) else { return nil }
        self.init(person: person, token: token, usesCookie: usesCookie)
    }
}

extension HTTPRequest {
    /// False when the browser says that another site's page sent this.
    var mayComeFromOurPage: Bool {
        if let isSameOrigin { return isSameOrigin }
        guard let site = headers["sec-fetch-site"] else { return true }
        return site == "same-origin" || site == "none"
    }
}
