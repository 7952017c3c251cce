import RunModel

/// A STAR file as far as RELION writes one: named blocks with single values or one loop.
struct StarTable: Equatable {
    /// Block, column, values from the first row on.
    private var blocks: [String: [String: [String]]] = [:]

    init(_ text: String) {
        var block = ""
        var columns: [String] = []
        var isLoop = false
        for line in ForeignText.plain(text).split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            if first.hasPrefix("data_") {
                (block, columns, isLoop) = (String(first.dropFirst(5)), [], false)
            } else if first == "loop_" {
                isLoop = true
            } else if first.hasPrefix("_") {
                if isLoop { columns.append(first) } else if words.count > 1 { blocks[block, default: [:]][first] = [words[1]] }
            } else if words.count == columns.count {
                for (column, word) in zip(columns, words) { blocks[block, default: [:]][column, default: []].append(word) }
            }
        }
    }

    func values(_ block: String, _ column: String) -> [String] { blocks[block]?["_rln\(column)"] ?? [] }
    /// None unless all of them are finite numbers.
    func numbers(_ block: String, _ column: String) -> [Double] {
        let all = values(block, column)
        let numbers = all.compactMap { Double($0) }.filter(\.isFinite)
        return numbers.count == all.count ? numbers : []
    }
}
