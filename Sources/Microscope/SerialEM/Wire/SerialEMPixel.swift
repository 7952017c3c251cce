/// How the pixels of a buffer are stored: the numbers are those of MRC files, and 16 for colour.
public enum SerialEMPixel: Int32, Sendable, CaseIterable {
    case uint8 = 0
    case int16 = 1
    case float32 = 2
    case uint16 = 6
    case rgb = 16

    package var bytes: Int {
        switch self {
        case .uint8: 1
        case .int16, .uint16: 2
        case .rgb: 3
        case .float32: 4
        }
    }
}
