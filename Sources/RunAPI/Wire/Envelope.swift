import JSONText
import RunModel
import Store
import WebServer

/// The frames of `/push`, as text. They are put together by hand around data that the store holds as JSON already, so
/// that an event is not parsed and written again for every telling. That is safe because ids, types and topics hold no
/// character that JSON would escape, and times none either; whatever people or a microscope may have written goes
/// through `JSONText`.
///
/// `docs/push.md` has an example of each, and a test holds these to it. Fields may be added; a client ignores those it
/// does not know.
enum Envelope {
    /// `command` is left out of what the engine did by itself.
    static func event(_ told: TopicEvent) -> Frame {
        let command = told.command.map { ",\"command\":\"\($0)\"" } ?? ""
        return event(told, data: told.data, rest: ",\"session\":\"\(told.session)\"\(command)")
    }

    /// For those who may not see the session: what happened to the microscope, and to nobody. Number and `previous` are
    /// told all the same, or their page would find a gap and ask anew for ever.
    static func redacted(_ told: TopicEvent) -> Frame {
        event(told, data: Redaction.data(of: told), rest: "")
    }

    private static func event(_ told: TopicEvent, data: String, rest: String) -> Frame {
        Frame(
            """
            {"topic":"\(told.topic.text)","kind":"event","seq":\(told.seq),"previous":\(told.previous),"at":"\(told.at)",\
            "type":"\(told.type)","data":\(data)\(rest)}
            """, of: told.topic.text)
    }

    /// The text of a line is anybody's (SerialEM's too), so it is escaped like any other value.
    static func line(_ stored: StoredLogLine) -> Frame {
        let topic = Topic.log(stored.session, stored.log).text
        return Frame(
            """
            {"topic":"\(topic)","kind":"event","seq":\(stored.n),"previous":\(stored.previous),"at":"\(stored.at)",\
            "type":"logLine","data":\(JSONText.write(stored.json))}
            """, of: topic)
    }

    /// `seq` and the state must be of one reading of the store: the next event is folded onto it. `store` tells the
    /// client which store its numbers belong to.
    static func snapshot(_ topic: Topic, seq: Int64, store: String, at moment: Timestamp, state: JSONValue) -> Frame {
        let head = """
            {"topic":"\(topic.text)","kind":"snapshot","seq":\(seq),"store":"\(store)","at":"\(moment)","state":
            """
        return Frame(snapshot: Array(head.utf8) + JSONText.bytes(of: state) + [UInt8(ascii: "}")], of: topic.text)
    }

    /// `moment` is when it was taken, not when it is sent: a page shows how old it is.
    static func reading(_ topic: Topic, type: String, at moment: Timestamp, data: JSONValue) -> Frame {
        Frame(
            """
            {"topic":"\(topic.text)","kind":"reading","type":"\(type)","at":"\(moment)","data":\(JSONText.write(data))}
            """, of: topic.text)
    }

    /// The time lets a page set its clock by ours: ages on it are counted from the server's times.
    static func heartbeat(at moment: Timestamp) -> Frame { Frame("{\"kind\":\"heartbeat\",\"at\":\"\(moment)\"}") }

    /// `topic` is what the client named, if it named one: with it the problem is that topic's, and the client is not,
    /// or no longer, on it.
    static func problem(_ problem: Problem, topic: String?) -> Frame {
        var value: JSONValue = ["kind": "problem", "code": .string(problem.code), "sentence": .string(problem.sentence)]
        if let remedy = problem.remedy { value["remedy"] = .string(remedy) }
        guard let topic else { return Frame(utf8: JSONText.bytes(of: value)) }
        value["topic"] = .string(topic)
        return Frame(lastWord: JSONText.bytes(of: value), on: topic)
    }
}

extension StoredLogLine {
    /// As pages and scripts get it.
    var json: JSONValue {
        [
            "n": .integer(Int(n)), "at": .string(at.description), "level": .string(line.level.rawValue),
            "source": .string(line.source),
            "message": .string(line.message),
        ]
    }
}

/// What a page says on `/push`. Unlike the bodies of routes, unknown fields are ignored here: a newer page must be able
/// to talk to an older server while that is being replaced.
enum PushRequest: Equatable {
    case subscribe(topic: String, after: Int64?, store: String?)
    case unsubscribe(topic: String)

    /// Many times the longest topic with its number. The web server would let 64 KB pass.
    static let longest = 4096

    static func read(_ text: String) throws(Problem) -> PushRequest {
        guard text.utf8.count <= longest else {
            throw Problem(
                400, "push.tooLong", "A message may have at most \(longest) bytes here.", remedy: "Send one request per message.")
        }
        let value: JSONValue
        do {
            value = try JSONText.parse(text, limits: .foreign(bytes: longest, depth: 4))
        } catch {
            throw Problem(400, "push.badJSON", error.sentence, remedy: "Send one JSON object per message.")
        }
        guard let operation = value["op"]?.text else { throw malformed("The message has no op.") }
        guard let topic = value["topic"]?.text else { throw malformed("The message has no topic.") }
        switch operation {
        case "subscribe":
            let after = value["after"].flatMap { $0.isNull ? nil : $0 }
            guard after == nil || (after?.int ?? -1) >= 0 else { throw malformed("after is not the number of an event.") }
            let store = value["store"].flatMap { $0.isNull ? nil : $0 }
            guard store == nil || store?.text != nil else { throw malformed("store is not text.") }
            return .subscribe(topic: topic, after: after?.int.map(Int64.init), store: store?.text)
        case "unsubscribe": return .unsubscribe(topic: topic)
        default: throw malformed("\(operation.prefix(40)) is not an op that is known here.")
        }
    }

    private static func malformed(_ sentence: String) -> Problem {
        Problem(400, "push.malformed", sentence, remedy: "The ops are subscribe and unsubscribe, each with a topic.")
    }
}
