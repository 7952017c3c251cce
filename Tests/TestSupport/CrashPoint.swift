/// A moment at which a server may end: at one of its changes of the store, or at one of its commands to the microscope.
public enum CrashPoint: Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1 in a server's life. `isWritten`: the change is on the disk, and nobody has heard so.
    case store(change: Int, isWritten: Bool)
    /// Counted from 1 in a server's life. `isHalfDone`: half-way to the next one; otherwise it has just been sent.
    case microscope(command: Int, isHalfDone: Bool)

    public var description: String {
        switch self {
        case .store(let change, let isWritten): "\(isWritten ? "after" : "before") change \(change) of the store"
        case .microscope(let command, let isHalfDone):
            "\(isHalfDone ? "half-way from" : "at") command \(command) of the microscope"
        }
    }

    /// As it is given on a command line.
    public var word: String {
        switch self {
        case .store(let change, let isWritten): "\(isWritten ? "after" : "before")-change-\(change)"
        case .microscope(let command, let isHalfDone): "\(isHalfDone ? "half-way-from" : "at")-command-\(command)"
        }
    }

    public init?(word: String) {
        guard let number = word.split(separator: "-").last.flatMap({ Int($0) }) else { return nil }
        let all: [CrashPoint] = [false, true].flatMap { flag in
            [.store(change: number, isWritten: flag), .microscope(command: number, isHalfDone: flag)]
        }
        guard let point = all.first(where: { $0.word == word }) else { return nil }
        self = point
    }
}
