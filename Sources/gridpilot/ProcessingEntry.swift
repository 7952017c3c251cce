import Processing
import RunModel

/// How movies are worked on, as the configuration says.
struct ProcessingEntry: Decodable, Equatable {
    enum Runner: String, Decodable, CaseIterable { case workers, slurm }

    var runner = Runner.workers
    /// Movies at once; nil for as many as the machine carries.
    var workers: Int?
    var settings = ProcessingSettings()
    var slurm = SlurmSettings()

    init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case runner, workers, patches, amplitudeContrast, deadline, eer, motion, ctf, slurm
    }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, CodingKeys.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        runner = try fields.decodeIfPresent(Runner.self, forKey: .runner) ?? .workers
        workers = try fields.decodeIfPresent(Int.self, forKey: .workers)
        settings.patches = try fields.decodeIfPresent(Int.self, forKey: .patches) ?? 0
        settings.amplitudeContrast = try fields.decodeIfPresent(Double.self, forKey: .amplitudeContrast) ?? 0.07
        settings.deadline = try fields.decodeIfPresent(Double.self, forKey: .deadline)
        settings.eer = try fields.decodeIfPresent(EEREntry.self, forKey: .eer)?.settings
        settings.motion = try fields.decodeIfPresent(StepEntry.self, forKey: .motion)?.step
        settings.ctf = try fields.decodeIfPresent(StepEntry.self, forKey: .ctf)?.step
        slurm = try fields.decodeIfPresent(SlurmEntry.self, forKey: .slurm)?.settings ?? SlurmSettings()
        slurm.width = workers ?? slurm.width
        try Rule.require(workers.map { (1...1000).contains($0) } ?? true, "workers is 1 to 1000", decoder)
        try Rule.require((0...20).contains(settings.patches), "patches is 0 to 20 along a side", decoder)
        try Rule.require((0...1).contains(settings.amplitudeContrast), "amplitudeContrast is a fraction from 0 to 1", decoder)
        try Rule.require(settings.deadline.map { (1...86_400).contains($0) } ?? true, "deadline is in s, 1 to 86400", decoder)
        do throws(TemplateProblem) { try settings.check() } catch { try Rule.require(false, error.explanation, decoder) }
    }
}

/// A step that a program of the facility does.
private struct StepEntry: Decodable {
    var step: ExternalStep

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case program, command, stdin, deadline
    }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, CodingKeys.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        step = ExternalStep(
            program: try fields.decode(ExternalStep.Program.self, forKey: .program),
            command: try fields.decode([ExternalStep.Argument].self, forKey: .command),
            input: try fields.decodeIfPresent([String].self, forKey: .stdin) ?? [],
            deadline: try fields.decodeIfPresent(Double.self, forKey: .deadline))
        try Rule.require(step.deadline.map { (1...86_400).contains($0) } ?? true, "deadline is in s, 1 to 86400", decoder)
    }
}

/// How movies of single electrons become frames.
private struct EEREntry: Decodable {
    var settings = ElectronFrames()

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case dosePerFrame, frames, upsampling
    }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, CodingKeys.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        settings.dosePerFrame = try fields.decodeIfPresent(Double.self, forKey: .dosePerFrame)
        settings.frames = try fields.decodeIfPresent(Int.self, forKey: .frames)
        settings.upsampling = try fields.decodeIfPresent(Int.self, forKey: .upsampling) ?? 1
        try Rule.require(
            settings.dosePerFrame == nil || settings.frames == nil, "either dosePerFrame or frames says how many go together",
            decoder)
        try Rule.require(
            settings.dosePerFrame.map { (0.01...100).contains($0) } ?? true, "dosePerFrame is in e/Å², 0.01 to 100", decoder)
        try Rule.require(settings.frames.map { (1...10_000).contains($0) } ?? true, "frames is 1 to 10000", decoder)
        try Rule.require([1, 2].contains(settings.upsampling), "upsampling is 1 or 2", decoder)
    }
}

/// The cluster.
private struct SlurmEntry: Decodable {
    var settings = SlurmSettings()

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case partition, arguments, directory, program, interval
    }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, CodingKeys.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        settings.partition = try fields.decodeIfPresent(String.self, forKey: .partition)
        settings.arguments = try fields.decodeIfPresent([String].self, forKey: .arguments) ?? []
        settings.directory = try fields.decodeIfPresent(String.self, forKey: .directory)
        settings.program = try fields.decodeIfPresent(String.self, forKey: .program)
        let interval = try fields.decodeIfPresent(Double.self, forKey: .interval) ?? 5
        let isWhole = [settings.directory, settings.program].compactMap { $0 }.allSatisfy { $0.hasPrefix("/") }
        try Rule.require(isWhole, "directory and program are whole paths, from / on", decoder)
        try Rule.require((0.1...3600).contains(interval), "interval is in s, 0.1 to 3600", decoder)
        settings.interval = .seconds(interval)
        try Rule.require(
            settings.arguments.allSatisfy { $0.hasPrefix("-") },
            "arguments are options of sbatch, each with its value, as in --mem=4G",
            decoder)
    }
}
