/// Codable on top of JSON text. Dates are ISO 8601 in UTC with milliseconds.
extension JSONText {
    /// The text of a value, names sorted: the same value always gives the same text.
    public static func encode<T: Encodable>(_ value: T) throws -> String {
        String(decoding: try bytes(encoding: value), as: UTF8.self)
    }

    /// The same text as UTF-8, for those who send it.
    public static func bytes<T: Encodable>(encoding value: T) throws -> [UInt8] {
        var writer = JSONWriter()
        writer.write(try piece(of: value))
        return writer.bytes
    }

    /// A value as JSON, without the detour over text.
    public static func value<T: Encodable>(of value: T) throws -> JSONValue {
        try piece(of: value).value
    }

    public static func decode<T: Decodable>(
        _ type: T.Type, from text: String, limits: JSONLimits = .standard
    ) throws -> T {
        try decode(type, from: parse(text, limits: limits))
    }

    public static func decode<T: Decodable>(
        _ type: T.Type, from bytes: [UInt8], limits: JSONLimits = .standard
    ) throws -> T {
        try decode(type, from: parse(bytes, limits: limits))
    }

    /// Throws a `JSONProblem` that names the place, or what the type's own initializer throws.
    public static func decode<T: Decodable>(_ type: T.Type, from value: JSONValue) throws -> T {
        do {
            return try ValueDecoder(value: value, trail: nil).decode(type)
        } catch let error as DecodingError {
            throw JSONProblem(error, in: value)
        }
    }

    private static func piece<T: Encodable>(of value: T) throws -> Piece {
        do {
            return try ValueEncoder.piece(of: value, trail: nil)
        } catch EncodingError.invalidValue(_, let context) {
            throw JSONProblem.at(context.codingPath, .unwritable, context.debugDescription)
        }
    }
}

extension JSONProblem {
    /// What the bridge refused carries its own sentence; what Swift's own types refused is put into one here.
    init(_ error: DecodingError, in root: JSONValue) {
        switch error {
        case .keyNotFound(let key, let context):
            self = .at(context.codingPath + [key], .missing, "is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let found = root.value(at: context.codingPath).map { "is \(JSONText.write($0).prefix(80))" } ?? "is missing"
            self =
                context.underlyingError as? JSONProblem
                ?? .at(context.codingPath, .notAllowed, "\(found), which is not one of the values it may have")
        @unknown default:
            self = .at([], .notAllowed, "holds a value that cannot be used")
        }
    }
}

extension JSONValue {
    fileprivate func value(at path: [any CodingKey]) -> JSONValue? {
        path.reduce(Optional(self)) { value, key in key.intValue.flatMap { value?[$0] } ?? value?[key.stringValue] }
    }
}

/// The way from the root to a value, built only by nesting and read only by a refusal.
final class CodingTrail: Sendable {
    private let parent: CodingTrail?
    private let key: any CodingKey

    init(_ parent: CodingTrail?, _ key: any CodingKey) {
        self.parent = parent
        self.key = key
    }

    static func path(_ trail: CodingTrail?) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var next = trail
        while let step = next {
            path.append(step.key)
            next = step.parent
        }
        return path.reversed()
    }
}

/// A place in a list, or a name made up by the bridge.
struct PlaceKey: CodingKey {
    var stringValue: String
    var intValue: Int?

    init(stringValue: String) { self.stringValue = stringValue }
    init(intValue: Int) { (self.stringValue, self.intValue) = (String(intValue), intValue) }

    static let parent = PlaceKey(stringValue: "super")
}
