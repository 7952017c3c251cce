import ArgumentParser
import RunModel
import WebServer

/// Runs a cryo-EM microscope through a screening session, shows it live, and processes the movies as they come.
@main
struct GridPilot: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gridpilot",
        abstract: "Runs automated cryo-EM screening sessions and shows them live.",
        version: ProgramVersion.text,
        subcommands: [
            ServeCommand.self, UserCommand.self, GroupCommand.self, AuditCommand.self, ProcessCommand.self,
            FindSquaresCommand.self, FindHolesCommand.self,
            DoctorCommand.self, SimulateSerialEMCommand.self, MicroscopeCommand.self, CheckSerialEMCommand.self,
            BackupCommand.self, RestoreCommand.self,
        ])

    /// Wrong arguments end with 64, what goes wrong afterwards with 1: a sentence and what to do now.
    static func main() async {
        do {
            var command = try parseAsRoot()
            // What works on one movie and ends gives everything back anyway, and is faster with a heap for each thread.
            if command is ServeCommand { ServerHeap.bound() }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let problem as any Explained {
            Terminal.complain(problem)
            exit(withError: ExitCode.failure)
        } catch {
            refuse(error)
        }
    }

    /// Help, versions, exit codes; and wrong arguments, in a sentence without the library's own heading.
    private static func refuse(_ error: any Error) -> Never {
        guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
        let text = fullMessage(for: error)
        Terminal.complain(text.hasPrefix("Error: ") ? String(text.dropFirst(7)) : text)
        exit(withError: ExitCode.validationFailure)
    }
}

enum ProgramVersion {
    static let text = "0.1.0"
}
