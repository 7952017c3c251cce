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
}
