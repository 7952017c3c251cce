import CJansson

/// Text to values: jansson reads, this copies out what it found.
enum JSONReader {
    static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) throws(JSONProblem) -> JSONValue {
        guard bytes.count <= limits.bytes else {
            throw JSONProblem(
                kind: .tooLarge, sentence: "The text has \(bytes.count) bytes; \(limits.bytes) are allowed.")
        }
        var error = json_error_t()
        let flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL
        // An empty buffer may have no address, and jansson refuses a null one with a code that says nothing.
        let start = UnsafeRawPointer(bytes.baseAddress).map { $0.assumingMemoryBound(to: CChar.self) }
        guard bytes.count > 0, let root = json_loadb(start, bytes.count, Int(flags), &error) else {
            throw problem(error)
        }
        defer { json_decref(root) }
        return try value(root, depth: 0, limits)
    }

    private static func value(
        _ node: UnsafeMutablePointer<json_t>, depth: Int, _ limits: JSONLimits
    ) throws(JSONProblem) -> JSONValue {
        switch node.pointee.type {
        case JSON_OBJECT: .object(try fields(node, depth: depth + 1, limits))
        case JSON_ARRAY: .array(try items(node, depth: depth + 1, limits))
        case JSON_STRING: .string(try text(json_string_value(node), json_string_length(node), limits))
        case JSON_INTEGER: .integer(Int(json_integer_value(node)))
        case JSON_REAL: .number(json_real_value(node))
        case JSON_TRUE: .bool(true)
        case JSON_FALSE: .bool(false)
        default: .null
        }
    }

    private static func items(
        _ node: UnsafeMutablePointer<json_t>, depth: Int, _ limits: JSONLimits
    ) throws(JSONProblem) -> [JSONValue] {
        try check(depth, limits)
        var items: [JSONValue] = []
        items.reserveCapacity(json_array_size(node))
        for index in 0..<json_array_size(node) {
            guard let item = json_array_get(node, index) else { continue }
            items.append(try value(item, depth: depth, limits))
        }
        return items
    }

    private static func fields(
        _ node: UnsafeMutablePointer<json_t>, depth: Int, _ limits: JSONLimits
    ) throws(JSONProblem) -> [String: JSONValue] {
        try check(depth, limits)
        var fields: [String: JSONValue] = [:]
        fields.reserveCapacity(json_object_size(node))
        var place = json_object_iter(node)
        while let at = place, let item = json_object_iter_value(at) {
            let length = json_object_iter_key_len(at)
            guard length <= limits.name else {
                throw JSONProblem(
                    kind: .tooLarge, sentence: "A name in an object has \(length) bytes; \(limits.name) are allowed.")
            }
            let key = try text(json_object_iter_key(at), length, limits)
            // jansson compares bytes, Swift compares characters: é written in two ways is one name here.
            guard fields.updateValue(try value(item, depth: depth, limits), forKey: key) == nil else {
                throw JSONProblem(kind: .duplicateKey, sentence: "The name \"\(key)\" is given twice in one object.")
            }
            place = json_object_iter_next(node, at)
        }
        return fields
    }

    private static func check(_ depth: Int, _ limits: JSONLimits) throws(JSONProblem) {
        guard depth <= limits.depth else {
            throw JSONProblem(kind: .tooDeep, sentence: "The text nests deeper than \(limits.depth) levels.")
        }
    }

    private static func text(
        _ start: UnsafePointer<CChar>?, _ count: Int, _ limits: JSONLimits
    ) throws(JSONProblem) -> String {
        guard let start else { return "" }
        let text = start.withMemoryRebound(to: UInt8.self, capacity: count) {
            String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
        }
        guard !CombiningMarks.areMore(than: limits.marks, in: text) else {
            throw JSONProblem(
                kind: .notAllowed, sentence: "A letter has more than \(limits.marks) combining marks, which no writing has.")
        }
        return text
    }

    private static func problem(_ error: json_error_t) -> JSONProblem {
        let (line, column) = (max(Int(error.line), 1), max(Int(error.column), 1))
        return withUnsafePointer(to: error) { error in
            switch json_error_code(error) {
            case json_error_duplicate_key:
                .at(line: line, column: column, .duplicateKey, "A name is given twice in one object")
            case json_error_stack_overflow:
                .at(line: line, column: column, .tooDeep, "The text nests too deeply")
            case json_error_numeric_overflow:
                .at(line: line, column: column, .notJSON, "A number is too large to be kept exactly")
            case json_error_invalid_utf8:
                .at(line: line, column: column, .notJSON, "The text is not UTF-8")
            case json_error_premature_end_of_input:
                .at(line: line, column: column, .notJSON, "The text ends before its value is complete")
            case json_error_end_of_input_expected:
                .at(line: line, column: column, .notJSON, "Something follows the value")
            case json_error_null_character, json_error_null_byte_in_key:
                .at(line: line, column: column, .notJSON, "A name holds the character NUL")
            default:
                .at(line: line, column: column, .notJSON, "The text is not JSON")
            }
        }
    }
}
