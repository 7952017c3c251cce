import RunModel
import Testing

@Suite struct ForeignTextTests {
    @Test func `a letter keeps as many marks as any writing has`() {
        func letter(_ marks: Int) -> String { "a" + String(repeating: "\u{323}", count: marks) }
        #expect(
            ForeignText.plain(letter(30) + letter(20_000) + "b").unicodeScalars.elementsEqual(
                (letter(30) + letter(30) + "b").unicodeScalars))
        #expect(
            ForeignText.decode(Array("Probe 3, Tr\u{E4}ger \u{5D1}\u{5BC}\u{5B7}".utf8))
                == "Probe 3, Tr\u{E4}ger \u{5D1}\u{5BC}\u{5B7}")
        #expect(ForeignText.decode([0x61, 0xFF]) == "a\u{FFFD}")
    }

    @Test func `a line shows in every terminal what is written in it, in its order`() {
        #expect(ForeignText.line("Tr\u{E4}ger 3, 1.2 \u{B5}m", longest: 100) == "Tr\u{E4}ger 3, 1.2 \u{B5}m")
        #expect(ForeignText.line("a\u{1B}[31mb\nc\u{202E}d\u{200B}", longest: 100) == "a\u{FFFD}[31mb\u{FFFD}c\u{FFFD}d\u{FFFD}")
        #expect(ForeignText.line("abcdef", longest: 3) == "abc")
    }

    @Test func `a log's line is one line, whoever's words are in it`() {
        #expect(
            LogLine(.error, "lock", "held by \u{1B}]0;x\u{7} on h\u{202E}\n2026-11-22").message
                == "held by \u{FFFD}]0;x\u{FFFD} on h\u{FFFD}\u{FFFD}2026-11-22")
    }
}
