import ArgumentParser

extension UserCommand {
    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lets a user try again at once who has mistyped the password too often.")
        @Argument(help: "The user's name.") var name: String
        @OptionGroup var place: AccountPlace

        func run() async throws {
            try await place.open().unlock(name, by: .terminal)
            Terminal.say("\(name) can sign in again.")
        }
    }
}
