import Accounts
import Blocking
import Foundation
import Glibc
import RunModel
import Store

/// The demo's users. Their password is the environment's, or one drawn once and kept where only the server's own user can read it.
struct DemoPeople {
    static let all = [
        NewPerson(username: "staff", password: "", staff: true),
        NewPerson(username: "operator", password: "", groups: [Demo.group]),
        NewPerson(username: "viewer", password: "", viewerOnly: true, groups: [Demo.group]),
    ]
    /// Who the audit names for what the demo does by itself.
    private static let author = AuditAuthor(person: "demo", role: "server", address: "")
    let accounts: Accounts
    /// `DIR/demo-password`, for its owner alone.
    let file: String
    let given: String?

    /// Makes those that are missing and returns the password of all. One that has not changed is left alone: setting it ends sign-ins.
    func prepare() async throws -> String {
        // No such file: this is the demo's first start here.
        let kept = (try? Files.text(file)).flatMap {
            $0.split(separator: "\n").first.map(String.init)
        }
        let password = given ?? kept ?? Self.draw()
        for person in Self.all { try PasswordRule.check(password, of: person.username, isDemo: true) }
        if let groups = accounts.groups, !groups.contains(Demo.group) { try await accounts.addGroup(Demo.group, by: Self.author) }
        let known = Set(accounts.people().map(\.username))
        for var person in Self.all {
            if !known.contains(person.username) {
                person.password = password
                try await accounts.add(person, by: Self.author, isDemo: true)
            } else if password != kept {
                try await accounts.setPassword(password, of: person.username, by: Self.author, isDemo: true)
            }
        }
        if password != kept { try keep(password) }
        return password
    }

    /// Eighty random bits, without the letters that look like digits.
    private static func draw() -> String {
        let digits = Array("23456789abcdefghjkmnpqrstuvwxyz")
        return (0..<4).map { _ in String((0..<4).map { _ in digits.randomElement()! }) }.joined(separator: "-")  // not empty
    }

    private func keep(_ password: String) throws(CommandProblem) {
        do throws(Errno) { try Files.write(Array("\(password)\n".utf8), to: file, permissions: .ownerReadWrite) } catch {
            if error == .noSpace || error == .diskQuotaExceeded { throw .full(file) }
            throw CommandProblem("The file \(file) cannot be written: \(error.words).", remedy: "Check the data directory.")
        }
    }
}
