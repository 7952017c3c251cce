import Accounts
import ArgumentParser
import RunModel

struct GroupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "group", abstract: "The facility's groups.",
        discussion: """
            Until the first one is added, groups are whatever users and sessions name. From then on only those that are listed are taken, and
            those that users and sessions have already are listed with the first. A running server takes changes in within two seconds.
            """,
        subcommands: [Add.self, List.self, Remove.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds a group.")
        @Argument(help: "The group's name.") var name: String
        @OptionGroup var place: AccountPlace

        func run() async throws {
            try await place.open().addGroup(name, by: .terminal)
            Terminal.say("Added \(name).")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the groups with their members.")
        @OptionGroup var place: AccountPlace

        func run() async throws {
            for (group, people) in try place.open().members().sorted(by: { $0.key < $1.key }) {
                Terminal.say(([group] + people).joined(separator: "\t"))
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes a group that has no members.", discussion: "Its sessions stay, for staff and viewers.")
        @Argument(help: "The group's name.") var name: String
        @OptionGroup var place: AccountPlace

        func run() async throws {
            try await place.open().removeGroup(name, by: .terminal)
            Terminal.say("Removed \(name).")
        }
    }
}
