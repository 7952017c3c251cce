import Microscope
import Processing
import RunModel

// Nothing is taken that might not find room.
extension RunContext {
    /// Pauses the run before the reserve is touched, until space is back and somebody presses; and while a disk cannot be measured, until
    /// it can: a disk that says nothing is not taken for one with room.
    func waitForDisk(_ grid: GridID) async throws(RunEnd) {
        while true {
            try checkpoint()
            let check = try await lookAtDisks()
            switch check {
            case .couldNotLook(let path, let problem):
                if try await waitForAnswer(of: path, problem, grid) { try await believeFolder(after: problem) }
            case .measured(let worst):
                guard worst.level == .full else { return try noteRoom(worst, grid) }
                try raise(
                    NoticeID.disk, .err, "Disk full.",
                    "The run paused itself at the reserve of \(worst.reserveBytes.writtenBytes) on \(worst.path); nothing was lost. "
                        + "Free space, then continue.")
                _ = try await ask(Question(.diskFull, grid: grid))
            }
        }
    }

    /// Waits until every disk can be measured, full or not. True if it had to wait.
    func waitWhileSilent(_ grid: GridID) async throws(RunEnd) -> Bool {
        var hasWaited = false
        while true {
            try checkpoint()
            guard case .couldNotLook(let path, let problem) = try await lookAtDisks() else {
                if hasWaited { try endSilence(grid) }
                return hasWaited
            }
            hasWaited = true
            if try await waitForAnswer(of: path, problem, grid) { try await believeFolder(after: problem) }
        }
    }

    /// Waits until an image that could not be written or read may be tried again. Each try may cost dose, so two come by themselves, and a
    /// further one takes a person's word.
    ///
    /// `tries`: how many there were although nothing is wrong with the disks of this session as seen from here.
    func waitOut(_ problem: RunFileError, tries: inout Int, _ grid: GridID) async throws(RunEnd) {
        if try await waitWhileSilent(grid) { return }
        tries += 1
        guard tries > 2 else { return try await rest(parts.settings.pollInterval) }
        try raise(NoticeID.disk, .err, problem.sentence, "Nothing is being imaged, and nothing was lost. \(problem.remedy ?? "")")
        _ = try await ask(Question(.fileSilent, grid: grid, cause: problem.sentence))
        try clear(NoticeID.disk)
    }

    /// The same where trying costs nothing: it is tried again every few seconds, and somebody is told meanwhile. True where they have answered.
    func waitOut(_ problem: RunFileError, _ grid: GridID) async throws(RunEnd) -> Bool {
        if try await waitWhileSilent(grid) { return false }
        return try await waitForAnswer(of: problem.path, problem, grid)
    }

    /// What keeps a file from being where it was to be written; nil where nothing is wrong with its folder. An unmounted share looks to whoever
    /// writes like any file that cannot be written.
    func folderProblem(behind cause: MicroscopeError) async -> RunFileError? {
        // What only the microscope's computer knows by this name cannot be looked at from here.
        guard case .fileNotWritten(let path, _) = cause, path.hasPrefix("/") else { return nil }
        do throws(RunFileError) {
            _ = try await files.movie(at: path, frames: 1)
            return nil
        } catch {
            return error
        }
    }

    /// Waits until the folder of a file that could not be written is back, since looking costs nothing. False where nothing is wrong with it.
    func waitForFolder(behind cause: MicroscopeError, _ grid: GridID) async throws(RunEnd) -> Bool {
        var hasWaited = false
        if case .fileNotWritten = cause, try await isOfDisk() {
            try await waitForDisk(grid)
            return true
        }
        while let problem = await folderProblem(behind: cause) {
            // A look that was cut short by the end of the run says nothing of the folder.
            try checkpoint()
            hasWaited = true
            _ = try await waitOut(problem, grid)
        }
        if hasWaited { try endSilence(grid) }
        return hasWaited
    }

    /// Takes an image, and again where its file could not be written because of a disk that is silent or away.
    func retaking<Value: Sendable>(
        _ grid: GridID, _ body: (isolated RunContext) async throws(RunEnd) -> Value
    ) async throws(RunEnd) -> Value {
        var tries = 0
        while true {
            do throws(RunEnd) { return try await body(self) } catch {
                guard case .microscope(let cause) = error else { throw error }
                if try await waitForFolder(behind: cause, grid) { continue }
                guard let problem = RunFileError(lookingFor: cause) else { throw error }
                try await waitOut(problem, tries: &tries, grid)
            }
        }
    }

