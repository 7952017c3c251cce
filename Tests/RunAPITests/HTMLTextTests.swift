import Testing

@testable import RunAPI

@Suite struct HTMLTextTests {
    private func written(_ html: HTMLText) -> String { String(decoding: html.bytes, as: UTF8.self) }

    @Test func `text stays text wherever it stands`() {
        let hostile = "<script>alert('a' & \"b\")</script>"
        let safe = "&lt;script&gt;alert(&#39;a&#39; &amp; &quot;b&quot;)&lt;/script&gt;"
        #expect(written(.text(hostile)) == safe)
        #expect(written("\(hostile)") == safe)
        #expect(written(.name(hostile)) == "<bdi>\(safe)</bdi>")
        #expect(written(.tag("p", ["title": hostile], .text(hostile))) == "<p title=\"\(safe)\">\(safe)</p>")
    }

    @Test(arguments: [
        "\u{202E}", "\u{202A}", "\u{2066}", "\u{2069}", "\u{200F}", "\u{61C}", "\u{0}", "\u{1B}", "\u{7F}", "\u{85}", "\u{FEFF}",
        "\r",
    ])
    func `what turns the direction of writing, and controls, are shown as something else`(_ mark: String) {
        #expect(written(.text("a\(mark)b")) == "a\u{FFFD}b")
        #expect(written(.tag("p", ["title": "é\(mark)"])) == "<p title=\"é\u{FFFD}\"></p>")
    }

    @Test func `other writing stays as it is`() {
        for text in ["Ångström, 10 µm", "עברית", "電子顕微鏡", "👩‍🔬", "two\nlines\tand a tab"] { #expect(written(.text(text)) == text) }
    }

    @Test func `what has no content has no end, and an attribute without a value is left out`() {
        #expect(written(.tag("img", ["src": "data:,", "alt": nil])) == "<img src=\"data:,\">")
        #expect(written(["a", .tag("b", [:], "c"), .nothing]) == "a<b>c</b>")
    }
}
