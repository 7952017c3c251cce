import Microscope
import RunModel

/// Intent before the shutter, outcome after; the rules that settle what was left open. The ledger's rows are the store's.
enum DoseLedger {
    /// The name that the microscope knows an exposure by for ever: grids of other slots and sessions may be called the same.
    static func exposure(of micrograph: Micrograph) -> String {
        "\(micrograph.id.session)-\(micrograph.id.grid.slot)-\(name(of: micrograph))"
    }

    /// What the microscope is told when it is taken, and asked with afterwards.
    static func request(for micrograph: Micrograph, of session: Session, _ files: any RunFiles) -> ExposureRequest {
        ExposureRequest(
            name: exposure(of: micrograph), file: files.path("\(session.directory)/\(micrograph.movie)"),
            frames: micrograph.frames, exposureTime: session.settings.movie.exposureTime, dose: micrograph.dose)
    }

    /// As logs call it: its movie's name, so each attempt has its own.
    static func name(of micrograph: Micrograph) -> String {
        MovieName.base(of: micrograph.movie)
    }

    /// What the log says of an exposure that was saved.
    static func lines(on report: ExposureReport, of micrograph: Micrograph) -> [LogLine] {
        let file = "\(name(of: micrograph))\(MovieName.ending(of: report.file ?? micrograph.movie) ?? "")"
        let saved = LogLine(.info, "expose", "\(micrograph.id.wording) saved, \(report.bytes.writtenBytes), \(file)")
        return [saved] + report.remarks.map { LogLine(.warning, "expose", $0) }
    }

    /// A movie's path relative to the session's directory once its camera has ended it in its own way; nil where it is as it was meant.
    static func movie(_ file: String?, of micrograph: Micrograph) -> String? {
        guard let file, let ending = MovieName.ending(of: file) else { return nil }
        let movie = MovieName.stem(of: micrograph.movie) + ending
        return movie == micrograph.movie ? nil : movie
    }

    /// A whole movie is proof. The microscope's word that nothing was taken counts only without one. Anything else nobody can tell.
    static func settle(_ micrograph: Micrograph, evidence: ExposureEvidence, movie: MovieOnDisk?) -> ExposureSettled {
        if let movie, movie.isWhole {
            return ExposureSettled(
                micrograph: micrograph.id, outcome: .saved, frames: movie.frames, bytes: movie.bytes,
                movie: Self.movie(movie.file, of: micrograph))
        }
        if evidence == .notTaken, movie == nil { return ExposureSettled(micrograph: micrograph.id, outcome: .notTaken) }
        return ExposureSettled(micrograph: micrograph.id, outcome: .unknown)
    }

    /// The exposure that comes next in a hole: one that was not taken keeps its number, so that none is missing.
    static func next(in hole: TargetID, of micrographs: [Micrograph]) -> MicrographID {
        if let again = micrographs.first(where: { $0.status == .notTaken }) { return again.id }
        return MicrographID((micrographs.map(\.id.number).max() ?? 0) + 1, of: hole)
    }

    /// How many exposures a hole is to have in all: what was asked for when it was queued last.
    static func wanted(_ hole: Target?, _ settings: GridSettings) -> Int { hole?.exposures ?? settings.exposuresPerHole }

    /// How many exposures a hole still gets: what was saved, left or is unknown is not taken again.
    static func remaining(of wanted: Int, _ micrographs: [Micrograph]) -> Int {
        max(0, wanted - micrographs.count { $0.status != .notTaken })
    }

    /// Movie of an exposure, relative to the session's directory. An attempt after the first has a name of its own.
    static func movie(of id: MicrographID, grid: Grid, earlier: Micrograph?) -> String {
        let base = "\(grid.directory)/movies/\(grid.fileName)_\(id.hole.square.number)_\(id.hole.number)_\(id.number)"
        guard let earlier else { return base + ".mrc" }
        let attempt = name(of: earlier).split(separator: "-").dropFirst().last.flatMap { Int($0) } ?? 1
        return "\(base)-\(attempt + 1).mrc"
    }

