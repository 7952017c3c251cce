import RunModel
import Yams

/// The facility's recipes by name: those shipped, and those of a directory over them.
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

    /// Adds one, or puts it in the place of one with the same name.
    public mutating func add(yaml: String, from file: String) throws(RecipeProblem) {
        let recipe: Recipe
        do {
            recipe = try YAMLDecoder().decode(Recipe.self, from: yaml)
        } catch {
            throw RecipeProblem(file: file, reason: Self.reason(error))
        }
        if let problem = recipe.problems().first { throw RecipeProblem(file: file, reason: problem) }
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

/// A recipe file that cannot be followed.
public struct RecipeProblem: Explained, Equatable {
    public var file: String
    public var reason: String
    public var code: String { "recipe.unreadable" }
    public var sentence: String { "The recipe \(file) cannot be followed: \(reason)" }
    public var remedy: String? { "Mend the file, or take it away." }
}
