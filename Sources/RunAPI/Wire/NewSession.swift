import Accounts
import JSONText
import RunModel
import Store

/// The body of `POST /api/sessions`, checked field by field: one answer names everything that is wrong.
///
/// What is not refused here is found out at the column, hours later and with nobody there, so everything that can be
/// known now is checked now. The session keeps its microscope, its detector and its settings as they are at this
/// moment.
enum NewSession {
    static func read(_ body: inout BodyFields, _ call: Call, _ services: Services) async throws(Problem) -> SessionCreated {
        let name = name(&body)
        let group = group(&body, call.person, services.accounts)
        let microscope = microscope(&body, services.facility)
        let detector = detector(&body, services.facility, on: microscope)
        let settings = try SettingsField.read(&body)
        let id = SessionID(unchecked: services.configuration.newID())
        // Without a known microscope, positions are checked against the twelve of a usual autoloader, so that mistakes
        // in them are named as well.
        let pathThere = microscope.flatMap { services.facility.pathsThere[$0.id] }
        let grids = GridsField.read(
            &body, session: id, slots: microscope?.slots ?? 12, recipes: services.engine.parts.recipes.recipes,
            isOnWindows: pathThere != nil)
        let (now, day) = (services.now, services.engine.parts.zone.day(of: services.now))
        if let name, let group, let pathThere {
            checkPath(&body, name, group, directory(name, group, day)) { pathThere(services.engine.parts.files.path($0)) ?? $0 }
        }
        try body.finish()
        // Never: each that is nil has a problem noted, and `finish` has thrown.
        guard let name, let group, let microscope, let detector else { throw Problem.unknown("session", "") }
        // The router knew only that some group of this person allows it. After the fields, since a group that does not
        // exist is a mistake and not a missing right.
        try allow(call.person, group)
        let session = Session(
            id: id, name: name, group: group, microscope: microscope.id, detector: detector.id, createdBy: call.person.username,
            createdAt: now, directory: directory(name, group, day), settings: settings)
        return SessionCreated(session: session, microscope: microscope, detector: detector, grids: grids)
    }

    /// `sessions/GROUP/YYYYMMDD_NAME`, the day by the facility's clock. Made of checked words only; the date before the name keeps a
    /// session that is named `..` inside its group.
    static func directory(_ name: String, _ group: String, _ day: String) -> String { "sessions/\(group)/\(day)_\(name)" }

    /// What SerialEM would make another path of is said at the field that it comes from; what stands above a session's group is the
    /// facility's, and so the microscope's.
    private static func checkPath(
        _ body: inout BodyFields, _ name: String, _ group: String, _ directory: String, there: (String) -> String
    ) {
        guard let problem = WindowsPath.problem(in: there(directory)) else { return }
        let folder = directory.split(separator: "/").last.map(String.init)
        body.add(problem.part == folder ? "name" : problem.part == group ? "group" : "microscope", problem.sentence)
    }

    /// A dot hides what it begins, and a hyphen makes an option of it for many a program.
    static func isFolderName(_ name: String) -> Bool {
        IdentifierText.isWellFormed(name) && name.first.map { $0 != "." && $0 != "-" } == true
    }
    static let nameRule = "name may hold letters, digits, dots, hyphens and underscores, and begins with none of dot and hyphen."

    /// The name becomes that of a folder and appears in file names on other machines, so it holds what every file
    /// system takes.
    private static func name(_ body: inout BodyFields) -> String? {
        guard let name = body.text("name", 1...64) else { return nil }
        guard isFolderName(name) else {
            body.add("name", nameRule)
            return nil
        }
        return name
    }

    /// Staff may make a session for any group, also one that has no members yet; everybody else for their own. Where the facility has
    /// listed its groups, for one of those.
    private static func group(_ body: inout BodyFields, _ person: Person, _ accounts: Accounts) -> String? {
        guard let group = body.text("group", 1...64) else { return nil }
        guard NameRule.allows(group) else {
            body.add("group", "group is not the name of a group.")
            return nil
        }
        guard person.staff || person.groups.contains(group) else {
            body.add("group", "You are not a member of the group \(group).")
            return nil
        }
        do throws(AccountError) { try accounts.checkGroup(group) } catch {
            body.add("group", error.sentence)
            return nil
        }
        return group
    }

    private static func allow(_ person: Person, _ group: String) throws(Problem) {
        do throws(AccountError) {
            try Permission.require(.createSession, person: person, group: group)
        } catch {
            throw Problem(error)
        }
    }

