import RunModel
import Yams

/// A recipe as somebody wrote it, in YAML.
struct RecipeText {
    let yaml: String
    let file: String

    func recipe() throws(RecipeProblem) -> Recipe {
        let recipe: Recipe
        do { recipe = try YAMLDecoder().decode(Recipe.self, from: yaml) } catch { throw problem(error) }
        guard let first = recipe.problems().first else { return recipe }
        let step = first.step.map { [.step($0)] as [Part] } ?? []
        throw .unusable(file, reason: first.sentence, at: place([.name(first.level.rawValue)] + step))
    }

    /// What a text that is no recipe says of its name; nil where that cannot be told.
    static func nameLine(_ yaml: String) -> String? {
        let lines = yaml.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("name:") }
        guard lines.count == 1, let value = try? Yams.compose(yaml: String(lines[0]))?["name"]?.string, !value.isEmpty else {
            return nil
        }
        return value
    }

    private func problem(_ error: any Error) -> RecipeProblem {
        switch error {
        case let error as YamlError: return problem(error)
        case DecodingError.keyNotFound(let key, let context):
            return .unusable(file, reason: "it has no '\(key.stringValue)'.", at: place(context.codingPath))
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return .unusable(file, reason: "'\(path)' is not of the kind it should be.", at: place(context.codingPath))
        case DecodingError.dataCorrupted(let context):
            if let inner = context.underlyingError as? YamlError { return problem(inner) }
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return .unusable(
                file, reason: Self.sentence("\(path): \(context.debugDescription)"), at: place(context.codingPath))
        default: return .unusable(file, reason: Self.sentence("\(error)"))
        }
    }

    private func problem(_ error: YamlError) -> RecipeProblem {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            .unusable(file, reason: "\(problem).", at: .init(line: mark.line, column: mark.column))
        default: .unusable(file, reason: Self.sentence("\(error)"))
        }
    }

    /// What comes from elsewhere may end in any way.
    private static func sentence(_ text: String) -> String { text.hasSuffix(".") ? text : "\(text)." }

    private func place(_ path: [any CodingKey]) -> RecipeProblem.Place? {
        place(path.map { key in key.intValue.map(Part.step) ?? .name(key.stringValue) })
    }

    /// Where a part of the text stands; of one that is not there, where that begins in which it is missing.
    private func place(_ path: [Part]) -> RecipeProblem.Place? {
        guard var node = try? Yams.compose(yaml: yaml) else { return nil }
        for part in path {
            switch part {
            case .name(let name): node = node[name] ?? node
            case .step(let index): node = node.sequence.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? node
            }
        }
        return node.mark.map { .init(line: $0.line, column: $0.column) }
    }
    private enum Part {
        case name(String)
        case step(Int)
    }
}
