/// Marks that are written over or under the letter before them.
///
/// Two texts are equal to Swift when they look equal, whatever the order of a letter's marks. To compare or hash one, it puts the marks of each
/// letter in order, which takes the square of their number: a single letter with half a million marks is some minutes' work, as one character.
/// So texts of strangers are held to what Unicode calls stream-safe (UAX 15), which every language's writing is.
enum CombiningMarks {
    static let most = 30

    /// Whether more than so many follow each other.
    static func areMore(than most: Int, in text: String) -> Bool {
        guard text.utf8.count > most, !text.utf8.allSatisfy({ $0 < 0x80 }) else { return false }
        var marks = 0
        return text.unicodeScalars.contains { scalar in
            marks = scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered ? marks + 1 : 0
            return marks > most
        }
    }
}
