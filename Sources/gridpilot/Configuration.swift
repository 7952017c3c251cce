import Foundation
import RunModel
import WebServer
import Yams

/// What a facility writes down about its server, in YAML. Everything may be left out; options of the command line go before it.
/// `help` has all of it with an example.
struct Configuration: Decodable, Equatable {
    var data: String?
    var listen: String?
    var tls: TLS?
    var web: String?
    var log: String?
    var publicURL: PublicURL?
    var trustedProxies: [AddressRange]?
    var metricsTokenFile: String?
    /// As the tz database has it.
    var timeZone: String?
    var recipes: String?
    var sessionFiles = SessionFiles.private
    var microscopes: [MicroscopeEntry] = []
    var detectors: [DetectorEntry] = []
    var processing = ProcessingEntry()

    struct TLS: Decodable, Equatable {
        var certificate: String
        var key: String
    }

    init() {}

    init(file: String) throws(CommandProblem) {
        let text: String
        do { text = try String(contentsOfFile: file, encoding: .utf8) } catch {
            throw CommandProblem("The configuration \(file) cannot be read.", remedy: "Check its path and its rights.")
        }
        try self.init(yaml: text, from: file)
    }

    init(yaml: String, from file: String) throws(CommandProblem) {
        do {
            // An empty file, or one of comments alone, leaves everything out.
            guard try Yams.compose(yaml: yaml) != nil else { return }
            self = try YAMLDecoder().decode(Configuration.self, from: yaml)
        } catch {
            throw CommandProblem(
                "The configuration \(file) cannot be used: \(Self.reason(error)).",
                remedy: "Correct that; see gridpilot serve --help.")
        }
        try check(file)
    }
}

extension Configuration {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case data, listen, tls, web, log, timeZone, recipes, sessionFiles, microscopes, detectors, processing
        case publicURL = "public_url"
        case trustedProxies = "trusted_proxies"
        case metricsTokenFile = "metrics_token_file"
    }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, CodingKeys.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        data = try fields.decodeIfPresent(String.self, forKey: .data)
        listen = try fields.decodeIfPresent(String.self, forKey: .listen)
        tls = try fields.decodeIfPresent(TLS.self, forKey: .tls)
        web = try fields.decodeIfPresent(String.self, forKey: .web)
        log = try fields.decodeIfPresent(String.self, forKey: .log)
        try readReach(fields, decoder)
        timeZone = try fields.decodeIfPresent(String.self, forKey: .timeZone)
        try Rule.require(timeZone.map { TimeZone(identifier: $0) != nil } ?? true, "timeZone is like Europe/Zurich", decoder)
        recipes = try fields.decodeIfPresent(String.self, forKey: .recipes)
        sessionFiles = try fields.decodeIfPresent(SessionFiles.self, forKey: .sessionFiles) ?? .private
        microscopes = try fields.decodeIfPresent([MicroscopeEntry].self, forKey: .microscopes) ?? []
        detectors = try fields.decodeIfPresent([DetectorEntry].self, forKey: .detectors) ?? []
        processing = try fields.decodeIfPresent(ProcessingEntry.self, forKey: .processing) ?? ProcessingEntry()
    }

    private mutating func readReach(_ fields: KeyedDecodingContainer<CodingKeys>, _ decoder: any Decoder) throws {
        if let text = try fields.decodeIfPresent(String.self, forKey: .publicURL) {
            publicURL = PublicURL(text)
            try Rule.require(publicURL != nil, "public_url is like https://em.example.org/gridpilot", decoder)
        }
        if let texts = try fields.decodeIfPresent([String].self, forKey: .trustedProxies) {
            let ranges = texts.compactMap(AddressRange.init)
            try Rule.require(ranges.count == texts.count, "trusted_proxies are addresses like 10.0.0.5 or 10.0.0.0/8", decoder)
            trustedProxies = ranges
        }
        metricsTokenFile = try fields.decodeIfPresent(String.self, forKey: .metricsTokenFile)
    }

    private func check(_ file: String) throws(CommandProblem) {
        let known = microscopes.map(\.id)
        let all = known.map(\.rawValue) + detectors.map(\.id.rawValue)
        if let twice = all.first(where: { id in all.count { $0 == id } > 1 }) {
            throw CommandProblem(
                "The configuration \(file) names \(twice) twice.", remedy: "Give each microscope and detector an id of its own.")
        }
        for detector in detectors where !known.contains(detector.microscope) {
            throw CommandProblem(
                "In the configuration \(file), detector \(detector.id) is on \(detector.microscope), which is no microscope there.",
                remedy: "Add that microscope, or correct the name.")
        }
        for entry in microscopes where !detectors.contains(where: { $0.microscope == entry.id }) {
            throw CommandProblem(
                "In the configuration \(file), microscope \(entry.id) has no detector.", remedy: "Add one under detectors.")
        }
    }

    /// Without a full stop: it ends in the middle of a sentence.
    private static func reason(_ error: any Error) -> String {
        let words = wholeReason(error)
        return words.hasSuffix(".") ? String(words.dropLast()) : words
    }

    private static func wholeReason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context): "\(place(context.codingPath)) has no '\(key.stringValue)'"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            "\(place(context.codingPath)) is not of the kind it should be"
        case DecodingError.dataCorrupted(let context) where context.underlyingError == nil: detail(context)
        default: "\(error)".split(separator: "\n").joined(separator: " ")
        }
    }

    private static func detail(_ context: DecodingError.Context) -> String {
        // Swift's own words about a case that an enumeration does not have.
        if context.debugDescription.hasPrefix("Cannot initialize") {
            return "\(place(context.codingPath)) is no word that is known here"
        }
        return context.codingPath.isEmpty ? context.debugDescription : "\(place(context.codingPath)): \(context.debugDescription)"
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "it" : path.map { $0.intValue.map { "\($0 + 1)" } ?? $0.stringValue }.joined(separator: " ")
    }
}

/// Refuses misspelt keys, which would otherwise be left out without a word.
enum KnownKeys {
    struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    static func check(_ decoder: any Decoder, _ known: [String]) throws {
        let found = try decoder.container(keyedBy: Key.self).allKeys.map(\.stringValue).sorted()
        guard let unknown = found.first(where: { !known.contains($0) }) else { return }
        throw DecodingError.dataCorrupted(
            .init(codingPath: decoder.codingPath, debugDescription: "'\(unknown)' is not known here"))
    }
}
