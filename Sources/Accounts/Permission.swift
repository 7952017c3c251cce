/// What somebody may want to do.
public enum Act: String, Sendable, CaseIterable {
    /// The list of microscopes, locks, disks and sessions.
    case watchFacility
    case readMetrics
    /// A session with its grids, images, logs and events.
    case readSession
    /// Start, stop, answer, edit the queue.
    case controlSession
    case createSession
    /// Force start, force-kill, remove a lock.
    case staffAct
    /// Who did what: of a session, or of the whole facility.
    case readAudit
    /// Accounts, roles, groups and tokens.
    case managePeople
}

/// What a person is to a group's sessions.
public enum Role: String, Sendable, CaseIterable {
    case staff, member, viewer, stranger

    /// Staff above all; viewer-only outranks membership, since such people never control.
    public init(of person: Person, in group: String?) {
        if person.staff, !person.viewerOnly {
            self = .staff
        } else if person.viewerOnly {
            self = .viewer
        } else if let group, person.groups.contains(group) {
            self = .member
        } else {
            self = .stranger
        }
    }
}

/// Who may do what: the one table, asked by every route and every topic.
public enum Permission {
    private static let table: [Act: Set<Role>] = [
        .watchFacility: [.staff, .member, .viewer, .stranger],
        .readMetrics: [.staff, .member, .viewer, .stranger],
        .readSession: [.staff, .member, .viewer],
        .controlSession: [.staff, .member],
        .createSession: [.staff, .member],
        .staffAct: [.staff],
        .readAudit: [.staff, .member],
        .managePeople: [.staff],
    ]

    /// `group` is the session's; nil for what belongs to no group.
    public static func allows(_ act: Act, person: Person, group: String?) -> Bool {
        allows(act, role: Role(of: person, in: group))
    }

    public static func allows(_ act: Act, role: Role) -> Bool { table[act]?.contains(role) ?? false }

    /// Says why not, for those who answer with a problem.
    public static func require(_ act: Act, person: Person, group: String?) throws(AccountError) {
        guard !allows(act, person: person, group: group) else { return }
        switch act {
        case .staffAct, .managePeople: throw .staffOnly
        case .readAudit where group == nil: throw .staffOnly
        case .readAudit where allows(.readSession, person: person, group: group): throw .membersOnly(group: group ?? "")
        // Who may not even look is not told whose it is.
        case .controlSession where !allows(.readSession, person: person, group: group): throw .notYours
        case .controlSession, .createSession: throw .watchOnly(group: group ?? "")
        case .readSession, .readAudit, .watchFacility, .readMetrics: throw .notYours
        }
    }
}
