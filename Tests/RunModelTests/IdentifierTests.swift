import JSONText
import RunModel
import Testing

@Suite struct IdentifierTests {
    private let grid = GridID("20261122_tubulin.v2", slot: 6)

    @Test func `a micrograph's id leads back to its hole, square, grid and session`() {
        let square = TargetID(square: 57, of: grid)
        let hole = TargetID(hole: 90, of: square)
        let micrograph = MicrographID(2, of: hole)
        #expect(micrograph.rawValue == "20261122_tubulin.v2.g6.s57.h90.m2")
        #expect([micrograph.number, hole.number, square.number, grid.slot] == [2, 90, 57, 6])
        #expect(micrograph.hole == hole && hole.square == square && square.square == square)
        #expect(micrograph.grid == grid && hole.grid == grid && square.grid == grid)
        #expect(micrograph.session == "20261122_tubulin.v2")
        #expect([square.kind, hole.kind] == [.square, .hole])
    }

    @Test(arguments: ["a", "A-b_c.9", String(repeating: "x", count: 64)])
    func `ids are letters, digits, dots, hyphens and underscores`(text: String) {
        #expect(SessionID(rawValue: text)?.rawValue == text)
    }

    @Test(arguments: ["", "a b", "a/b", "ä", "a\n", "a\0", "<a>", String(repeating: "x", count: 65)])
    func `other texts are no ids, in JSON neither`(text: String) throws {
        #expect(SessionID(rawValue: text) == nil)
        let json = try JSONText.encode([text])
        #expect(throws: (any Error).self) { try JSONText.decode([SessionID].self, from: json) }
    }

    @Test func `texts that are not built as ids have no number`() {
        #expect(GridID("nonsense").slot == 0)
        #expect(TargetID("a.g1.sX").number == 0)
        #expect(MicrographID("m").number == 0)
    }

    @Test func `topics read back from their text`() {
        let topics: [Topic] = [.facility, .session("s1"), .grid("s1.g2"), .log("s1", .imaging), .log("s1", .processing)]
        for topic in topics { #expect(Topic(topic.text) == topic) }
        for text in ["", "session", "session/", "session/a/b", "session/a/log/other", "grid/a b", "facility/1", "other/a"] {
            #expect(Topic(text) == nil, "\(text)")
        }
    }
}
