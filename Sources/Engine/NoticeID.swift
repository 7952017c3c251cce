/// The causes of notices: one notice each, raised again it replaces itself.
enum NoticeID {
    static let microscopeLost = "microscopeLost"
    static let microscopeBusy = "microscopeBusy"
    static let microscopeSilent = "microscopeSilent"
    /// Who has the microscope in place of this run.
    static let scopeLock = "scopeLock"
    static let nitrogen = "nitrogen"
    static let pumps = "pumps"
    static let valves = "valves"
    static let slowStop = "slowStop"
    static let disk = "disk"
    static let images = "images"
    static let operatorStopped = "operatorStopped"
}
