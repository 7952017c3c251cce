import Blocking
import Glibc
import RunModel

/// One run of a facility's program, in a folder of its own that is gone afterwards.
///
/// It runs inside the worker's process group, so that it ends when the worker is ended, by this machine or by a cluster's scheduler.
struct ExternalRun: Sendable {
    /// Programs report their progress at length; more than this is a fault.
    private static let wordLimit = 16 << 20
    /// Where it writes, apart from the links to what it reads: a program that names its sum for its movie must not write through one.
    static let out = "out"

    let step: ExternalStep
    /// Absolute; the program's working folder.
    let folder: String
    private let movie: ToldMovie
    private let order: WorkerOrder
    private let clock: any Clock<Duration>

    /// `order`: the movie's, with what is another's in this step.
    init(_ step: ExternalStep, _ movie: ToldMovie, _ order: WorkerOrder, _ clock: any Clock<Duration>) {
        self.step = step
        self.movie = movie
        self.order = order
        self.clock = clock
        folder = order.path("\(order.gridDirectory)/programs/\(order.name).\(step.program.rawValue)")
    }

    /// Removes first what an earlier run left behind when it crashed.
    func prepare() throws(ExternalProblem) {
        clear()
        do throws(Errno) { try Files.makeDirectories("\(folder)/\(Self.out)") } catch {
            throw problem("could not be given its folder \(folder): \(error.words).")
        }
    }

    func clear() { Files.removeTree(folder) }

    /// `input`: a file in the folder. `output`: one in the folder that it writes into.
    ///
    /// Returns its last words: RELION exits normally when it skips a movie, and says why only there.
    func run(input: String, output: String) async throws(ExternalProblem) -> String {
        let values = try values(input: input, output: output)
        var child: ChildProcess
        do throws(TemplateProblem) {
            child = ChildProcess(
                step.file, try values.arguments(step), deadline: .seconds(step.deadline ?? order.deadline * 0.9), clock: clock)
            for line in step.input { child.input += try values.filled(line) + "\n" }
        } catch {
            throw problem("was not run: \(error.explanation)")
        }
        child.directory = folder
        child.hasOwnGroup = false
        child.outputLimit = Self.wordLimit
        let ending = try await ending(of: child)
        try check(ending)
        return ending.lastWords
    }

    private func ending(of child: ChildProcess) async throws(ExternalProblem) -> ChildEnding {
        do throws(ChildProblem) { return try await child.run() } catch {
            switch error {
            case .cannotStart(_, let reason): throw problem("could not be run: \(reason).")
            case .late(let deadline): throw problem("had not finished after \(deadline.words), and was ended.")
            case .flooded(let bytes): throw problem("said more than \(bytes >> 20) MiB, and was ended.")
            case .cancelled: throw problem("was ended.")
            }
        }
    }

    private func check(_ ending: ChildEnding) throws(ExternalProblem) {
        let words = Self.quoted(ending.lastWords)
        switch ending.status {
        case .exited(0): return
        case .exited(let code): throw problem("ended with code \(code). \(words)")
        case .signalled(let signal): throw problem("was ended by signal \(signal). \(words)")
        }
    }

    static func quoted(_ words: String) -> String { words.isEmpty ? "It said nothing." : "Its last words: \(words)" }

    func problem(_ what: String) -> ExternalProblem { ExternalProblem(sentence: "\(step.name) \(what)") }

    /// What the program wrote into its folder, sorted.
    /// A folder that is gone has nothing in it.
    var written: [String] { (try? Files.names(in: "\(folder)/\(Self.out)")) ?? [] }

    /// A file that the program should have written, by its path within the folder.
    func text(_ name: String, _ what: String) throws(ExternalProblem) -> String {
        // Why it cannot be read does not matter: the program should have written it.
        guard let text = try? Files.text("\(folder)/\(name)") else { throw problem("wrote no \(what).") }
        return text
    }

    /// Links the file into the program's folder, under a name without spaces.
    func link(_ path: String, as name: String) throws(ExternalProblem) {
        guard symlink(path, "\(folder)/\(name)") == 0 else {
            throw problem("cannot be given \(path): \(Errno.last.words).")
        }
    }

    private func values(input: String, output: String) throws(ExternalProblem) -> TemplateValues {
        let told: [Placeholder: String]
        do { told = try movie.write(for: step, into: folder) } catch {
            throw problem("cannot be given what it reads: \((error as? any Explained)?.sentence ?? "\(error)")")
        }
        var values: [Placeholder: String] = [
            .movie: order.movie, .input: input, .out: Self.out, .output: "\(Self.out)/\(output)",
            .pixelSize: "\(order.pixelSize)",
            .voltage: "\(order.voltage)", .cs: "\(order.cs)", .amplitudeContrast: "\(order.settings.amplitudeContrast)",
            .threads: "2",
            .patches: "\(max(1, order.settings.patches))",
        ]
        if order.frames > 0 { values[.frames] = "\(order.frames)" }
        if order.dosePerFrame > 0 { values[.dosePerFrame] = "\(order.dosePerFrame)" }
        if let gain = order.gain {
            values[.gain] = gain.file
            values[.gainRotation] = "\(gain.rotation)"
            values[.gainFlip] = "\(gain.flip)"
        }
        return TemplateValues(values: values.merging(told) { _, told in told })
    }
}

/// Why a facility's program gave no result: a sentence that begins with the program's name.
struct ExternalProblem: Explained, Equatable {
    var sentence: String
    var code: String { "processing.program" }
}
