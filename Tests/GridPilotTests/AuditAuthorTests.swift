import Glibc
import Store
import Testing

@testable import gridpilot

@Suite struct AuditAuthorTests {
    @Test(
        arguments: [
            (0, nil, nil, "command line"), (0, nil, "ada", "command line (sudo by ada)"), (0, nil, "", "command line"),
            (1000, nil, "mallory", "command line"), (1000, 1000, "mallory", "command line"),
            (0, 0, "ada", "command line (sudo by ada)"), (1000, 0, "mallory", "command line (signed in as root)"),
            (0, .max, "ada", "command line (sudo by ada)"), (1000, .max, "mallory", "command line"),
        ] as [(uid_t, uid_t?, String?, String)])
    func `who called sudo is told by the kernel, or by root`(uid: uid_t, login: uid_t?, sudo: String?, place: String) {
        #expect(AuditAuthor.place(uid, login: login, sudo: sudo) == place)
    }
}
