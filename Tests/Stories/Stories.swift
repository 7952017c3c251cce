import ArgumentParser

/// Tells what may go wrong in a night, many thousand times, on a simulated microscope and a clock that jumps.
@main struct Stories: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gridpilot-stories",
        abstract: "Runs whole sessions by seeds and holds them to what must hold whatever happens.",
        subcommands: [ChaosCommand.self, CrashCommand.self, StopCommand.self])

    static func main() {
        LastWords.listen()
        main(nil)
    }
}
