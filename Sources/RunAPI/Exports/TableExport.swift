import RunModel

/// Exposures as a table for spreadsheets and scripts: RFC 4180, a line each, in the order they were begun.
enum TableExport {
    private typealias Column = (name: String, value: (Micrograph) -> String)

    /// Everything that was measured. Defocus of the fit is in Å and positive under focus, as RELION has it; that of the microscope in µm and
    /// negative. What is not known is left empty.
    static func micrographs(_ micrographs: [Micrograph], of grids: [Grid]) -> String {
        // Numbered as in `movies.star`.
        let optics = OpticsGroups(micrographs.filter { $0.savedAt != nil }, ofMovies: true)
        let names = Dictionary(uniqueKeysWithValues: grids.map { ($0.id, $0) })
        let columns: [Column] = [
            ("grid", { names[$0.id.grid]?.name ?? "" }), ("position", { names[$0.id.grid].map { String($0.slot) } ?? "" }),
            ("square", { String($0.id.hole.square.number) }), ("hole", { String($0.id.hole.number) }),
            ("exposure", { String($0.id.number) }),
            ("status", { $0.status.rawValue }), ("movie", \.movie), ("begun", { $0.begunAt.description }),
            ("frames", { String($0.frames) }),
            ("pixelSize_A", { number($0.pixelSize) }), ("dose_e_per_A2", { number($0.dose) }),
            ("stageX_um", { number($0.stage.x.micrometres) }), ("stageY_um", { number($0.stage.y.micrometres) }),
            ("stageZ_um", { number($0.stage.z.micrometres) }), ("imageShiftX_um", { number($0.imageShift.x.micrometres) }),
            ("imageShiftY_um", { number($0.imageShift.y.micrometres) }), ("tilt_deg", { number($0.tilt ?? 0) }),
            ("opticsGroup", { $0.savedAt == nil ? "" : String(optics.number(of: $0.id)) }),
            ("targetDefocus_um", { number($0.targetDefocus.micrometres) }),
            ("defocusU_A", { number($0.measurement?.ctf?.defocusU) }), ("defocusV_A", { number($0.measurement?.ctf?.defocusV) }),
            ("defocusAngle_deg", { number($0.measurement?.ctf?.angle) }),
            ("ctfFit_A", { number($0.measurement?.ctf?.fitResolution) }),
            ("ctfScore", { number($0.measurement?.ctf?.score) }), ("motion_A", { number($0.measurement?.totalMotion) }),
            ("iceRing", { number($0.measurement?.iceRing) }), ("rating", { $0.rating?.rawValue ?? "" }),
            ("problem", { $0.problem ?? $0.measurement?.reason ?? "" }),
        ]
        return table(columns.map(\.name), micrographs.map { micrograph in columns.map { $0.value(micrograph) } })
    }

    /// Which movie belongs to which exposure group, as cryoSPARC calls what RELION calls optics groups.
    static func exposureGroups(_ micrographs: [Micrograph]) -> String {
        let saved = micrographs.filter { $0.savedAt != nil }
        let optics = OpticsGroups(saved, ofMovies: true)
        return table(["movie", "exposureGroup"], saved.map { [$0.movie, String(optics.number(of: $0.id))] })
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        ([head] + rows).map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined()
    }

    /// A spreadsheet carries out a text that begins like a formula; a quotation mark before it keeps it a text.
    private static func cell(_ text: String) -> String {
        let isFormula = text.first.map { "=+-@\t\r".contains($0) } == true && Double(text) == nil
        let safe = isFormula ? "'" + text : text
        guard safe.contains(where: { ",\"\r\n".contains($0) }) else { return safe }
        return "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }

    private static func number(_ value: Double?) -> String { value.map(ExportNumber.text) ?? "" }
}
