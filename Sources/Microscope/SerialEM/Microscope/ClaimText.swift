import RunModel

/// A claim as a word that SerialEM keeps unchanged: letters, digits and a few signs that mean nothing to a script.
enum ClaimText {
    private static let mark = "v1"
    /// Names are for people to read: the rest of a long one is left out.
    private static let longestName = 60

    /// Of the years 1970 to 9999, ms: a moment of any other is nobody's.
    private static let moments: Range<Int64> = 0..<253_402_300_800_000

    /// `until`: seconds since SerialEM was started.
    static func written(_ claim: ScopeClaim, until: Double) -> String {
        let fields = [
            claim.installation, "\(claim.epoch)", claim.session.rawValue, claim.sessionName, claim.group, claim.person,
            claim.host,
            "\(claim.since.milliseconds)", "\(Int(clamping: until.rounded(.up)))",
        ]
        return ([mark] + fields.map { encoded(String($0.prefix(longestName))) }).joined(separator: "|")
    }

    /// Nil for what no server of this version has written.
    static func read(_ text: String) -> (claim: ScopeClaim, until: Double)? {
        let words = text.split(separator: "|", omittingEmptySubsequences: false)
        guard words.count == 10, words[0] == mark else { return nil }
        let fields = words.dropFirst().compactMap(decoded)
        guard fields.count == 9, let epoch = Int(fields[1]), let since = Int64(fields[7]), let until = Double(fields[8]),
            Self.moments.contains(since), until.isFinite
        else {
            return nil
        }
        let claim = ScopeClaim(
            installation: fields[0], epoch: epoch, session: SessionID(unchecked: fields[2]), sessionName: fields[3].asLogged,
            group: fields[4].asLogged, person: fields[5].asLogged, host: fields[6].asLogged,
            since: Timestamp(milliseconds: since))
        return (claim, until)
    }

    private static func encoded(_ text: String) -> String {
        var word = ""
        for byte in text.utf8 {
            let sign = Character(UnicodeScalar(byte))
            if sign.isASCII, sign.isLetter || sign.isNumber || sign == "-" || sign == "." {
                word.append(sign)
            } else {
                word += "_" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return word
    }

    private static func decoded(_ word: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = word.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "_") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(Substring(rest.prefix(2)), radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return ForeignText.decode(bytes)
    }
}
