import Imaging
import Testing

@Suite struct MDocTests {
    private let document = MDoc(
        titles: ["SerialEM: a title", "    Tilt axis angle = 85.0, binning = 1  spot = 5  camera = 0"],
        globals: [MDocField("PixelSpacing", "4000"), MDocField("DataMode", "1")],
        sections: [
            MDoc.Section(kind: "ZValue", name: "0", fields: [MDocField("StagePosition", "1.5 -2"), MDocField("TimeStamp", "3")]),
            MDoc.Section(kind: "MontSection", name: "0", fields: [MDocField("TimeStamp", "4")]),
        ])

    @Test func `a key of an mdoc is quick to compare, whatever it holds`() {
        let letter = "a" + String(repeating: "\u{301}", count: 100) + String(repeating: "\u{323}", count: 100)
        let document = MDoc("\(letter) = \(letter)\n")
        #expect(document.globals.flatMap { [$0.key, $0.value] }.map(\.unicodeScalars.count) == [31, 31])
    }

    @Test func `a document is laid out as SerialEM lays it out`() {
        #expect(
            document.text == """
                PixelSpacing = 4000
                DataMode = 1

                [T = SerialEM: a title]

                [T =     Tilt axis angle = 85.0, binning = 1  spot = 5  camera = 0]

                [ZValue = 0]
                StagePosition = 1.5 -2
                TimeStamp = 3

                [MontSection = 0]
                TimeStamp = 4

                """)
    }

    @Test func `what is written is read again`() {
        var read = MDoc(document.text)
        #expect(read.titles == ["SerialEM: a title", "Tilt axis angle = 85.0, binning = 1  spot = 5  camera = 0"])
        read.titles = document.titles
        #expect(read == document)
        #expect(read.sections[0].numbers("StagePosition") == [1.5, -2])
        #expect(read.numbers("PixelSpacing") == [4000])
        #expect(read["Nothing"] == nil)
    }

    @Test func `other line ends, blanks and stray lines do no harm`() {
        let read = MDoc("  Voltage =300  \r\n\r\nnonsense\r\n[FrameSet = 0]\r\n\tDoseRate=  2.5\r\n[]\r\n[x]\r\n=\r\n")
        #expect(read.globals == [MDocField("Voltage", "300")])
        #expect(read.sections == [MDoc.Section(kind: "FrameSet", name: "0", fields: [MDocField("DoseRate", "2.5")])])
    }

    @Test func `a value that is no row of numbers has none`() {
        let read = MDoc("A = 1 two 3\nB = nan\nC =\n")
        #expect(read.numbers("A").isEmpty && read.numbers("B").isEmpty && read.numbers("C").isEmpty)
        #expect(read["C"] == "")
    }

    @Test func `a newline in a value begins no section`() {
        let text = MDoc(globals: [MDocField("Note", "one\n[ZValue = 5]\r\ntwo")]).text
        #expect(MDoc(text).sections.isEmpty)
    }

    @Test(arguments: ["[ZValue", "\u{0B}[ZValue", "\n [ [ZValue", "[\u{301}ZValue"])
    func `a key that begins with a bracket begins no section`(key: String) {
        let text = MDoc(globals: [MDocField(key, "5]")]).text
        #expect(MDoc(text).sections.isEmpty)
        #expect(MDoc(text).globals.count == 1)
    }

    @Test func `a huge text is read as far as its bound`() {
        let line = "Key = value\n"
        let read = MDoc(String(repeating: line, count: MDoc.mostBytes / line.utf8.count + 1000))
        #expect(read.globals.count <= MDoc.mostBytes / line.utf8.count + 1)
    }
}
