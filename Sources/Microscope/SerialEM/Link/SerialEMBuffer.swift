/// A buffer of SerialEM by its letter, A to T.
public enum SerialEMBuffer: String, Sendable, CaseIterable {
    case a = "A"
    case b = "B"
    case c = "C"
    case d = "D"
    case e = "E"
    case f = "F"
    case g = "G"
    case h = "H"
    case i = "I"
    case j = "J"
    case k = "K"
    case l = "L"
    case m = "M"
    case n = "N"
    case o = "O"
    case p = "P"
    case q = "Q"
    case r = "R"
    case s = "S"
    case t = "T"

    /// 0 to 19.
    var number: Int32 { Int32((rawValue.utf8.first ?? 65) - 65) }
}
