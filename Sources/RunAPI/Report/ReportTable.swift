/// A table that scrolls by itself where the window is narrower.
enum ReportTable {
    static func scrolling(_ name: String, head: [String], numbersFrom first: Int, rows: [HTMLText]) -> HTMLText {
        let cells = head.enumerated().map { index, words in
            HTMLText.tag("th", ["scope": "col", "class": index >= first ? "number" : nil], .text(words))
        }
        // Reached by Tab, or whoever has no mouse could not scroll it.
        return .tag(
            "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": name],
            .tag("table", [:], .tag("thead", [:], .tag("tr", [:], .several(cells))), .tag("tbody", [:], .several(rows))))
    }
}
