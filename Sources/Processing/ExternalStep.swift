import RunModel

/// A step that one of the facility's programs does, with a template for its arguments. They go to it as they are, without a shell.
public struct ExternalStep: Codable, Hashable, Sendable {
    /// Whose output it writes.
    public enum Program: String, Codable, Sendable, CaseIterable {
        /// RELION's own motion correction: `{input}` is a STAR file, `{out}` its output folder.
        case relion
        /// MotionCor2, MotionCor3 and any program that writes such logs: the sum at `{output}`, the log anywhere in `{out}`.
        case motioncor
        /// CTFFIND 4, 5 and any program that writes such tables: a text file in `{out}`.
        case ctffind
    }

    /// An argument, or several that are left out together where a placeholder in them has no value.
    public enum Argument: Hashable, Sendable {
        case always(String)
        case together([String])
    }

    public var program: Program
    /// The program's file or name, then its arguments.
    public var command: [Argument]
    /// Lines it reads on standard input.
    public var input: [String]
    /// Seconds; nil for nine tenths of the job's own.
    public var deadline: Double?

    public init(program: Program, command: [Argument], input: [String] = [], deadline: Double? = nil) {
        self.program = program
        self.command = command
        self.input = input
        self.deadline = deadline
    }

    /// As people know it: the file's name without its folder.
    public var name: String {
        guard case .always(let file)? = command.first else { return program.rawValue }
        return file.split(separator: "/").last.map(String.init) ?? file
    }

    /// The program as the template names it: a path, or a name looked for on the PATH.
    public var file: String {
        guard case .always(let file)? = command.first else { return "" }
        return file
    }
}

extension ExternalStep.Argument: Codable {
    public init(from decoder: any Decoder) throws {
        // First as a list, then as a single word: what is neither is refused by the second.
        if let list = try? [String](from: decoder) { self = .together(list) } else { self = .always(try String(from: decoder)) }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .always(let text): try text.encode(to: encoder)
        case .together(let list): try list.encode(to: encoder)
        }
    }

    var parts: [String] {
        switch self {
        case .always(let text): [text]
        case .together(let list): list
        }
    }
}

/// A word in braces of a template.
public enum Placeholder: String, CaseIterable, Sendable {
    /// The movie; what the program reads first; the folder it may write into; where it leaves its sum.
    case movie, input, out, output
    /// The gain reference, its quarter turns (0 to 3) and its flip (0, 1: upside down, 2: left to right), as RELION and MotionCor2 count.
    case gain, gainRotation, gainFlip
    /// Å, kV, mm, a fraction, e/Å².
    case pixelSize, voltage, cs, amplitudeContrast, dosePerFrame
    case patches, frames, threads
    /// A map of the camera's bad pixels in the movie's size, an MRC file with 1 for a bad one.
    case defects
    /// Of electrons (EER) alone: the camera's frames, how many of them go together, pixels along a side of the detector's, and all of it
    /// in a file as MotionCor2's `-FmIntFile` reads it.
    case rawFrames, eerGrouping, eerUpsampling, fractions

    /// Everything in braces in a text, placeholder or not.
    static func found(in text: String) -> [Substring] {
        text.split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap { part in
            part.firstIndex(of: "}").map { part[..<$0] }
        }
    }
}

/// What the placeholders stand for in one job.
struct TemplateValues: Sendable {
    var values: [Placeholder: String] = [:]

    /// In one pass, so that braces within a value are never taken for a placeholder.
    func filled(_ text: String) throws(TemplateProblem) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            guard let placeholder = Placeholder(rawValue: name) else { throw .unknown(name) }
            guard let value = values[placeholder] else { throw .noValue(placeholder) }
            result += rest[..<open] + value
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    func arguments(_ step: ExternalStep) throws(TemplateProblem) -> [String] {
        var result: [String] = []
        for argument in step.command.dropFirst() {
            switch argument {
            case .always(let text): result.append(try filled(text))
            case .together(let list): result += try together(list)
            }
        }
        return result
    }

    private func together(_ list: [String]) throws(TemplateProblem) -> [String] {
        var result: [String] = []
        for text in list {
            do throws(TemplateProblem) { result.append(try filled(text)) } catch {
                if case .noValue = error { return [] }
                throw error
            }
        }
        return result
    }
}

/// What is wrong with a template.
public enum TemplateProblem: Explained, Equatable {
    case unknown(String)
    case noValue(Placeholder)
    case noProgram
    case wrongStep(ExternalStep.Program)

    public var code: String { "processing.template" }
    public var sentence: String {
        switch self {
        case .unknown(let name): "{\(name)} is not a placeholder."
        case .noValue(let placeholder): "{\(placeholder.rawValue)} has no value for this movie."
        case .noProgram: "The command names no program."
        case .wrongStep(let program): "\(program.rawValue) does not do this step."
        }
    }
    public var remedy: String? {
        switch self {
        case .unknown: "Use one of \(Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", "))."
        case .noValue: "Set it, or write the arguments that need it as a list of their own, which is then left out."
        case .noProgram: "Begin the command with the program's file."
        case .wrongStep: "motion is done by relion or motioncor, ctf by ctffind."
        }
    }
}

extension ProcessingSettings {
    /// Every template is checked before the first movie.
    public func check() throws(TemplateProblem) {
        if let motion, motion.program == .ctffind { throw .wrongStep(motion.program) }
        if let ctf, ctf.program != .ctffind { throw .wrongStep(ctf.program) }
        for step in steps {
            guard !step.file.isEmpty else { throw .noProgram }
            for text in step.command.flatMap(\.parts) + step.input {
                if let name = Placeholder.found(in: text).first(where: { Placeholder(rawValue: String($0)) == nil }) {
                    throw .unknown(String(name))
                }
            }
        }
    }
}
