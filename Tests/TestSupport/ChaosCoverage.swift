import RunModel
import Store

/// How often the stories met what they are there to meet.
public struct ChaosCoverage: Sendable {
    private var counts: [String: Int] = [:]
    private static let wanted: Set<String> = Set(Chaos.Met.allCases.map(\.rawValue)).union([
        "exposure again", "exposure left", "exposure notTaken", "exposure saved", "link lost", "stop taken back", "disk full",
        "completed",
        "cassette asked about", "cassette accepted", "grid skipped", "wrong cartridge", "images dark", "images frozen",
        "killed", "stopped", "interrupted", "grid failed", "target failed", "movie failed", "queue edited", "prompt withdrawn",
        "disk that cannot be measured", "folder missing", "folder changed", "folder unusable", "folder silent", "nitrogen",
        "asked for the plan", "grid placed", "valves found closed", "slowStage", "loaderJam", "halfWritten",
        "grid aborted", "grid leftOut", "grid added", "grid renamed", "grids ordered", "settings changed",
    ]).union(Chaos.storeFailures.flatMap { ["refused by \($0.code)", "held by \($0.code)"] })

    /// What fewer than one story in five hundred has met: a fault that ceased to have any effect would be among it.
    public func missing(of stories: Int) -> [String] {
        Self.wanted.filter { counts[$0, default: 0] * 500 < stories }.map { "\($0) (\(counts[$0, default: 0]))" }.sorted()
    }

    /// All that was met, and how often.
    public var table: String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }

    public init() {}

    init(of chaos: Chaos, _ events: [StoredEvent]) {
        for met in chaos.met { counts[met.rawValue, default: 0] += 1 }
        for word in chaos.faultsMet { counts[word, default: 0] += 1 }
        for word in events.compactMap({ Self.word($0.event) }) { counts[word, default: 0] += 1 }
    }

    public mutating func add(_ other: ChaosCoverage) { counts.merge(other.counts, uniquingKeysWith: +) }

    private static func word(_ event: RunEvent) -> String? {
        switch event {
        case .exposureSettled(let news): "exposure \(news.outcome == .again ? "again" : news.outcome.rawValue)"
        case .noticeRaised(let notice) where notice.id == "microscopeLost": "link lost"
        case .noticeRaised(let notice) where notice.id == "nitrogen": "nitrogen"
        case .noticeRaised(let notice) where notice.id == "valves": "valves found closed"
        case .stopCancelled: "stop taken back"
        case .promptRaised(let prompt) where prompt.kind == .diskFull: "disk full"
        case .promptRaised(let prompt) where prompt.kind == .diskSilent: folder(prompt.cause ?? "")
        case .promptRaised(let prompt) where prompt.kind == .atlasesTaken: "asked for the plan"
        case .gridPlaced: "grid placed"
        case .promptRaised(let prompt) where prompt.kind == .cassetteChanged: "cassette asked about"
        case .promptRaised(let prompt) where prompt.kind == .imagesSuspect:
            prompt.cause?.contains("dark") == true ? "images dark" : "images frozen"
        case .cassetteRead(let news) where news.by != nil: "cassette accepted"
        case .gridFailed(let news) where news.sentence.hasPrefix("The loader brought"): "wrong cartridge"
        case .gridFailed(let news) where news.sentence.hasSuffix("chose not to load slot 1."): "grid skipped"
        case .gridFailed(let news) where news.sentence.hasSuffix("chose not to load slot 2."): "grid skipped"
        case .gridMoved(let news) where [.aborted, .leftOut].contains(news.status): "grid \(news.status.rawValue)"
        case .gridAdded: "grid added"
        case .gridChanged: "grid renamed"
        case .gridsOrdered: "grids ordered"
        case .settingsChanged: "settings changed"
        case .runCompleted: "completed"
        case .runKilled: "killed"
        case .runStopped: "stopped"
        case .runInterrupted: "interrupted"
        case .gridFailed: "grid failed"
        case .targetChanged(let news) where news.status == .failed: "target failed"
        case .processingFailed(let news) where news.micrograph != nil: "movie failed"
        case .queueChanged(let news) where news.by != nil: "queue edited"
        case .promptWithdrawn: "prompt withdrawn"
        default: nil
        }
    }

    /// By what the question about a disk or a folder names as its cause.
    private static func folder(_ cause: String) -> String {
        if cause.hasPrefix("The space at") { return "disk that cannot be measured" }
        if cause.hasPrefix("Another folder") { return "folder changed" }
        if cause.contains("cannot be used") { return "folder unusable" }
        return cause.hasPrefix("The folder") ? "folder missing" : "folder silent"
    }
}
