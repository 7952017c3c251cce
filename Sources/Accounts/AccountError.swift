import RunModel
import Store

/// Why somebody was not let in, or an account not changed.
public enum AccountError: Explained, Equatable {
    case wrong(triesLeft: Int)
    case tooManyTries(secondsLeft: Int)
    case tooManyFromAddress(secondsLeft: Int)
    case tooManyAtOnce
    /// It had begun, and may be done.
    case noAnswer
    case notBegun
    case passwordLength
    /// One that whoever guesses tries first.
    case passwordCommon
    case name(String)
    /// The program's own name in its records.
    case reserved(String)
    case taken(String)
    case unknown(String)
    case tokenTaken(String)
    case noToken(String, of: String)
    case noGroup(String, known: [String])
    case groupTaken(String)
    case groupHasMembers(String, [String])
    case notInGroup(String, group: String)
    case notSignedIn
    case watchOnly(group: String)
    case staffOnly
    case membersOnly(group: String)
    case lastStaff(String)
    case notYours
    case hashing
    case store(StoreError)

    public var code: String {
        switch self {
        case .wrong: "account.wrong"
        case .tooManyTries: "account.tooManyTries"
        case .tooManyFromAddress: "account.tooManyFromAddress"
        case .tooManyAtOnce: "account.tooManyAtOnce"
        case .noAnswer: "account.noAnswer"
        case .notBegun: "account.notBegun"
        case .passwordLength: "account.passwordLength"
        case .passwordCommon: "account.passwordCommon"
        case .name, .reserved: "account.name"
        case .taken: "account.taken"
        case .unknown: "account.unknown"
        case .tokenTaken: "account.tokenTaken"
        case .noToken: "account.noToken"
        case .noGroup: "account.noGroup"
        case .groupTaken: "account.groupTaken"
        case .groupHasMembers: "account.groupHasMembers"
        case .notInGroup: "account.notInGroup"
        case .notSignedIn: "account.notSignedIn"
        case .watchOnly: "account.watchOnly"
        case .staffOnly: "account.staffOnly"
        case .membersOnly: "account.membersOnly"
        case .lastStaff: "account.lastStaff"
        case .notYours: "account.notYours"
        case .hashing: "account.hashing"
        case .store(let cause): cause.code
        }
    }

    public var sentence: String {
        switch self {
        case .wrong: "User name or password is wrong."
        case .tooManyTries: "Too many wrong passwords for this user name."
        case .tooManyFromAddress: "Too many sign-ins with wrong passwords come from this address."
        case .tooManyAtOnce: "Too many people are signing in at once."
        case .noAnswer: "The server's disk does not answer, so nobody can say whether this was done."
        case .notBegun: "The server's disk does not answer, so this was not done."
        case .passwordLength: "A password has 8 to 200 characters."
        case .passwordCommon: "This is one of the first passwords that somebody who guesses would try."
        case .name(let text): "\"\(text)\" cannot be a name here."
        case .reserved(let name): "\(name) is what the server calls itself in its logs and records."
        case .taken(let username): "There is already a user \(username)."
        case .unknown(let username): "There is no user \(username)."
        case .tokenTaken(let name): "There is already a token named \(name)."
        case .noToken(let name, let username): "\(username) has no token \(name)."
        case .noGroup(let group, []): "There is no group \(group)."
        case .noGroup(let group, let known): "There is no group \(group); there are \(known.joined(separator: ", "))."
        case .groupTaken(let group): "There is already a group \(group)."
        case .groupHasMembers(let group, let people): "\(people.joined(separator: ", ")) belong to the group \(group)."
        case .notInGroup(let username, let group): "\(username) is not a member of the group \(group)."
        case .notSignedIn: "You are not signed in."
        case .watchOnly: "You can watch the sessions of this group."
        case .staffOnly: "Only staff may do this."
        case .membersOnly(let group): "Only members of the \(group) and staff may read this."
        case .lastStaff(let username): "\(username) is the last member of staff."
        case .notYours: "This session belongs to another group."
        case .hashing: "There was not enough memory to check the password."
        case .store(let cause): cause.sentence
        }
    }

    public var remedy: String? {
        switch self {
        case .wrong(let left) where left > 1: "\(left) tries left, then 5 min wait."
        case .wrong(let left): left == 1 ? "1 try left, then 5 min wait." : "Wait 5 min, then try again."
        case .tooManyTries(let seconds): "Wait \(max(1, (seconds + 59) / 60)) min, then try again."
        case .tooManyFromAddress(let seconds): "Wait \(max(1, seconds)) s, then try again."
        case .tooManyAtOnce: "Try again in a few seconds."
        case .notBegun: "Try again in a moment. Ask the facility's staff to check the disk of the data directory."
        case .noAnswer:
            "Look whether it was done before you repeat it. Ask the facility's staff to check the disk of the data directory."
        case .passwordCommon: "Choose another one, such as four words that have nothing to do with each other."
        case .passwordLength, .taken, .tokenTaken: "Choose another one."
        case .noGroup: "Correct the name, or add the group with: gridpilot group add"
        case .groupTaken: "See the groups with: gridpilot group list"
        case .groupHasMembers: "Take them out of it first with: gridpilot user group NAME remove GROUP"
        case .notInGroup: "See who is with: gridpilot user list"
        case .name: "Use 1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or a digit."
        case .reserved: "Choose another name."
        case .unknown: "See the names with: gridpilot user list"
        case .notSignedIn: "Sign in."
        case .watchOnly(let group):
            group.isEmpty ? "Members of a group and staff can do this." : "Members of the \(group) and staff can control it."
        case .staffOnly, .membersOnly: "Ask the facility's staff."
        case .lastStaff: "Make somebody else staff first."
        case .noToken(_, let username): "See the names with: gridpilot user token list \(username)"
        case .notYours: "Ask the facility's staff to add you to it."
        case .hashing: "Try again; if it stays, free memory on the server."
        case .store(let cause): cause.remedy
        }
    }
}
