import RunModel
import Testing

@Suite struct WindowsPathTests {
    @Test(arguments: [
        "X:\\sessions\\demo\\20261122_tubulin", "\\\\server\\frames\\a-b_c.d", "X:\\", "C:/GridPilot/console", "sessions/demo/x",
        "X:\\.hidden",
        "X:\\nullify\\com10\\lpt",
    ])
    func `a plain path is taken`(path: String) { #expect(WindowsPath.problem(in: path) == nil) }

    @Test(arguments: [
        ("X:\\größe\\x", "größe", "SerialEM would read ö as other letters"),
        ("X:\\a\\β-gal", "β-gal", "SerialEM would read β as other letters"),
        ("X:\\a\u{301}", "a\u{301}", "SerialEM would read a\u{301} as other letters"),
        ("X:\\a:b", "a:b", "Windows allows no : in a name"), ("X:\\a*", "a*", "Windows allows no * in a name"),
        ("X:\\a?\\b", "a?", "Windows allows no ? in a name"), ("X:\\\"a\"", "\"a\"", "Windows allows no \" in a name"),
        ("X:\\<a", "<a", "Windows allows no < in a name"), ("X:\\a>", "a>", "Windows allows no > in a name"),
        ("X:\\a|b", "a|b", "Windows allows no | in a name"),
        ("X:\\a\tb", "a\tb", "Windows allows no control characters in a name"),
        ("X:\\a.\\b", "a.", "Windows leaves out a dot or a blank at the end"),
        ("X:\\a ", "a ", "Windows leaves out a dot or a blank at the end"),
        ("X:\\con\\a", "con", "Windows keeps that name for a device"), ("X:\\NUL", "NUL", "Windows keeps that name for a device"),
        ("X:\\Aux.txt", "Aux.txt", "Windows keeps that name for a device"),
        ("X:\\lpt1", "lpt1", "Windows keeps that name for a device"),
    ])
    func `what the microscope's computer would make another path of is refused with its part and the reason`(
        path: String, part: String, reason: String
    ) {
        let problem = WindowsPath.problem(in: path)
        #expect(problem?.part == part)
        #expect(problem?.reason == reason)
        #expect(problem?.sentence == "\(part) cannot be a folder on the microscope's computer: \(reason).")
    }
}
