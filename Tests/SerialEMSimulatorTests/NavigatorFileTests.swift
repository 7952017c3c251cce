import Testing

@testable import SerialEMSimulator

@Suite struct NavigatorFileTests {
    private static let sample = """
        AdocVersion = 2.00
        LastSavedAs = X:\\data\\grid.nav

        [Item = 1-A]
        Color = 2
        StageXYZ = -123.45 67.8 -9.1
        NumPts = 5
        Regis = 1
        Type = 2
        Note = Sec 0 - grid.mrc
        BklshXY = 0.5 0.5
        RawStageXY = -123 68
        MapFile = X:\\data\\grid.mrc
        MapID = 13254
        MapMontage = 1
        MapSection = 0
        MapBinning = 4
        MapMagInd = 2
        MapScaleMat = 0.1 1.2 -1.2 0.1
        MapWidthHeight = 2048 1024
        PtsX = -200 -50 -50 -200 -200
        PtsY = 0 0 130 130 0

        [Item = 2]
        Color = 0
        StageXYZ = 1 2 3
        NumPts = 1
        Regis = 1
        Type = 0
        GroupID = 88
        Acquire = 1
        DrawnID = 13254
        PtsX = 1
        PtsY = 2

        """

    @Test func `maps and points are read with all that belongs to them`() throws {
        let file = try #require(NavigatorFile(Array(Self.sample.utf8)))
        #expect(file.items.map(\.label) == ["1-A", "2"] && file.passedOver == 0)
        let map = try #require(file.items[0].map)
        #expect(map.file == #"X:\data\grid.mrc"# && map.isMontage && map.binning == 4 && map.magIndex == 2)
        #expect(map.matrix == [0.1, 1.2, -1.2, 0.1] && map.width == 2048)
        #expect(file.items[0].points.count == 5 && file.items[0].encloses(NavigatorPoint(x: -100, y: 60)))
        #expect(file.items[0].rest.map(\.key) == ["BklshXY", "RawStageXY"])
        #expect(file.items[1].group == 88 && file.items[1].acquires && file.items[1].drawnOn == 13254 && file.items[1].z == 3)
    }

    @Test func `what is written is read again as it was`() throws {
        let file = try #require(NavigatorFile(Array(Self.sample.utf8)))
        let again = try #require(NavigatorFile(Array(file.text(savedAs: #"C:\x.nav"#).utf8)))
        #expect(again == file)
    }

    @Test func `line ends of Windows and western letters are taken as they come`() throws {
        let windows = Self.sample.replacing("\n", with: "\r\n").replacing("grid.mrc", with: "Präparat.mrc")
        let latin = windows.unicodeScalars.map { UInt8($0.value) }
        let file = try #require(NavigatorFile(latin))
        #expect(file.items[0].note == "Sec 0 - Präparat.mrc" && file.items.count == 2)
    }

    @Test(arguments: [
        ("StageXYZ = 1 2 3", "StageXYZ = 1 nan 3"), ("Type = 0", "Type = 7"), ("PtsX = 1\n", "PtsX = 1 2\n"),
        ("StageXYZ = 1 2 3", ""), ("PtsY = 2\n", "PtsY = two\n"), ("Type = 0", "Type = 2"),
    ]) func `an item that makes no sense is passed over`(_ line: String, _ wrong: String) throws {
        let file = try #require(NavigatorFile(Array(Self.sample.replacing(line, with: wrong).utf8)))
        #expect(file.items.map(\.label) == ["1-A"] && file.passedOver == 1)
    }

    @Test func `an outline of three numbers is one`() throws {
        let text = "AdocVersion = 2.00\n[Item = t]\nType = 1\nStageXYZ = 1 1\nNumPts = 3\nPtsX = 0 3 0\nPtsY = 0 0 3\n"
        let item = try #require(NavigatorFile(Array(text.utf8))?.items.first)
        #expect(item.points.count == 3 && item.encloses(NavigatorPoint(x: 0.5, y: 0.5)) && item.z == 0)
        #expect(!item.encloses(NavigatorPoint(x: 2.5, y: 2.5)))
    }

    @Test func `a long outline is whole`() throws {
        let numbers = (0..<3000).map { "\($0).125" }.joined(separator: " ")
        let text = "AdocVersion = 2.00\n[Item = t]\nType = 1\nStageXYZ = 1 1 1\nPtsX = \(numbers)\nPtsY = \(numbers)\n"
        #expect(NavigatorFile(Array(text.utf8))?.items.first?.points.last == NavigatorPoint(x: 2999.125, y: 2999.125))
    }

    @Test(arguments: ["", "[Item = 1]\nType = 0\n", "<?xml version=\"1.0\"?>\n<navigator>\n", "AdocVersion\n"])
    func `what is no Navigator file is told from one`(_ text: String) {
        #expect(NavigatorFile(Array(text.utf8)) == nil)
    }

    @Test func `a note of two lines stays one`() throws {
        var item = NavigatorItem(.point, label: "a]b\nc", points: [NavigatorPoint(x: 1, y: 2)], z: 0)
        item.note = "first\nType = 2"
        let file = try #require(NavigatorFile(Array(NavigatorFile(items: [item]).text(savedAs: "x\ny").utf8)))
        #expect(file.items.map(\.kind) == [.point] && file.items[0].note == "first Type = 2")
    }

    @Test func `what no printer prints is a blank, and writing twice changes nothing`() throws {
        let text =
            "AdocVersion = 2.00\n[Item = a\u{b}\u{85}]\nType = 0\nStageXYZ = 1 1 1\n\u{b}Note = \u{2028}x\u{b}y\u{85}\nKey\u{b} = 1\n\u{1}[Odd = 2\n"
        let file = try #require(NavigatorFile(Array(text.utf8)))
        #expect(file.items[0].label == "a" && file.items[0].note == "x y")
        #expect(file.items[0].rest == [NavigatorField(key: "Key", value: "1")])
        #expect(NavigatorFile(Array(file.text(savedAs: "C:").utf8)) == file)
    }
}
