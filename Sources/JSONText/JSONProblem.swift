/// Why a text could not be read, or a value not be written.
public struct JSONProblem: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: String, Sendable {
        case notJSON, duplicateKey, tooDeep, tooLarge, missing, wrongKind, notAllowed, unwritable
    }

    public var kind: Kind
    /// What is wrong and where, for people.
    public var sentence: String
    /// Where in the text, both from 1; nil when the text itself was in order.
    public var line: Int?
    public var column: Int?
    /// Where in the value, as `grids[2].name`; nil when the text could not be read.
    public var path: String?

    public var description: String { sentence }
}

extension JSONProblem {
    static func at(line: Int, column: Int, _ kind: Kind, _ what: String) -> JSONProblem {
        JSONProblem(kind: kind, sentence: "\(what) in line \(line), column \(column).", line: line, column: column)
    }

    static func at(_ path: [any CodingKey], _ kind: Kind, _ what: String) -> JSONProblem {
        let place = place(path)
        return JSONProblem(kind: kind, sentence: "\(place.isEmpty ? "The text" : place) \(what).", path: place)
    }

    /// `grids[2].name` for the keys grids, 2, name.
    static func place(_ path: [any CodingKey]) -> String {
        path.reduce(into: "") { place, key in
            if let index = key.intValue {
                place += "[\(index)]"
            } else {
                place += place.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
    }
}
