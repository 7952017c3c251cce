import RunModel
import Testing

@Suite struct CassetteCheckTests {
    /// `1 A, 2, 3 -, 4* B, 5 ?`: slot and name; `-` for an empty slot, `*` for a cartridge on the stage, `?` for an unclear slot.
    private static func cassette(_ text: String) -> [CassetteSlot] {
        text.split(separator: ",").map { part in
            let words = part.split(separator: " ").map(String.init)
            let name = words.count > 1 ? words[1] : nil
            let state: CassetteSlot.State =
                switch name {
                case "-": .empty
                case "?": .unclear
                default: words[0].hasSuffix("*") ? .onStage : .occupied
                }
            let named = state == .empty || state == .unclear ? nil : name
            return CassetteSlot(slot: Int(words[0].filter { $0 != "*" }) ?? 0, state: state, name: named)
        }
    }

    @Test(arguments: [
        ("1 A, 2 B, 3 -", "1 A, 2 B, 3 -"), ("1 A, 2 B", "2 B, 1 A"), ("", ""),
        // What a load moves.
        ("1 A, 2 B", "1* A, 2 B"), ("1* A, 2 B", "1 A, 2* B"), ("1, 2", "1*, 2"),
        // A loader that does not name what is on the stage, and one that learns names.
        ("1 A, 2 B", "1*, 2 B"), ("1*, 2 B", "1 A, 2 B"), ("1* A", "1"), ("1, 2", "1 A, 2 B"),
        // A slot that is not told of is as good as empty.
        ("1 A, 2 -", "1 A"), ("1 A", "1 A, 2 -"),
        // What may or may not be on the stage.
        ("1 A, 2 ?", "1 A, 2 B"), ("1 A, 2 ?", "1 A, 2 -"), ("1 A, 2 B", "1 A, 2 ?"), ("1 A, 2* B", "1 A, 2 ?"), ("1 -", "1 ?"),
        ("1 A, 2 B, 3 ?", "1 A, 2 ?, 3 -"),
    ])
    func `what a run does by itself is no change`(was: String, now: String) {
        #expect(CassetteCheck.changes(from: Self.cassette(was), to: Self.cassette(now)) == [])
    }

    @Test(
        arguments: [
            ("1 A, 2 B", "1 A, 2 -", ["Slot 2 held B; it is empty now."]),
            ("1 A, 2", "1 A, 2 -", ["Slot 2 held a cartridge; it is empty now."]),
            ("1* A, 2 B", "1 -, 2 B", ["Slot 1 held A; it is empty now."]),
            // One of them is on the stage, the other is not.
            (
                "1 A, 2", "1 ?, 2 ?",
                [
                    "Slot 1 held A; nobody can tell now whether it still does.",
                    "Slot 2 held a cartridge; nobody can tell now whether it still does.",
                ]
            ),
            ("1 A, 2 B, 3 ?", "1 A, 2 ?, 3 ?", ["Slot 2 held B; nobody can tell now whether it still does."]),
            ("1 A, 2 -", "1 A, 2 C", ["Slot 2 was empty; it holds C now."]),
            ("1 A, 2 -", "1 A, 2", ["Slot 2 was empty; it holds a cartridge now."]),
            ("1 A", "1 A, 2", ["Slot 2 was empty; it holds a cartridge now."]),
            ("1 A, 2 B", "1 A", ["Slot 2 held B; it is empty now."]),
            ("1 A, 2 B", "1 B, 2 A", ["Slot 1 held A; it holds B now.", "Slot 2 held B; it holds A now."]),
            ("1* A, 2 B", "1* C, 2 B", ["Slot 1 held A; it holds C now."]),
            ("1 A, 2 B", "1 A, 2", ["Slot 2 held B; the loader has no name for what it holds now."]),
        ] as [(String, String, [String])])
    func `what a person did is said slot by slot`(was: String, now: String, sentences: [String]) {
        let changes = CassetteCheck.changes(from: Self.cassette(was), to: Self.cassette(now))
        #expect(changes.map(\.sentence) == sentences)
    }

    @Test(arguments: [
        ("1, 2 B", "1 A, 2 B", "1 A, 2 B"), ("1 A, 2 B", "1*, 2 B", "1* A, 2 B"), ("1 A, 2 B", "2 -, 1 A", "1 A, 2 -"),
        ("1, 2", "1*, 2", "1*, 2"),
    ])
    func `a reading adds to what is known and forgets no name`(known: String, seen: String, then: String) {
        #expect(CassetteCheck.knowledge(Self.cassette(known), with: Self.cassette(seen)) == Self.cassette(then))
    }

    @Test func `what a person accepted is known as it was seen, and nothing of the other slots is lost`() {
        let (known, seen) = (Self.cassette("1 A, 2 B, 3 C, 4 -"), Self.cassette("1*, 2 X, 3 ?, 4 D"))
        let changes = CassetteCheck.changes(from: known, to: seen)
        #expect(changes.map(\.slot) == [2, 4])
        #expect(CassetteCheck.knowledge(known, with: seen, accepting: changes) == Self.cassette("1* A, 2 X, 3 C, 4 D"))
    }
}
