import Blocking
import RunModel
import Yams

/// The recipes that sessions can ask for, by name.
public struct RecipeBook: Sendable {
    public private(set) var recipes: [String: Recipe] = [:]

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
    /// Reads the folder at once, so it belongs where a server starts. One bad recipe refuses them all: a session must not run by another
    /// recipe than the one its facility wrote.
    public static func load(from folder: String?) throws(RecipeProblem) -> RecipeBook {
        var book = try shipped()
        guard let folder else { return book }
        let names: [String]
        do throws(Errno) { names = try Files.names(in: folder) } catch { throw .folder(folder, reason: error.words) }
        for name in names where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            let text: String
            do throws(Errno) { text = try Files.text("\(folder)/\(name)") } catch {
                throw .unreadable("\(folder)/\(name)", reason: error.words)
            }
            try book.add(yaml: text, from: name)
        }
        return book
    }

    /// Adds one, or puts it in the place of one with the same name.
    public mutating func add(yaml: String, from file: String) throws(RecipeProblem) {
        let recipe: Recipe
        do {
            recipe = try YAMLDecoder().decode(Recipe.self, from: yaml)
        } catch {
            throw .unusable(file, reason: Self.reason(error))
        }
        if let problem = recipe.problems().first { throw .unusable(file, reason: problem) }
        recipes[recipe.name] = recipe
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "it has no '\(key.stringValue)'"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "'\(context.codingPath.map(\.stringValue).joined(separator: "."))' is not of the kind it should be"
        case DecodingError.dataCorrupted(let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
        default: "\(error)"
        }
    }
}

/// Why the facility's recipes cannot be used.
public enum RecipeProblem: Explained, Equatable {
    case folder(String, reason: String)
    case unreadable(String, reason: String)
    case unusable(String, reason: String)

    public var code: String { "recipe.unreadable" }
    public var sentence: String {
        switch self {
        case .folder(let folder, let reason): "The folder of recipes \(folder) cannot be read: \(reason)."
        case .unreadable(let file, let reason): "The recipe \(file) cannot be read: \(reason)."
        case .unusable(let file, let reason): "The recipe \(file) cannot be followed: \(reason)"
        }
    }
    public var remedy: String? {
        switch self {
        case .folder: "Correct 'recipes' in the configuration."
        case .unreadable: "Let the server's user read it, or move it out of the folder of recipes."
        case .unusable: "Correct the file, or move it out of the folder of recipes."
        }
    }
}
