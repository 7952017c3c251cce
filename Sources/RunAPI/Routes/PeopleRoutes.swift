import Accounts
import JSONText
import RunModel
import WebServer

// Accounts, roles, groups and tokens, for staff: what `gridpilot user` and `gridpilot group` do, on a page. Every change counts for whoever is
// signed in within a second, and is written to the audit log in the same transaction.
//
// None of these takes an `Idempotency-Key`: what is kept under one would hold a digest of a password, or a token. A second one is refused by the
// state that it finds.
extension RouteTable {
    static func people(_ services: Services) -> [Route] {
        accountRoutes(services) + tokenRoutes(services) + groupRoutes(services)
    }

    private static func accountRoutes(_ services: Services) -> [Route] {
        [
            Route(method: "GET", path: "/api/people", access: .act(.managePeople), summary: "The accounts.") {
                _, _ async throws(Problem) in
                let roster = try await services.changing { accounts throws(AccountError) in try await accounts.roster() }
                return .list(roster.map(json))
            },
            change(
                "POST", "/api/people", "Adds somebody.", .account("addPerson", .body("username", kind: "person")), services,
                body: .fields(["username", "password", "role", "groups"], required: ["username", "password", "role"]), status: 201
            ) { call, body async throws(Problem) in
                let username = body.text("username", 1...64) ?? ""
                let password = body.password()
                let role = body.role()
                let groups = body.names("groups")
                for group in groups.sorted() {
                    do throws(AccountError) { try services.accounts.checkGroup(group) } catch {
                        body.add("groups", error.sentence)
                    }
                }
                try body.finish()
                let person = NewPerson(
                    username: username, password: password, staff: role == .staff, viewerOnly: role == .viewer, groups: groups)
                try await services.changing { accounts throws(AccountError) in try await accounts.add(person, by: call.author) }
                return .value(["username": .string(username)], status: 201)
            },
            change(
                // Ends their sign-ins and tokens. What they did stays in the audit log.
                "DELETE", "/api/people/{person}", "Removes somebody.", .account("removePerson", .path("person")), services
            ) { call, body async throws(Problem) in
                try body.finish()
                return try await services.done { accounts throws(AccountError) in
                    try await accounts.remove(call.parameter("person"), by: call.author)
                }
            },
            change(
                "PUT", "/api/people/{person}/role", "Changes what somebody may do.",
                .account("setRole", .path("person"), fields: ["role"]), services,
                body: .fields(["role"], required: ["role"])
            ) { call, body async throws(Problem) in
                let role = body.role()
                try body.finish()
                return try await services.done { accounts throws(AccountError) in
                    try await accounts.setRole(
                        staff: role == .staff, viewerOnly: role == .viewer, of: call.parameter("person"), by: call.author)
                }
            },
            change(
                // Ends their sign-ins and tokens too.
                "PUT", "/api/people/{person}/password", "Sets somebody's password.", .account("setPassword", .path("person")),
                services, body: .fields(["password"], required: ["password"])
            ) { call, body async throws(Problem) in
                let password = body.password()
                try body.finish()
                return try await services.done { accounts throws(AccountError) in
                    try await accounts.setPassword(password, of: call.parameter("person"), by: call.author)
                }
            },
            change(
                "POST", "/api/people/{person}/unlock", "Lets somebody try again who mistyped the password too often.",
                .account("unlock", .path("person")), services
            ) { call, body async throws(Problem) in
                try body.finish()
                return try await services.done { accounts throws(AccountError) in
                    try await accounts.unlock(call.parameter("person"), by: call.author)
                }
            },
        ]
    }

    private static func tokenRoutes(_ services: Services) -> [Route] {
        [
            change(
                // The secret is in this answer and nowhere else.
                "POST", "/api/people/{person}/tokens", "Makes a token and tells it, once.",
                .account("addToken", .path("person"), fields: ["name"]), services,
                body: .fields(["name"], required: ["name"]), status: 201
            ) { call, body async throws(Problem) in
                let name = body.text("name", 1...64) ?? ""
                try body.finish()
                let token = try await services.changing { accounts throws(AccountError) in
                    try await accounts.addToken(named: name, for: call.parameter("person"), by: call.author)
                }
                return .value(["name": .string(name), "token": .string(token)], status: 201)
            },
            change(
                "DELETE", "/api/people/{person}/tokens/{token}", "Ends a token.",
                .account("revokeToken", .path("person"), parameters: ["token"]), services
            ) { call, body async throws(Problem) in
                try body.finish()
                return try await services.done { accounts throws(AccountError) in
                    try await accounts.removeToken(
                        named: call.parameter("token"), of: call.parameter("person"), by: call.author)
                }
            },
        ]
    }

