import Accounts
import JSONText
import RunModel
import Store

/// A session as it appears to those who may not see it: its microscope is busy since then, and no more.
enum Redaction {
    static func holder(_ holder: LockHolder) -> JSONValue { ["startedAt": .string(holder.startedAt.description)] }

    /// An event's data, emptied of everything that names a session, a person or a group.
    static func data(of told: TopicEvent) -> String {
        guard told.type == "lockTaken" || told.type == "lockFreed" || told.type == "sessionCreated",
            // The store wrote this text itself; if it cannot be read, nothing of it is told.
            let data = try? JSONText.parse(told.data)
        else { return "{}" }
        var kept: JSONValue = [:]
        kept["microscope"] = data["microscope"]
        if let since = data["holder"]?["startedAt"] { kept["holder"] = ["startedAt": since] }
        return JSONText.write(kept)
    }

    static func facility(_ state: FacilityState, for person: Person) throws(Problem) -> JSONValue {
        let sessions = state.sessions.filter { Permission.allows(.readSession, person: person, group: $0.group) }
        var value: JSONValue = [:]
        value["sessions"] = try Wire.json(sessions)
        if let hasOlder = state.hasOlderSessions { value["hasOlderSessions"] = .bool(hasOlder) }
        value["microscopes"] = .array(
            try state.microscopes.map { entry throws(Problem) in
                var json: JSONValue = ["microscope": try Wire.json(entry.microscope)]
                if let holder = entry.holder { json["holder"] = try Self.holder(holder, for: person) }
                return json
            })
        return value
    }

    static func holder(_ holder: LockHolder, for person: Person) throws(Problem) -> JSONValue {
        guard Permission.allows(.readSession, person: person, group: holder.group) else { return Self.holder(holder) }
        return try Wire.json(holder)
    }
}

/// Values of ours to JSON.
enum Wire {
    static func json(_ value: some Encodable) throws(Problem) -> JSONValue {
        do {
            return try JSONText.value(of: value)
        } catch {
            // Only a number that is not finite cannot be written: a fault of the program, said once.
            throw Problem(
                500, "server.unwritable", "An answer holds a value that cannot be written.", remedy: "Report this: \(error)")
        }
    }
}
