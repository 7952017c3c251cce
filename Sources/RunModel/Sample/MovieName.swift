/// Names of movie files: cameras end them as they save them, and the rest is the exposure's.
public enum MovieName {
    /// In the order in which they are looked for.
    public static let endings = [".mrc", ".mrcs", ".tif", ".tiff", ".eer"]

    /// Of a path or a name; nil where it ends in another way.
    public static func ending(of file: String) -> String? {
        let lower = file.lowercased()
        return endings.first { lower.hasSuffix($0) }
    }

    /// The file's name without its folders, on whichever system, and without its ending.
    public static func base(of file: String) -> String {
        let name = file.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? file
        return String(name.dropLast(ending(of: name)?.count ?? 0))
    }

    /// Everything but the ending.
    public static func stem(of file: String) -> String { String(file.dropLast(ending(of: file)?.count ?? 0)) }

    /// A movie as it was meant, and as other cameras would have ended it.
    public static func candidates(for file: String) -> [String] {
        [file] + endings.map { stem(of: file) + $0 }.filter { $0 != file }
    }

    /// What programs write about a movie stands beside it under these names, the first that is there counting: SerialEM adds to the
    /// movie's name or changes its ending; EPU's XML lacks what tells the fractions from the image.
    public static func companions(of file: String) -> [String] {
        let stem = anyStem(of: file)
        return [file + ".mdoc", stem + ".mdoc"] + imageStems(of: stem).map { $0 + ".xml" }
    }

    /// Where each of them belongs once the movie is called `target`.
    public static func companions(of file: String, movingTo target: String) -> [(from: String, to: String)] {
        let stem = anyStem(of: file)
        let notes = [(file + ".mdoc", target + ".mdoc"), (stem + ".mdoc", anyStem(of: target) + ".mdoc")]
        return notes + imageStems(of: stem).map { ($0 + ".xml", anyStem(of: target) + ".xml") }
    }

    private static let marksOfFractions = ["_Fractions", "_fractions", "_EER", "_eer"]

    /// Of the movie, and of the image that it belongs to.
    private static func imageStems(of stem: String) -> [String] {
        [stem] + marksOfFractions.filter(stem.hasSuffix).map { String(stem.dropLast($0.count)) }
    }

    /// Everything but the ending, whatever that is.
    private static func anyStem(of file: String) -> String {
        guard let dot = file.lastIndex(of: "."), !file[dot...].contains("/") else { return file }
        return String(file[..<dot])
    }
}
