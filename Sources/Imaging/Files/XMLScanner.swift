/// The leaves of an XML text: enough for what microscopes' programs write beside images, and no more.
enum XMLScanner {
    struct Element: Equatable {
        /// Names from the root to the element, without their prefixes.
        var path: [String]
        var attributes: [String: String]
        /// Of an element that holds others, what stands before its end.
        var text: String
    }

    private static let deepest = 64
    private static let most = 20_000

    /// Every element, in the order of their ends. A text that is no XML has none; one that is cut off has those that are whole.
    static func elements(_ text: String) -> [Element] {
        var (found, open): ([Element], [Element]) = ([], [])
        var rest = Substring(text)
        while let start = rest.firstIndex(of: "<"), found.count < most {
            if !open.isEmpty { open[open.count - 1].text = plain(rest[..<start]) }
            guard let end = rest[start...].firstIndex(of: ">") else { break }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("?") || tag.hasPrefix("!") { continue }
            if tag.hasPrefix("/") {
                if let last = open.popLast() { found.append(last) }
                continue
            }
            guard open.count < deepest else { break }
            let element = element(tag, in: open.last?.path ?? [])
            if tag.hasSuffix("/") { found.append(element) } else { open.append(element) }
        }
        return found
    }

    private static func element(_ tag: Substring, in path: [String]) -> Element {
        let body = tag.hasSuffix("/") ? tag.dropLast() : tag
        let name = body.prefix { !$0.isWhitespace }
        var attributes: [String: String] = [:]
        var rest = body.dropFirst(name.count)
        while let equals = rest.firstIndex(of: "=") {
            let key = rest[..<equals].filter { !$0.isWhitespace }
            let after = rest[rest.index(after: equals)...].drop(while: \.isWhitespace)
            guard let quote = after.first, quote == "\"" || quote == "'" else { break }
            let value = after.dropFirst().prefix { $0 != quote }
            attributes[local(Substring(key))] = plain(value)
            rest = after.dropFirst(value.count + 2)
        }
        return Element(path: path + [local(name)], attributes: attributes, text: "")
    }

    private static func local(_ name: Substring) -> String { name.split(separator: ":").last.map(String.init) ?? String(name) }

    private static func plain(_ text: Substring) -> String {
        var words = String(text.drop(while: \.isWhitespace))
        while words.last?.isWhitespace == true { words.removeLast() }
        guard words.contains("&") else { return words }
        for (mark, letter) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
            words = words.replacing(mark, with: letter)
        }
        return words
    }
}
