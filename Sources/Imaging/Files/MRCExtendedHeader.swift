/// What the microscope's program wrote about one section between header and pixels; nil where it did not.
public struct MRCSection: Sendable, Equatable {
    /// Degrees.
    public var tilt: Double?
    /// Where the piece of a montage belongs, pixels; z counts sections.
    public var piece: (x: Int, y: Int, z: Int)?
    /// µm.
    public var stage: (x: Double, y: Double)?
    public var magnification: Double?
    /// As SerialEM counts it, 0 to 1.
    public var intensity: Double?
    /// e/Å².
    public var dose: Double?
    /// Å.
    public var pixelSize: Double?
    /// Å, positive under focus.
    public var defocus: Double?
    /// kV.
    public var voltage: Double?

    public init(tilt: Double? = nil) { self.tilt = tilt }

    public static func == (a: Self, b: Self) -> Bool {
        a.tilt == b.tilt && a.piece?.x == b.piece?.x && a.piece?.y == b.piece?.y && a.piece?.z == b.piece?.z
            && a.stage?.x == b.stage?.x && a.stage?.y == b.stage?.y && a.magnification == b.magnification
            && a.intensity == b.intensity && a.dose == b.dose && a.pixelSize == b.pixelSize && a.defocus == b.defocus
            && a.voltage == b.voltage
    }
}

/// The extended header of SerialEM (`SERI`) and of Thermo Fisher's programs (`FEI1`, `FEI2`); others are passed over.
public enum MRCExtendedHeader {
    /// More than the sections of any movie or montage have.
    static let mostBytes = 16 << 20

    /// One value to a section, as far as `bytes` reach; none where the kind is not known.
    static func sections(_ bytes: [UInt8], header: MRCHeader) -> [MRCSection] {
        let values = MRCValues(bytes: bytes, isBigEndian: header.isBigEndian)
        switch header.extendedKind {
        case "SERI": return SERISections.read(values, header: header)
        case "FEI1", "FEI2": return FEISections.read(values, count: header.sections)
        // Programs before 2014 wrote SerialEM's without its name; both numbers then have to be possible.
        case "" where SERISections.areLikely(header): return SERISections.read(values, header: header)
        default: return []
        }
    }
}

/// Numbers at byte offsets, in the file's byte order; the caller keeps within the bytes.
struct MRCValues {
    let bytes: [UInt8]
    let isBigEndian: Bool

    func unsigned(_ offset: Int, count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 << 8 | UInt64(bytes[offset + (isBigEndian ? $1 : count - 1 - $1)]) }
    }

    func short(_ offset: Int) -> Int { Int(Int16(truncatingIfNeeded: unsigned(offset, count: 2))) }
    func double(_ offset: Int) -> Double { Double(bitPattern: unsigned(offset, count: 8)) }
}

/// Short integers, those that a set of flags says are there, in the order of the flags.
private enum SERISections {
    /// Bytes of: tilt, piece, stage, magnification, intensity, dose.
    private static let sizes = [2, 6, 4, 2, 2, 4]

    static func areLikely(_ header: MRCHeader) -> Bool {
        let (bytes, flags) = (header.sectionHeaderBytes, header.sectionHeaderFlags)
        return flags > 0 && flags < 64 && bytes == size(flags)
    }

    private static func size(_ flags: Int) -> Int { sizes.indices.reduce(0) { $0 + (flags >> $1 & 1) * sizes[$1] } }

    static func read(_ values: MRCValues, header: MRCHeader) -> [MRCSection] {
        let (step, flags) = (header.sectionHeaderBytes, header.sectionHeaderFlags)
        guard step > 0, flags > 0, size(flags) <= step else { return [] }
        return (0..<min(header.sections, values.bytes.count / step)).map { section(values, at: $0 * step, flags: flags) }
    }

    private static func section(_ values: MRCValues, at start: Int, flags: Int) -> MRCSection {
        var section = MRCSection()
        var at = start
        for (bit, size) in sizes.enumerated() where flags >> bit & 1 == 1 {
            let first = values.short(at)
            switch bit {
            case 0: section.tilt = Double(first) / 100
            // Pieces are counted from 0 to 65535.
            case 1: section.piece = (first & 0xFFFF, values.short(at + 2) & 0xFFFF, values.short(at + 4) & 0xFFFF)
            case 2: section.stage = (Double(first) / 25, Double(values.short(at + 2)) / 25)
            case 3: section.magnification = Double(first & 0xFFFF) * 100
            case 4: section.intensity = Double(first) / 25000
            default: section.dose = packed(first, values.short(at + 2))
            }
            at += size
        }
        return section
    }

    /// IMOD's number in two short ones: 24 bits of value, seven of exponent, a sign each.
    private static func packed(_ a: Int, _ b: Int) -> Double {
        let value = Double(abs(a) * 256 + abs(b) % 256)
        let exponent = (b < 0 ? -1 : 1) * (abs(b) / 256)
        var power = 1.0
        for _ in 0..<abs(exponent) { power *= exponent < 0 ? 0.5 : 2 }
        return (a < 0 ? -1 : 1) * value * power
    }
}

/// Blocks of one size, which each begins with; a field counts only where the block's mask says that it was filled in.
private enum FEISections {
    /// Up to and with the defocus.
    private static let leastBytes = 228

    static func read(_ values: MRCValues, count: Int) -> [MRCSection] {
        guard values.bytes.count >= leastBytes else { return [] }
        let step = Int(values.unsigned(0, count: 4))
        guard (leastBytes...(1 << 16)).contains(step) else { return [] }
        return (0..<min(count, values.bytes.count / step)).map { section(values, at: $0 * step) }
    }

    private static func section(_ values: MRCValues, at start: Int) -> MRCSection {
        let mask = values.unsigned(start + 8, count: 4)
        let field = { (bit: UInt64, offset: Int, scale: Double) -> Double? in
            guard mask >> bit & 1 == 1 else { return nil }
            let value = values.double(start + offset) * scale
            return value.isFinite && abs(value) < 1e12 ? value : nil
        }
        var section = MRCSection()
        // V, e/m², degrees, m.
        section.voltage = field(5, 84, 1e-3).flatMap { $0 > 0 ? $0 : nil }
        section.dose = field(6, 92, 1e-20)
        section.tilt = field(7, 100, 1)
        if let x = field(9, 116, 1e6), let y = field(10, 124, 1e6) { section.stage = (x, y) }
        section.pixelSize = field(14, 156, 1e10).flatMap { $0 > 0 ? $0 : nil }
        section.defocus = field(22, 220, -1e10)
        return section
    }
}
