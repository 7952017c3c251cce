import Accounts
import JSONText
import RunModel
import Store

/// A session as it appears to those who may not see it: its microscope is busy since then, and no more. Everybody has
/// to know that much, to plan their day; a session's name may give away a project, and a person's name may give away
/// who works on it.
///
/// Everything is left out but what is named here. An event or a field that is new stays hidden until somebody decides
/// otherwise.
enum Redaction {
    static func holder(_ holder: LockHolder) -> JSONValue { ["startedAt": .string(holder.startedAt.description)] }

    /// An event's data, emptied of everything that names a session, a person or a group. Of most types nothing is left:
    /// that something happened is told only so that the numbers have no gap.
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

    /// Sessions that may not be seen are left out altogether; their microscopes stay, with since when they are busy.
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

    /// Whole for those who may see the holder's session, since when for everybody else.
    static func holder(_ holder: LockHolder, for person: Person) throws(Problem) -> JSONValue {
        guard Permission.allows(.readSession, person: person, group: holder.group) else { return Self.holder(holder) }
        return try Wire.json(holder)
    }
}

/// Values of ours to JSON, in the form that `RunModel` gives them: the names of its properties are the names on the
/// wire.
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
