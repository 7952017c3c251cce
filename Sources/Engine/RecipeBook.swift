import Blocking
import RunModel

/// The recipes that sessions can ask for, by name.
public struct RecipeBook: Sendable {
    public private(set) var recipes: [String: Recipe] = [:]
    /// Files of the facility's that cannot be followed.
    public private(set) var problems: [RecipeProblem] = []

    public init() {}

    public subscript(name: String) -> Recipe? { recipes[name] }
    /// By name.
    public var all: [Recipe] { recipes.values.sorted { $0.name < $1.name } }

    /// SPA and negative stain, as they come with the program.
    public static func shipped() throws(RecipeProblem) -> RecipeBook {
        var book = RecipeBook()
        try book.add(yaml: String(decoding: PackageResources.spa_yaml, as: UTF8.self), from: "spa.yaml")
        try book.add(yaml: String(decoding: PackageResources.negative_stain_yaml, as: UTF8.self), from: "negative_stain.yaml")
        return book
    }

    /// Those shipped, and those in the facility's folder, which take the place of shipped ones with the same name.
    ///
    /// Reads the folder at once, so it belongs where a server starts. A file that cannot be followed is among `problems`, and no recipe has the
    /// name that it may have: a session must not run by another recipe than the one its facility wrote.
    public static func load(from folder: String?) throws(RecipeProblem) -> RecipeBook {
        var book = try shipped()
        guard let folder else { return book }
        let names: [String]
        do throws(Errno) { names = try Files.names(in: folder) } catch { throw .folder(folder, reason: error.words) }
        let shipped = book.recipes
        var (withheld, mayBeAny): (Set<String>, Bool) = ([], false)
        for name in names.sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            var text: String?
            do throws(RecipeProblem) {
                let read = try Self.text("\(folder)/\(name)")
                text = read
                try book.add(yaml: read, from: name)
            } catch {
                book.problems.append(error)
                if let name = text.flatMap(RecipeText.nameLine) { withheld.insert(name) } else { mayBeAny = true }
            }
        }
        book.recipes = book.recipes.filter { name, recipe in
            !withheld.contains(name) && !(mayBeAny && recipe == shipped[name])
        }
        return book
    }

    private static func text(_ path: String) throws(RecipeProblem) -> String {
        do throws(Errno) { return try Files.text(path) } catch { throw .unreadable(path, reason: error.words) }
    }

    /// Adds one, or puts it in the place of one with the same name.
    public mutating func add(yaml: String, from file: String) throws(RecipeProblem) {
        let recipe = try RecipeText(yaml: yaml, file: file).recipe()
        recipes[recipe.name] = recipe
    }
}

/// Why a recipe of the facility's, or all of them, cannot be used.
public enum RecipeProblem: Explained, Equatable {
    case folder(String, reason: String)
    case unreadable(String, reason: String)
    /// `reason` is a sentence.
    case unusable(String, reason: String, at: Place? = nil)

    /// In a file, both counted from 1.
    public struct Place: Hashable, Sendable {
        public var line: Int
        public var column: Int
    }

    public var code: String { "recipe.unreadable" }
    public var sentence: String {
        switch self {
        case .folder(let folder, let reason): "The folder of recipes \(folder) cannot be read: \(reason)."
        case .unreadable(let file, let reason): "The recipe \(file) cannot be read: \(reason)."
        case .unusable(let file, let reason, let place):
            "The recipe \(file) cannot be followed: \(reason)" + (place.map { " Line \($0.line), column \($0.column)." } ?? "")
        }
    }
    public var remedy: String? {
        switch self {
        case .folder: "Correct 'recipes' in the configuration."
        case .unreadable: "Let the server's user read it, or move it out of the folder of recipes; then start the server again."
        case .unusable: "Correct the file, or move it out of the folder of recipes; then start the server again."
        }
    }
}