    /// Squares of this grid with exposures of which its folder of movies has a trace, and how many those are of each. What was only asked for,
    /// or is still being brought, may have been exposed as well.
    static func exposures(in names: [String], grid: Grid) -> [Int: Int] {
        let movies = Set(
            names.map { name in traces.first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name })
        return movies.reduce(into: [:]) { counts, name in
            guard MovieName.ending(of: name) != nil, name.hasPrefix("\(grid.fileName)_") else { return }
            let numbers = MovieName.base(of: name).dropFirst(grid.fileName.count + 1).split(separator: "_")
            if numbers.count == 3, let square = Int(numbers[0]) { counts[square, default: 0] += 1 }
        }
    }

    /// What stands beside a movie, or in its place before it is there.
    private static let traces = [".asked", ".mdoc", ".part"]

    /// Events that put begun targets back, in their order, before everything else that waits.
    static func requeue(
        _ begun: [TargetID], on grid: GridState, state: SessionState, engine: EngineSettings
    ) -> [RunEvent] {
        var change = QueueChanged(grid: begun[0].grid, version: state.queue.version + 1)
        change.before = state.queue.items.first?.id
        var events: [RunEvent] = []
        for target in begun {
            let taken = grid.micrographs.filter { $0.id.hole == target }
            // Open or unknown: it stays begun until somebody settles it.
            if taken.contains(where: { $0.status == .exposing || $0.status == .unknown }) { continue }
            let left = remaining(of: wanted(grid.target(target), state.session.settings), taken)
            if target.kind == .hole, left == 0 {
                events += finished(target, taken)
            } else {
                events.append(.targetChanged(TargetChanged(target: target, status: .queued)))
                change.added.append(
                    TargetQueue.item(
                        target, exposures: target.kind == .hole ? left : nil, settings: state.session.settings, engine: engine))
            }
        }
        return change.added.isEmpty ? events : events + [.queueChanged(change)]
    }

    /// Events that queue failed targets once more, before everything else that waits. A hole that was exposed, or may have been, stays as it is.
    static func tryAgain(
        _ targets: [TargetID], on grid: GridState, _ state: SessionState, engine: EngineSettings
    ) -> [RunEvent] {
        let possible = Set(grid.unexposedFailures)
        let again = targets.filter(possible.contains)
        guard !again.isEmpty else { return [] }
        var change = QueueChanged(grid: grid.grid.id, version: state.queue.version + 1)
        change.before = state.queue.items.first?.id
        change.added = again.map { TargetQueue.item($0, settings: state.session.settings, engine: engine) }
        return again.map { .targetChanged(TargetChanged(target: $0, status: .queued)) } + [.queueChanged(change)]
    }

    /// Completes a hole that has nothing left to take and nothing left to work on; nil where something is left. `but`: this one is done.
    static func completion(_ hole: TargetID, _ micrographs: [Micrograph], but done: MicrographID? = nil) -> RunEvent? {
        let isLeft = micrographs.contains {
            $0.id.hole == hole && $0.id != done && ($0.status == .saved || $0.status == .exposing)
        }
        return isLeft ? nil : .targetChanged(TargetChanged(target: hole, status: .completed))
    }

    /// A hole with nothing left to take: acquired, or without an image at all. Complete at once where all its movies are worked on, since of such
    /// a hole nobody would hear again.
    static func finished(_ hole: TargetID, _ micrographs: [Micrograph]) -> [RunEvent] {
        let hasImage = micrographs.contains { [.saved, .processed, .unprocessable].contains($0.status) }
        guard hasImage else {
            return [.targetChanged(TargetChanged(target: hole, status: .failed, problem: "It was left without an image."))]
        }
        return [.targetChanged(TargetChanged(target: hole, status: .acquired))]
            + [completion(hole, micrographs)].compactMap(\.self)
    }
}

extension ExposureSettled {
    var wording: String {
        let what = "Exposure \(micrograph.number) of hole \(micrograph.hole.number)"
        return switch outcome {
        case .saved: "\(what) had been taken: its movie is whole."
        case .notTaken: "\(what) had not been taken; it is taken now."
        case .unknown: "\(what) may have been taken; nobody can tell."
        case .again: "\(what) is taken again."
        case .left: "\(what) is left as it is."
        }
    }
}
