import Foundation
import RunModel
import WebServer
import Yams

/// What a facility writes down about its server, in YAML. Everything may be left out; options of the command line go before it.
///
/// ```yaml
/// data: /srv/gridpilot                 # everything that is kept
/// listen: 127.0.0.1:8080               # an address and a port; port 0 takes a free one
/// tls: {certificate: /etc/gridpilot/cert.pem, key: /etc/gridpilot/key.pem}
/// web: /usr/share/gridpilot/web        # the folder of the pages
/// public_url: https://em.example.org/gridpilot   # where people reach it, behind a proxy
/// trusted_proxies: [127.0.0.1]         # whose X-Forwarded-* count; left out: this machine's, when it listens there alone
/// metrics_token_file: /etc/gridpilot/metrics-token   # a token for /metrics, one line
/// log: info                            # trace, debug, info, notice, warning, error, critical
/// recipes: /etc/gridpilot/recipes      # *.yaml, besides those that come with the program or in their place
/// sessionFiles: private                # private, group or groupWrite: what the group of the server's user may do with them
/// microscopes:
///   - id: scope-1
///     name: Scope 1
///     vendor: TFS                      # TFS or JEOL
///     voltage: 300                     # kV
///     cs: 2.7                          # mm
///     slots: 12
///     link: simulator                  # how it is reached
///     seed: 1                          # which specimens a simulator holds
///   - id: scope-2
///     vendor: TFS
///     voltage: 300
///     link: serialem
///     serialem:
///       address: 192.168.1.10:48888    # EnableExternalPython and SocketServerPort of SerialEM's properties
///       folders:                       # what both computers reach
///         - {here: /srv/gridpilot/sessions, there: 'X:\sessions'}
///       levels:                        # atlas, square, hole, exposure; what is left out stays as it is
///         atlas: {lowDose: false, imagingState: atlas, objectiveAperture: 0, slitIn: false}
///         exposure: {objectiveAperture: 100, slitIn: true}   # µm
///       upkeep: {hardwareDark: 24, zeroLoss: 60, flash: 8}   # h, min, h
///       stageReach: 990                # µm
///       imageShiftLimit: 15            # µm
/// detectors:
///   - {id: camera-1, name: Camera 1, microscope: scope-1, width: 1024, height: 1024, pixelSize: 1.5}   # pixels, Å
///   # framesDirectory: where its frames arrive here; framesFolder: what the microscope's computer calls that
///   - {id: camera-2, microscope: scope-2, width: 5760, height: 4092, pixelSize: 0.83, framesDirectory: /mnt/frames, framesFolder: 'Y:\'}
/// # an element of command that is a list is left out where a placeholder in it has no value for the movie
/// processing:
///   runner: workers                    # workers, on this machine, or slurm
///   workers: 2                         # movies at once; left out: as cores and memory carry
///   patches: 0                         # along a side, for local motion
///   amplitudeContrast: 0.07
///   eer: {dosePerFrame: 1, upsampling: 1}   # single electrons: e/Å² of a frame, or frames: the camera's in each
///   deadline: 600                      # s for a movie; left out: by its size
///   motion:                            # program: relion or motioncor; left out: done here
///     program: relion
///     command: [relion_run_motioncorr, --i, '{input}', --o, '{out}/', --use_own, --j, '{threads}', [--gainref, '{gain}']]
///   ctf: {program: ctffind, command: [ctffind], stdin: ['{input}', '{output}', '{pixelSize}', '{voltage}', '{cs}']}
///   slurm: {partition: movies, arguments: [--mem=4G], directory: /shared/jobs, program: /shared/bin/gridpilot, interval: 5}
/// ```
struct Configuration: Decodable, Equatable {
    var data: String?
    var listen: String?
    var tls: TLS?
    var web: String?
    var log: String?
    var publicURL: PublicURL?
    var trustedProxies: [AddressRange]?
    var metricsTokenFile: String?
    var recipes: String?
    var sessionFiles = SessionFiles.private
    var microscopes: [MicroscopeEntry] = []
    var detectors: [DetectorEntry] = []
    var processing = ProcessingEntry()

    struct TLS: Decodable, Equatable {
        var certificate: String
        var key: String
    }

    static let help = """
        The file is YAML; everything in it may be left out, and options of the command line go before it:

          data: /srv/gridpilot
          listen: 127.0.0.1:8080
          tls: {certificate: cert.pem, key: key.pem}
          web: /usr/share/gridpilot/web
          public_url: https://em.example.org/gridpilot
          trusted_proxies: [127.0.0.1]
          metrics_token_file: /etc/gridpilot/metrics-token
          log: info
          recipes: /etc/gridpilot/recipes
          sessionFiles: private
          microscopes:
            - {id: scope-1, name: Scope 1, vendor: TFS, voltage: 300, cs: 2.7, slots: 12, link: simulator, seed: 1}
            - id: scope-2
              vendor: TFS
              voltage: 300
              link: serialem
              serialem:
                address: 192.168.1.10:48888
                folders: [{here: /srv/gridpilot/sessions, there: 'X:\\sessions'}]
                levels:
                  atlas: {lowDose: false, imagingState: atlas, objectiveAperture: 0, slitIn: false}
                  exposure: {objectiveAperture: 100, slitIn: true}
                upkeep: {hardwareDark: 24, zeroLoss: 60, flash: 8}
          detectors:
            - {id: camera-1, name: Camera 1, microscope: scope-1, width: 1024, height: 1024, pixelSize: 1.5}
            - {id: camera-2, microscope: scope-2, width: 5760, height: 4092, pixelSize: 0.83, framesDirectory: /mnt/frames, framesFolder: 'Y:\\',
               gain: {file: /srv/gain.mrc, rotation: 0, flip: 0}, defects: /srv/defects.txt, binning: 1}
          processing:
            runner: workers
            workers: 2
            eer: {dosePerFrame: 1, upsampling: 1}
            motion:
              program: relion
              command: [relion_run_motioncorr, --i, '{input}', --o, '{out}/', --use_own, --j, '{threads}', [--gainref, '{gain}']]
            slurm: {partition: movies, arguments: [--mem=4G]}

        What processing and gain mean is in docs/processing.md.

        Everything in the data directory is for the server's own user. sessionFiles: group lets the group of that user read what is below
        sessions, groupWrite also write there, which a microscope's computer needs that saves through a share as another user.

        Beside the file the server keeps FILE.gridpilot-data: which store each data directory holds. A directory that has lost it, as where a
        disk is not mounted, is refused until --new accepts what is there. The server's user needs the right to write that file.
        """

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
        case data, listen, tls, web, log, recipes, sessionFiles, microscopes, detectors, processing
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
