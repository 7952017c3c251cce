import RunModel

/// RELION 3.1 STAR: `data_optics` and `data_micrographs`.
enum StarFile {
    /// Micrographs that were taken and fitted alike.
    private struct Optics: Hashable, Comparable {
        let moviePixel: Double
        let pixel: Double
        let amplitudeContrast: Double

        init(_ micrograph: Micrograph) {
            moviePixel = micrograph.pixelSize
            pixel = micrograph.measurement?.pixelSize ?? micrograph.pixelSize
            amplitudeContrast = micrograph.measurement?.amplitudeContrast ?? 0.07
        }

        static func < (a: Self, b: Self) -> Bool {
            (a.moviePixel, a.pixel, a.amplitudeContrast) < (b.moviePixel, b.pixel, b.amplitudeContrast)
        }
    }

    /// Those with a CTF fit; paths are relative to the session's directory, lengths Å, angles degrees, defocus positive under focus.
    static func micrographs(_ micrographs: [Micrograph], of microscope: MicroscopeDescription) -> String {
        let fitted = micrographs.compactMap { micrograph in micrograph.measurement?.ctf.map { (micrograph, $0) } }
        let groups = Set(fitted.map { Optics($0.0) }).sorted()
        let optics = groups.enumerated().map { index, group in
            [
                "opticsGroup\(index + 1)", "\(index + 1)", number(group.moviePixel), number(microscope.voltage),
                number(microscope.cs), number(group.amplitudeContrast), number(group.pixel),
            ]
        }
        let rows = fitted.map { micrograph, ctf in
            [
                quoted(micrograph.measurement?.average ?? micrograph.movie),
                "\((groups.firstIndex(of: Optics(micrograph)) ?? 0) + 1)",
                number(ctf.defocusU), number(ctf.defocusV), number(ctf.astigmatism), number(ctf.angle), number(ctf.score),
                number(ctf.fitResolution), number(micrograph.measurement?.totalMotion ?? 0),
            ]
        }
        return "\n# version 30001\n\n" + loop("optics", opticsColumns, optics) + "\n\n# version 30001\n\n"
            + loop("micrographs", micrographColumns, rows) + "\n"
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

    /// Six digits after the point, without trailing zeros but one.
    private static func number(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e12 else { return "0.0" }
        let scaled = Int64((abs(value) * 1_000_000).rounded())
        var digits = String(scaled % 1_000_000)
        digits = String(repeating: "0", count: 6 - digits.count) + digits
        while digits.count > 1, digits.last == "0" { digits.removeLast() }
        return "\(value < 0 && scaled != 0 ? "-" : "")\(scaled / 1_000_000).\(digits)"
    }

    private static func quoted(_ text: String) -> String { text.contains(" ") ? "\"\(text)\"" : text }
}