    /// Looks at an image, and again when the disk that kept it from being seen answers: silence says nothing of what the image shows. A stop ends
    /// the look, and the next start maps what it was of anew.
    func look<Value: Sendable>(
        at path: String, _ grid: GridID, _ body: @escaping @Sendable (any TargetFinder) async throws(FinderProblem) -> Value
    ) async throws(RunEnd) -> Result<Value, FinderProblem> {
        var hasWaited = false
        while true {
            let outcome: Result<Value, FinderProblem> = await untilStopAsked { [finder] in
                do throws(FinderProblem) { return .success(try await body(finder)) } catch { return .failure(error) }
            }
            switch outcome {
            case .success:
                if hasWaited { try? endSilence(grid) }  // what cannot be written shows at the next record
                return outcome
            case .failure(let problem):
                // A run that is being ended has not looked, and says nothing of the image.
                try checkpoint()
                guard problem.isSilence else { return outcome }
            }
            hasWaited = true
            _ = try await waitOut(.noAnswer(path: path), grid)
        }
    }

    /// What was asked about a silent disk has lost its cause.
    func endSilence(_ grid: GridID) throws(RunEnd) {
        try withdraw(.diskSilent, because: "the disk answers again")
        let events = resuming(try known(), grid: grid)
        if !events.isEmpty { try record(events) }
        try clear(NoticeID.disk)
    }

    /// Asked about, and looked at again all the same: a share that comes back in the night is not waited for until the morning.
    private func waitForAnswer(of path: String, _ problem: RunFileError, _ grid: GridID) async throws(RunEnd) -> Bool {
        let question = Question(.diskSilent, grid: grid, cause: problem.finding(at: path))
        try raise(
            NoticeID.disk, .err, problem.finding(at: path),
            "Nothing is being imaged, and nothing was lost. The run goes on by itself when it can be used. "
                + (problem.remedy ?? ""))
        // One that asks for space stays open: nobody has seen any.
        let open = try known().prompt
        if open?.kind == .diskFull || open.map(question.isAsked) == true {
            let events = pausing(try known(), grid: grid)
            if !events.isEmpty { try record(events) }
        } else {
            try raise(question)
        }
        tell(StepReading(step: .wait, grid: grid, detail: "disk", begunAt: parts.now()))
        try await rest(parts.settings.pollInterval, unlessAnswered: question)
        return takeAnswer(to: question) != nil
    }

    /// There is room: a question from before has lost its cause, and a disk that is running low is announced once.
    private func noteRoom(_ worst: DiskReading, _ grid: GridID) throws(RunEnd) {
        try withdraw(.diskFull, because: "space is back")
        try withdraw(.diskSilent, because: "the disk answers again")
        try record(resuming(try known(), grid: grid))
        guard worst.level == .low else { return try clear(NoticeID.disk) }
        try raise(
            NoticeID.disk, .warn, "The disk will be full before this run ends.",
            "Free at least \((worst.neededBytes - worst.spareBytes).writtenBytes), or save fewer frames for the remaining grids.")
    }
}

extension RunFileError {
    /// Of a file that the microscope could not look at; nil for any other problem.
    init?(lookingFor problem: MicroscopeError) {
        switch problem {
        case .diskSilent(let path): self = .noAnswer(path: path)
        case .folderMissing(let path): self = .missing(path: path)
        case .movieHeld(let path, let reason): self = .movieHeld(path: path, reason: reason)
        default: return nil
        }
    }

    var path: String {
        switch self {
        case .cannotMake(let path, _), .cannotMeasure(let path, _), .movieHeld(let path, _), .missing(let path),
            .noFilesLeft(let path), .folderChanged(let path), .folderTaken(let path, _), .folderUnusable(let path, _),
            .noAnswer(let path, _):
            path
        }
    }

    var isSilence: Bool { if case .noAnswer = self { true } else { false } }

    /// What was found of a disk, in words that stay the same for as long as it stays so: a notice is news once.
    fileprivate func finding(at path: String) -> String {
        switch self {
        case .noAnswer: "The disk that holds \(path) does not answer."
        case .cannotMake(_, let reason), .cannotMeasure(_, let reason): "The space at \(path) could not be read: \(reason)."
        case .missing, .noFilesLeft, .movieHeld, .folderChanged, .folderTaken, .folderUnusable: sentence
        }
    }
}