    private static func microscope(_ body: inout BodyFields, _ facility: Facility) -> MicroscopeDescription? {
        guard let text = body.text("microscope", 1...64) else { return nil }
        guard let found = facility.microscope(MicroscopeID(unchecked: text)) else {
            body.add("microscope", "There is no microscope \(text).")
            return nil
        }
        return found
    }

    /// A detector belongs to one microscope. Which one is asked only when the microscope is known, to name one mistake
    /// once.
    private static func detector(
        _ body: inout BodyFields, _ facility: Facility, on microscope: MicroscopeDescription?
    ) -> DetectorDescription? {
        guard let text = body.text("detector", 1...64) else { return nil }
        guard let found = facility.detector(DetectorID(unchecked: text)) else {
            body.add("detector", "There is no detector \(text).")
            return nil
        }
        guard microscope == nil || found.microscope == microscope?.id else {
            body.add("detector", "The detector \(found.name) is on another microscope.")
            return nil
        }
        return found
    }
}

/// The grids of a new session, sorted by position, in which order they are loaded. Each field of each grid is named by
/// its place in the body: `grids[1].position`.
///
/// Whether the autoloader really has them is not asked: that is read at the column when the run loads its first grid.
enum GridsField {
    /// The slots of an autoloader's cassette. A microscope with fewer refuses higher positions.
    static let most = 12

    /// `isOnWindows`: SerialEM writes into the grids' folders as well.
    static func read(
        _ body: inout BodyFields, session: SessionID, slots: Int, recipes: [String: Recipe], isOnWindows: Bool
    ) -> [Grid] {
        guard let items = body.value("grids")?.items, (1...most).contains(items.count) else {
            body.add("grids", "grids is not a list of 1 to \(most) grids.")
            return []
        }
        var grids: [Grid] = []
        for (index, item) in items.enumerated() {
            let place = "grids[\(index)]"
            guard let fields = item.fields else {
                body.add(place, "\(place) is not an object.")
                continue
            }
            var grid = BodyFields(fields)
            let read = read(&grid, session, slots: slots, recipes: recipes)
            if isOnWindows, let problem = (read?.directory).flatMap(WindowsPath.problem) { grid.add("name", problem.sentence) }
            grid.refuseUnknown()
            for problem in grid.problems { body.add("\(place).\(problem.field)", "Grid \(index + 1): \(problem.sentence)") }
            if let read { grids.append(read) }
        }
        let taken = Dictionary(grouping: grids, by: \.slot).filter { $0.value.count > 1 }.keys.sorted()
        for slot in taken { body.add("grids", "Two grids are in position \(slot).") }
        // Their folders would differ by the position, but people tell grids apart by name.
        let doubled = Dictionary(grouping: grids, by: \.name).filter { $0.value.count > 1 }.keys.sorted()
        for name in doubled { body.add("grids", "Two grids are named \(name).") }
        return grids.sorted { $0.slot < $1.slot }
    }

    /// Nil with problems noted. `known`: the grid that is described anew, whose slot is not the body's to say, and whose recipe may be gone.
    static func read(
        _ grid: inout BodyFields, _ session: SessionID, as known: Grid? = nil, slots: Int, recipes: [String: Recipe]
    ) -> Grid? {
        let name = grid.text("name", 1...64)
        if let name, !NewSession.isFolderName(name) {
            grid.add("name", NewSession.nameRule)
        }
        let slot = known?.slot ?? grid.int("position", 1...max(1, slots))
        let holeType = grid.optionalText("holeType", 1...20)
        // Left out for a foil without a pattern; holes are then searched without knowing their spacing.
        if let holeType, HoleType(holeType) == nil { grid.add("holeType", "holeType is not written like R1.2/1.3.") }
        let mesh = grid.optionalText("meshMaterial", 1...40)
        let recipe = grid.text("recipe", 1...64)
        // A script's author sees from this what there is; a page offers a list.
        if let recipe, recipe != known?.recipe, recipes[recipe] == nil {
            grid.add("recipe", "There is no recipe \(recipe); there are \(recipes.keys.sorted().joined(separator: ", ")).")
        }
        guard let name, let slot, let recipe else { return nil }
        return Grid(
            id: GridID(session, slot: slot), name: name, slot: slot, holeType: holeType, meshMaterial: mesh, recipe: recipe)
    }
}