    private static func groupRoutes(_ services: Services) -> [Route] {
        [
            Route(method: "GET", path: "/api/groups", access: .act(.managePeople), summary: "The groups and their members.") {
                _, _ async throws(Problem) in
                let listed = services.accounts.groups
                let groups = services.accounts.members().sorted { $0.key < $1.key }
                return .list(
                    groups.map { group, members in
                        [
                            "name": .string(group), "members": .array(members.map(JSONValue.string)),
                            "isListed": .bool(listed?.contains(group) ?? false),
                        ]
                    })
            },
            change(
                "POST", "/api/groups", "Adds a group. From the first one on only those that are listed are taken.",
                .account("addGroup", .body("name", kind: "group")), services, body: .fields(["name"], required: ["name"]),
                status: 201
            ) { call, body async throws(Problem) in
                let name = body.text("name", 1...64) ?? ""
                try body.finish()
                try await services.changing { accounts throws(AccountError) in try await accounts.addGroup(name, by: call.author)
                }
                return .value(["name": .string(name)], status: 201)
            },
            change(
                // Its sessions stay, for staff and viewers.
                "DELETE", "/api/groups/{group}", "Removes a group that has no members.",
                .account("removeGroup", .path("group")), services
            ) { call, body async throws(Problem) in
                try body.finish()
                return try await services.done { accounts throws(AccountError) in
                    try await accounts.removeGroup(call.parameter("group"), by: call.author)
                }
            },
            change(
                "PUT", "/api/people/{person}/groups/{group}", "Makes somebody a member of a group.",
                .account("joinGroup", .path("person"), parameters: ["group"]), services
            ) { call, body async throws(Problem) in
                try body.finish()
                return try await services.done { accounts throws(AccountError) in
                    try await accounts.join(call.parameter("group"), call.parameter("person"), by: call.author)
                }
            },
            change(
                "DELETE", "/api/people/{person}/groups/{group}", "Takes somebody out of a group.",
                .account("leaveGroup", .path("person"), parameters: ["group"]), services
            ) { call, body async throws(Problem) in
                try body.finish()
                return try await services.done { accounts throws(AccountError) in
                    try await accounts.leave(call.parameter("group"), call.parameter("person"), by: call.author)
                }
            },
        ]
    }

    private static func change(
        _ method: String, _ path: String, _ summary: String, _ word: AuditWord, _ services: Services, body: Route.Body = .none,
        status: Int = 204, _ handler: @escaping Route.Handler
    ) -> Route {
        Route(
            method: method, path: path, access: .act(.managePeople), summary: summary, body: body, status: status, audit: word,
            handler: handler)
    }

    private static func json(_ account: Account) -> JSONValue {
        [
            "username": .string(account.person.username), "role": .string(account.person.role),
            "groups": .array(account.person.groups.sorted().map(JSONValue.string)),
            "createdAt": .string(account.createdAt.description),
            "lastSignIn": account.lastSignIn.map { .string($0.description) } ?? .null, "signIns": .integer(account.signIns),
            "tokens": .array(
                account.tokens.map { ["name": .string($0.name), "createdAt": .string($0.createdAt.description)] }),
        ]
    }
}

/// What a form of the people's page may say of a role.
private enum RoleWord: String { case member, viewer, staff }

extension BodyFields {
    fileprivate mutating func role() -> RoleWord? {
        let role = value("role")?.text.flatMap(RoleWord.init(rawValue:))
        if role == nil { add("role", "role is none of member, viewer and staff.") }
        return role
    }

    /// It may hold anything, so the rule for texts does not apply. How long it must be is the accounts' rule.
    fileprivate mutating func password() -> String {
        guard let password = value("password")?.text else {
            add("password", "password is missing or not text.")
            return ""
        }
        return password
    }

    /// Nothing where it is left out. What a name may be is the accounts' rule.
    fileprivate mutating func names(_ field: String) -> Set<String> {
        guard let value = value(field), !value.isNull else { return [] }
        let names = value.items?.compactMap(\.text) ?? []
        guard let items = value.items, items.count == names.count, items.count <= 100 else {
            add(field, "\(field) is not a list of names.")
            return []
        }
        return Set(names)
    }
}

extension Services {
    fileprivate func changing<Value>(
        _ body: (Accounts) async throws(AccountError) -> Value
    ) async throws(Problem) -> Value {
        do throws(AccountError) { return try await body(accounts) } catch { throw Problem(error) }
    }

    fileprivate func done(_ body: (Accounts) async throws(AccountError) -> Void) async throws(Problem) -> HTTPResponse {
        try await changing(body)
        return HTTPResponse(status: 204)
    }
}
