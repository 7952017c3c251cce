import JSONText
import RunModel
import WebServer

/// How sessions stand: the latest of each reading, for pages that come later. Nothing of this survives the server: a
/// reading is true only now, and after a restart the next one comes within seconds.
///
/// Only of the sessions that last gave any: those that run and those that are watched give new ones every few seconds,
/// so what is forgotten belongs to runs that ended long ago.
struct Readings: Sendable {
    struct Kept: Sendable {
        /// By path. A session writes to its own directory and perhaps to a disk of frames.
        var disks: [String: DiskReading] = [:]
        var disksAt: Timestamp?
        var step: StepReading?
        var stepAt: Timestamp?
        var trouble: TroubleReading?
        /// When the run last gave a sign of life.
        var heard: Timestamp?

        /// By this a session is forgotten.
        var newest: Timestamp { [disksAt, stepAt, trouble?.since, heard].compactMap(\.self).max() ?? Timestamp(milliseconds: 0) }
    }
    private(set) var kept: [SessionID: Kept] = [:]
    /// As many as the facility's state lists.
    static let sessionLimit = 200

    /// The reading as it is told: disks are told together, so that a page never shows a part of them.
    mutating func take(_ reading: Reading, at moment: Timestamp) throws(Problem) -> Frame {
        switch reading {
        case .disk(let id, let disk):
            kept[id, default: Kept()].disks[disk.path] = disk
            kept[id]?.disksAt = moment
        case .step(let id, let step):
            kept[id, default: Kept()].step = step
            kept[id]?.stepAt = moment
            kept[id]?.heard = moment
        case .heard(let id, let heard): kept[id, default: Kept()].heard = heard
        case .trouble(let id, let trouble): kept[id, default: Kept()].trouble = trouble
        }
        forgetOldest()
        guard case .session(let id) = reading.topic, let told = try told(of: id).first(where: { $0.type == reading.type }) else {
            return Envelope.reading(reading.topic, type: reading.type, at: moment, data: [:])
        }
        return told.frame
    }

    /// A run that has ended does nothing any more. Returns what to tell, if that is news: `{}`, since a page keeps a
    /// reading until another comes and would show "exposing" for ever.
    mutating func endRun(of id: SessionID, at moment: Timestamp) -> Frame? {
        guard kept[id]?.step != nil else { return nil }
        kept[id]?.step = nil
        return Envelope.reading(.session(id), type: "step", at: moment, data: [:])
    }

    /// Every event is a sign of life, too, not only the pulse of a run that waits.
    mutating func heard(_ id: SessionID, at moment: Timestamp) {
        kept[id, default: Kept()].heard = moment
        forgetOldest()
    }

    private mutating func forgetOldest() {
        // Of those that are equally old the same one each time.
        while kept.count > Self.sessionLimit,
            let oldest = kept.min(by: { ($0.value.newest, $0.key) < ($1.value.newest, $1.key) })
        {
            kept[oldest.key] = nil
        }
    }

    /// What a snapshot holds: by type, each left out while there is none. A page then shows nothing in its place, not a
    /// zero.
    func json(of id: SessionID) throws(Problem) -> JSONValue {
        var value: JSONValue = [:]
        guard let kept = kept[id] else { return value }
        if !kept.disks.isEmpty { value["disk"] = try Wire.json(Self.sorted(kept.disks)) }
        if let step = kept.step { value["step"] = try Wire.json(step) }
        if let trouble = kept.trouble { value["trouble"] = try Wire.json(trouble) }
        if let heard = kept.heard { value["heard"] = .string(heard.description) }
        return value
    }

    /// The same as frames, each with the time at which it was taken.
    func told(of id: SessionID) throws(Problem) -> [(type: String, frame: Frame)] {
        guard let kept = kept[id] else { return [] }
        var told: [(String, Frame)] = []
        if let at = kept.disksAt {
            let data: JSONValue = ["disks": try Wire.json(Self.sorted(kept.disks))]
            told.append(("disk", Envelope.reading(.session(id), type: "disk", at: at, data: data)))
        }
        if let step = kept.step, let at = kept.stepAt {
            told.append(("step", Envelope.reading(.session(id), type: "step", at: at, data: try Wire.json(step))))
        }
        if let trouble = kept.trouble {
            let data = try Wire.json(trouble)
            told.append(("trouble", Envelope.reading(.session(id), type: "trouble", at: trouble.since, data: data)))
        }
        if let heard = kept.heard {
            told.append(
                ("heard", Envelope.reading(.session(id), type: "heard", at: heard, data: ["at": .string(heard.description)])))
        }
        return told
    }

    /// The disks that sessions write to, each once and without its paths, which name sessions that not everybody may see.
    func facilityDisks(at moment: Timestamp) throws(Problem) -> Frame {
        var disks: [DiskReading] = []
        for disk in kept.sorted(by: { $0.key < $1.key }).flatMap({ Self.sorted($0.value.disks) }) {
            guard !disks.contains(where: { Self.areOne($0, disk) }) else { continue }
            var nameless = disk
            nameless.path = "disk \(disks.count + 1)"
            disks.append(nameless)
        }
        return Envelope.reading(.facility, type: "disk", at: moment, data: ["disks": try Wire.json(disks)])
    }

    /// Size and free bytes as well as the device: of two exports of one disk the system makes two devices, which read the same.
    private static func areOne(_ one: DiskReading, _ other: DiskReading) -> Bool {
        if let device = one.device, device == other.device { return true }
        return one.totalBytes == other.totalBytes && one.freeBytes == other.freeBytes
    }

    private static func sorted(_ disks: [String: DiskReading]) -> [DiskReading] { disks.values.sorted { $0.path < $1.path } }
}
