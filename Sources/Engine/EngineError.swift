import RunModel
import Store

/// Why a command was refused.
public enum EngineError: Explained, Equatable {
    case unknown(String, id: String)
    case alreadyRunning(SessionID)
    case notRunning
    case stopping(by: String)
    case nothingToRun
    case nothingQueued
    case cannotTakeBack
    case noPrompt
    case promptAnswered(by: String, answer: String)
    case answerNotOffered(String, offered: [String])
    case queueChanged(version: Int)
    case queueTarget(TargetID, String)
    /// `dose`: e/Å², of all its exposures together.
    case exposed(TargetID, exposures: Int, dose: Double)
    /// `reason`: why a grid cannot do what was asked.
    case grid(Grid, String)
    case archived
    /// What stands against a change of the settings.
    case settings(String)
    case settingsChanged
    /// Another grid of this session has that position or name.
    case gridTaken(Grid, what: String)
    case gridOrder
    /// Somebody asked for a stop or for the end before the run had begun.
    case givenUp(for: String)
    case livingRun(LockHolder)
    case nothingToKill
    case noLock
    case recipe(String)
    case shuttingDown
    case lock(ScopeLockError)
    case files(RunFileError)
    case reserve(path: String, free: Int, reserve: Int)
    case store(StoreError)

    public var code: String {
        switch self {
        case .unknown(let kind, _): "\(kind).unknown"
        case .alreadyRunning: "session.running"
        case .notRunning: "session.notRunning"
        case .stopping: "session.stopping"
        case .nothingToRun: "session.nothingToRun"
        case .nothingQueued: "session.nothingQueued"
        case .cannotTakeBack: "stop.cannotTakeBack"
        case .noPrompt: "prompt.unknown"
        case .promptAnswered: "prompt.answered"
        case .answerNotOffered: "prompt.answerNotOffered"
        case .queueChanged: "queue.changed"
        case .queueTarget: "queue.target"
        case .exposed: "queue.exposed"
        case .grid: "grid.status"
        case .archived: "session.archived"
        case .settings: "session.settings"
        case .settingsChanged: "session.changed"
        case .gridTaken: "grid.taken"
        case .gridOrder: "grid.order"
        case .givenUp: "session.givenUp"
        case .livingRun: "scopeLock.living"
        case .nothingToKill: "session.nothingToKill"
        case .noLock: "scopeLock.none"
        case .recipe: "recipe.unusable"
        case .shuttingDown: "server.shuttingDown"
        case .lock(let cause): cause.code
        case .files(let cause): cause.code
        case .reserve: "disk.reserve"
        case .store(let cause): cause.code
        }
    }

    public var sentence: String {
        switch self {
        case .unknown(let kind, let id): "There is no \(kind) \(id)."
        case .alreadyRunning: "This session is already running."
        case .notRunning: "This session is not running."
        case .stopping(let by): "\(by) has already asked for a stop."
        case .nothingToRun: "Every grid of this session is complete, aborted or left out."
        case .nothingQueued: "Nothing is queued, and this session collects what is queued."
        case .cannotTakeBack: "It is too late to take a stop back."
        case .noPrompt: "This question is no longer open."
        case .promptAnswered(let by, let answer): "\(by) has already answered: \(answer)."
        case .answerNotOffered(let answer, let offered):
            "'\(answer)' is not an answer to this question; it takes \(offered.joined(separator: " or "))."
        case .queueChanged: "The queue has changed since you saw it."
        case .queueTarget(let target, let reason): "Target \(target) \(reason)."
        case .exposed(let hole, let exposures, let dose):
            "Hole \(hole.number) of square \(hole.square.number) was exposed \(exposures == 1 ? "once" : "\(exposures) times"), with \(dose.written) e/Å² in all; another exposure adds to that."
        case .grid(let grid, let reason): "Grid \(grid.slot) \(grid.name) \(reason)."
        case .archived: "This session is in the archive."
        case .settings(let objection): objection
        case .settingsChanged: "Somebody has changed the settings since you saw them."
        case .gridTaken(let grid, let what): "Grid \(grid.slot) \(grid.name) of this session has that \(what)."
        case .gridOrder: "That is not an order of all grids of this session, which somebody may have changed."
        case .givenUp(let by): "\(by) asked for a stop before the run had begun."
        case .livingRun(let holder): "A living run holds this lock: \(holder.sessionName), started by \(holder.person)."
        case .nothingToKill: "No process of this session is alive."
        case .noLock: "There is no lock on this microscope."
        case .recipe(let reason): reason
        case .shuttingDown: "The server is shutting down."
        case .lock(let cause): cause.sentence
        case .files(let cause): cause.sentence
        case .reserve(let path, let free, let reserve):
            "\(free.writtenBytes) are free at \(path), and this session leaves \(reserve.writtenBytes) of it untouched: no movie would fit."
        case .store(let cause): cause.sentence
        }
    }

    public var remedy: String? {
        switch self {
        case .unknown: "Go back to the session browser and choose again."
        case .alreadyRunning: "Watch it, or stop it first."
        case .notRunning: "Press Start first."
        case .stopping: "The run ends after the current acquisition."
        case .nothingToRun: "Queue targets on one of them, or take one up again."
        case .nothingQueued: "Queue targets on its grids, or choose another plan."
        case .cannotTakeBack: "Wait until the run has ended, then press Start."
        case .noPrompt, .promptAnswered: "The page shows how it went on."
        case .answerNotOffered: "Choose one of these."
        case .queueChanged: "Look at the new order and try again."
        case .queueTarget: "Reload the page and choose again."
        case .exposed: "Say that it is to be taken again, or choose another hole."
        case .grid: "Look at where it stands now and choose again."
        case .archived: "Take it out of the archive first."
        case .settings: "Otherwise leave that as it is, or make a new session."
        case .settingsChanged: "Look at them and change them again."
        case .gridTaken(_, let what): "Choose another \(what)."
        case .gridOrder: "Look at the grids and try again."
        case .givenUp: "Press Start again."
        case .livingRun: "Stop it or force-kill it first."
        case .noLock: "Press Start."
        case .nothingToKill: "Press Start, or Force start when the status is wrong."
        case .shuttingDown: "Wait until it is back."
        case .recipe: "Choose another recipe, or correct its file."
        case .lock(let cause): cause.remedy
        case .files(let cause): cause.remedy
        case .reserve: "Free space there first."
        case .store(let cause): cause.remedy
        }
    }
}
