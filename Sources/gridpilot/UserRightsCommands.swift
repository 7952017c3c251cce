import Accounts
import ArgumentParser
import RunModel

struct UserRoleCommand: AsyncParsableCommand {
    enum Role: String, ExpressibleByArgument, CaseIterable { case member, viewer, staff }

    static let configuration = CommandConfiguration(commandName: "role", abstract: "Changes what a user may do.")
    @Argument(help: "The user's name.") var name: String
    @Argument(help: "member controls the sessions of their groups, viewer watches all, staff may do everything.") var role: Role
    @OptionGroup var place: AccountPlace

    func run() async throws {
        try await place.open()
            .setRole(staff: role == .staff, viewerOnly: role == .viewer, of: name, by: .terminal)
        Terminal.say("\(name) is \(role.rawValue).")
    }
}

struct UserGroupCommand: AsyncParsableCommand {
    enum Change: String, ExpressibleByArgument, CaseIterable { case add, remove }

    static let configuration = CommandConfiguration(
        commandName: "group", abstract: "Adds a user to a group, or takes them out of it.")
    @Argument(help: "The user's name.") var name: String
    @Argument(help: "add or remove.") var change: Change
    @Argument(help: "The group.") var group: String
    @OptionGroup var place: AccountPlace

    func run() async throws {
        let accounts = try place.open()
        switch change {
        case .add:
            try await accounts.join(group, name, by: .terminal)
            Terminal.say("\(name) is a member of \(group).")
        case .remove:
            try await accounts.leave(group, name, by: .terminal)
            Terminal.say("\(name) is no longer a member of \(group).")
        }
    }
}

struct UserTokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Tokens by which scripts act as a user.",
        discussion: "A script sends one as Authorization: Bearer TOKEN. It ends with the user's password, or when it is revoked.",
        subcommands: [Add.self, List.self, Revoke.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a token and prints it, once.")
        @Argument(help: "The user's name.") var name: String
        @Argument(help: "What the token is called.") var token: String
        @OptionGroup var place: AccountPlace

        func run() async throws {
            Terminal.say(try await place.open().addToken(named: token, for: name, by: .terminal))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the names of a user's tokens.")
        @Argument(help: "The user's name.") var name: String
        @OptionGroup var place: AccountPlace

        func run() async throws {
            let accounts = try place.open()
            guard accounts.people().contains(where: { $0.username == name }) else { throw AccountError.unknown(name) }
            for token in accounts.tokens(of: name) { Terminal.say(token) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Ends a token.")
        @Argument(help: "The user's name.") var name: String
        @Argument(help: "What the token is called.") var token: String
        @OptionGroup var place: AccountPlace

        func run() async throws {
            try await place.open().removeToken(named: token, of: name, by: .terminal)
            Terminal.say("Revoked \(token) of \(name).")
        }
    }
}
