import Accounts
import ArgumentParser
import Blocking
import Glibc
import RunModel
import Store

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Accounts, with or without a running server.",
        discussion: "A running server takes changes in within two seconds.",
        subcommands: [
            Add.self, List.self, Password.self, Remove.self, UserRoleCommand.self, UserGroupCommand.self, UserTokenCommand.self,
            Unlock.self,
        ])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds a user.")
        @Argument(help: "The user's name.") var name: String
        @Flag(help: "May do everything, force-kill included.") var staff = false
        @Flag(help: "Watches, and never controls.") var viewer = false
        @Option(help: "A group whose sessions the user may see; may be repeated.") var group: [String] = []
        @OptionGroup var password: PasswordInput
        @OptionGroup var place: AccountPlace

        func validate() throws {
            if staff, viewer { throw ValidationError("--staff and --viewer do not go together.") }
            if viewer, !group.isEmpty {
                throw ValidationError("--viewer and --group do not go together: a viewer watches the sessions of every group.")
            }
        }

        func run() async throws {
            let accounts = try place.open(creates: true)
            try await accounts.add(
                NewPerson(username: name, password: try password.read(), staff: staff, viewerOnly: viewer, groups: Set(group)),
                by: .terminal)
            Terminal.say("Added \(name).")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the users.")
        @OptionGroup var place: AccountPlace

        func run() async throws {
            for person in try place.open().people() {
                Terminal.say(([person.username, person.role] + person.groups.sorted()).joined(separator: "\t"))
            }
        }
    }

    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Sets a user's password and ends their sign-ins.")
        @Argument(help: "The user's name.") var name: String
        @OptionGroup var password: PasswordInput
        @OptionGroup var place: AccountPlace

        func run() async throws {
            let accounts = try place.open()
            try await accounts.setPassword(try password.read(), of: name, by: .terminal)
            Terminal.say("The password of \(name) is set.")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Removes a user and ends their sign-ins.")
        @Argument(help: "The user's name.") var name: String
        @OptionGroup var place: AccountPlace

        func run() async throws {
            try await place.open().remove(name, by: .terminal)
            Terminal.say("Removed \(name).")
        }
    }
}

/// Where the store is: the same for every command as for `serve`.
struct AccountPlace: ParsableArguments {
    @Option(help: "The server's data directory. (default: data)") var data: String?
    @Option(help: "The server's configuration file: its data directory is taken.") var config: String?

    func directory() throws(CommandProblem) -> DataDirectory {
        let file = try config.map { path throws(CommandProblem) in try Configuration(file: path) }
        return DataDirectory(data ?? file?.data ?? "data")
    }

    func open(creates: Bool = false) throws -> Accounts {
        try Accounts(store: try openStore(creates: creates), now: SystemTime.now)
    }

    func openStore(creates: Bool = false) throws -> RunStore {
        // Before the first file is made.
        SessionFiles.private.applyToNewFiles()
        return try store(creates: creates)
    }

    func store(creates: Bool = false) throws -> RunStore {
        let directory = try directory()
        guard access(directory.database, F_OK) != 0 else { return try directory.openStore() }
        guard creates else { throw CommandProblem.noStore(in: directory) }
        try config.map { try StoreMarker(configuration: $0, acceptsAny: false).check(directory) }
        // Sessions without their store: its disk is away, or this is not where it belongs.
        guard ((try? Files.names(in: directory.sessions)) ?? []).isEmpty else { throw CommandProblem.noStore(in: directory) }
        try directory.prepare()
        let store = try directory.openStore()
        Terminal.complain("A new store was begun at \(directory.database).")
        return store
    }
}

/// A password never stands on a command line, where every user of the machine can read it.
struct PasswordInput: ParsableArguments {
    @Flag(help: "Reads the password from standard input. Without it the terminal asks.") var passwordStdin = false

    func read() throws -> String {
        if !passwordStdin, isatty(STDIN_FILENO) == 1 {
            guard let typed = getpass("Password: ") else { throw Self.missing }
            return String(cString: typed)
        }
        guard passwordStdin else {
            throw ValidationError("Standard input is no terminal: add --password-stdin and send the password there.")
        }
        guard let line = Terminal.readSecret(), !line.isEmpty else { throw Self.missing }
        return line
    }

    private static let missing = CommandProblem("No password was given.", remedy: "Send it as one line on standard input.")
}
