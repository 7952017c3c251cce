import RunModel

/// RELION 3.1 STAR: `data_optics` with `data_movies` or `data_micrographs`, for taking a screening session straight into processing.
/// Every row has all the columns that are named above it; a movement that was not measured counts as 0. Paths are
/// relative, so the file belongs in the session's directory.
enum StarFile {
    /// Movies that are whole on the disk, worked on or not.
    static func movies(_ micrographs: [Micrograph], of microscope: MicroscopeDescription) -> String {
        let saved = micrographs.filter { $0.savedAt != nil }
        let optics = OpticsGroups(saved, ofMovies: true)
        let rows = saved.map { [quoted($0.movie), "\(optics.number(of: $0.id))"] }
        return file(optics, of: microscope, "movies", ["rlnMicrographMovieName", "rlnOpticsGroup"], rows)
    }

    /// Micrographs without a CTF fit are left out: RELION could not use them. Lengths are in Å, angles in degrees, and
    /// defocus is positive under focus, unlike on pages and stage.
    static func micrographs(_ micrographs: [Micrograph], of microscope: MicroscopeDescription) -> String {
        let fitted = micrographs.compactMap { micrograph in micrograph.measurement?.ctf.map { (micrograph, $0) } }
        let optics = OpticsGroups(fitted.map(\.0), ofMovies: false)
        let rows = fitted.map { micrograph, ctf in
            [
                quoted(micrograph.measurement?.average ?? micrograph.movie), "\(optics.number(of: micrograph.id))",
                number(ctf.defocusU), number(ctf.defocusV), number(ctf.astigmatism), number(ctf.angle), number(ctf.score),
                number(ctf.fitResolution), number(micrograph.measurement?.totalMotion ?? 0),
            ]
        }
        return file(optics, of: microscope, "micrographs", micrographColumns, rows)
    }

    private static func file(
        _ optics: OpticsGroups, of microscope: MicroscopeDescription, _ name: String, _ columns: [String], _ rows: [[String]]
    ) -> String {
        let groups = optics.groups.enumerated().map { index, group in
            [
                "opticsGroup\(index + 1)", "\(index + 1)", number(group.moviePixel), number(microscope.voltage),
                number(microscope.cs), number(group.amplitudeContrast), number(group.pixel),
            ]
        }
        // RELION knows by this line that the file has optics groups, and takes it for an older format without it.
        return "\n# version 30001\n\n" + loop("optics", opticsColumns, groups) + "\n\n# version 30001\n\n"
            + loop(name, columns, rows) + "\n"
    }

    private static let opticsColumns = [
        "rlnOpticsGroupName", "rlnOpticsGroup", "rlnMicrographOriginalPixelSize", "rlnVoltage", "rlnSphericalAberration",
        "rlnAmplitudeContrast", "rlnMicrographPixelSize",
    ]
    private static let micrographColumns = [
        "rlnMicrographName", "rlnOpticsGroup", "rlnDefocusU", "rlnDefocusV", "rlnCtfAstigmatism", "rlnDefocusAngle",
        "rlnCtfFigureOfMerit", "rlnCtfMaxResolution", "rlnAccumMotionTotal",
    ]

    private static func loop(_ name: String, _ columns: [String], _ rows: [[String]]) -> String {
        let head = columns.enumerated().map { "_\($1) #\($0 + 1)" }.joined(separator: "\n")
        return "data_\(name)\n\nloop_\n\(head)\n" + rows.map { $0.joined(separator: " ") + "\n" }.joined()
    }

    private static func number(_ value: Double) -> String { ExportNumber.text(value) }

    /// A blank ends a value. Names of ours hold no quotation marks, so nothing has to be escaped.
    private static func quoted(_ text: String) -> String { text.contains(" ") ? "\"\(text)\"" : text }
}

enum ExportNumber {
    /// Six digits after the point, without trailing zeros but one. Never with an exponent, which not every reader of
    /// STAR takes; a number that is not finite becomes 0, because a word in its place makes the whole file unreadable.
    static func text(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "0.0" }
        let scaled = Int64((abs(value) * 1_000_000).rounded())
        var digits = String(scaled % 1_000_000)
        digits = String(repeating: "0", count: 6 - digits.count) + digits
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return "\(value < 0 && scaled != 0 ? "-" : "")\(scaled / 1_000_000).\(digits)"
    }
}
