import Microscope
import Testing

@Suite struct PathMapTests {
    private let map = PathMap([
        SharedFolder(here: "/srv/frames", there: #"Y:\"#),
        SharedFolder(here: "/srv/data/sessions", there: #"\\files\em\sessions"#),
    ])

    @Test(
        arguments: [
            ("/srv/frames/a/b.mrc", #"Y:\a\b.mrc"#), ("/srv/frames", #"Y:\"#),
            ("/srv/data/sessions/x.mrc", #"\\files\em\sessions\x.mrc"#),
            ("/srv/data/sessions2/x.mrc", nil), ("/srv/frames/../secret", nil), ("/home/x", nil),
        ] as [(String, String?)])
    func `a path here has the other computer's name where a folder is shared`(_ here: String, _ there: String?) {
        #expect(map.there(here) == there)
    }

    @Test(
        arguments: [
            (#"Y:\a\b.mrc"#, "/srv/frames/a/b.mrc"), (#"y:\A\b.mrc"#, "/srv/frames/A/b.mrc"),
            ("Y:/a/b.mrc", "/srv/frames/a/b.mrc"),
            (#"\\FILES\em\Sessions\x.mrc"#, "/srv/data/sessions/x.mrc"), (#"Z:\a.mrc"#, nil), (#"Y:\..\..\etc\passwd"#, nil),
            ("", nil),
        ] as [(String, String?)])
    func `a path there is found here, whatever its letters' size, and never outside the folder`(_ there: String, _ here: String?)
    {
        #expect(map.here(there) == here)
    }
}
