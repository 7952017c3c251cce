import Blocking
import RunModel
import Store

/// The folder of a data directory where backups go that are given no other place.
struct Backups {
    let folder: String

    /// `gridpilot-20261129-153000.sqlite`, by the time in UTC: the names' order is theirs.
    func newFile(at moment: Timestamp) -> String {
        let parts = moment.description.prefix(19).split(separator: "T").map { $0.filter(\.isNumber) }
        return "\(folder)/gridpilot-\(parts.joined(separator: "-")).sqlite"
    }

    /// What a backup that was cut short left behind is a copy of all accounts, and nobody's.
    func removeDrafts() { RunStore.removeAbandonedDrafts(in: folder) }

    /// Each is looked through, so a few of the newest are asked and not all.
    func newestWhole() -> String? {
        // No folder: no backup was ever made here.
        let names = ((try? Files.names(in: folder)) ?? []).filter { $0.hasPrefix("gridpilot-") && $0.hasSuffix(".sqlite") }
        return names.sorted(by: >).prefix(5).map { "\(folder)/\($0)" }.first { RunStore.problem(of: $0) == nil }
    }
}
