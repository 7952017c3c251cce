/// What SerialEM's camera plugin writes into the titles of frames.
enum SerialEMTitle {
    /// The turn and flip that the frames were given, from `… r/f 5`; nil where no title tells.
    static func rotationAndFlip(in titles: [String]) -> Int? {
        for title in titles where title.contains("SerialEM") {
            let words = title.split(whereSeparator: \.isWhitespace)
            guard let at = words.firstIndex(of: "r/f"), at + 1 < words.count, let number = Int(words[at + 1]) else { continue }
            if (0..<16).contains(number) { return number }
        }
        return nil
    }
}
