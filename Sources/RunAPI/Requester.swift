import Accounts
import WebServer

/// Somebody who is signed in, and by what.
///
/// The person is as they were when the request came. A request is over in a moment; a live link asks again with every
/// heartbeat.
struct Requester: Sendable {
    var person: Person
    var token: String
    /// Browsers send cookies by themselves, so what comes by one must come from our own page. A token is put there by a
    /// program on purpose: no page of another site has it.
    var usesCookie: Bool

    /// Part of the contract with scripts and proxies: a rename signs everybody out.
    static let cookie = "gridpilot"
    /// By which a browser is known again; it lets nobody in.
    static let deviceCookie = "gridpilot-device"
    /// More cookies of one name come from no browser of ours.
    static let mostCookies = 8

    init(person: Person, token: String, usesCookie: Bool) {
        self.person = person
        self.token = token
        self.usesCookie = usesCookie
    }

    /// From memory: may be asked on the network thread. Nil for whoever is not signed in, whatever the reason: an
    /// unknown token, an expired one and a malformed header are answered alike, so that guessing teaches nothing.
    ///
    /// A header outranks the cookie and is not helped by it: a script with a wrong token must be told so, even in a
    /// browser that is signed in.
    init?(_ request: HTTPRequest, _ accounts: Accounts) {
        if let authorization = request.headers["authorization"] {
            guard authorization.lowercased().hasPrefix("bearer ") else { return nil }
            self.init(token: authorization.dropFirst(7).trimmed, usesCookie: false, accounts)
        } else {
            // A cookie that was set for another path, or by another server of this machine, may stand before ours.
            let found = request.cookies(Self.cookie).prefix(Self.mostCookies).lazy
                .compactMap { Requester(token: $0, usesCookie: true, accounts) }.first
            guard let found else { return nil }
            self = found
        }
    }

    private init?(token: String, usesCookie: Bool, _ accounts: Accounts) {
        // Ours are shorter. Without the bound anybody could have kilobytes hashed with every request.
        guard (1...128).contains(token.utf8.count), let person = accounts.person(forToken: token, isCookie: usesCookie)
        else { return nil }
        self.init(person: person, token: token, usesCookie: usesCookie)
    }
}

extension HTTPRequest {
    /// False when the browser says that another site's page sent this. It says so by `Origin`, or by `Sec-Fetch-Site`
    /// where that is left out; `none` is an address typed by hand. Programs say neither: they sign in so, and then come with a
    /// token. What brings a cookie must say where it comes from.
    var mayComeFromOurPage: Bool {
        if let isSameOrigin { return isSameOrigin }
        guard let site = headers["sec-fetch-site"] else { return cookie(Requester.cookie) == nil }
        return site == "same-origin" || site == "none"
    }
}
