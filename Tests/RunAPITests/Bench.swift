import Accounts
import Engine
import JSONText
import RunModel
import Simulator
import Store
import Synchronization
import TestSupport
import WebServer

@testable import RunAPI

/// The API over a store in memory and an engine whose clock stands still: commands are accepted, and runs wait for their microscope.
final class Bench: Sendable {
    enum Somebody: String, CaseIterable { case staff, member, viewer, stranger }

    let store: RunStore
    let engine: Engine
    let accounts: Accounts
    let api: RunAPI
    let clock = TestClock()
    /// The engine's and the microscope's.
    let engineClock: TestClock
    let folder: TemporaryFolder
    /// What the server's own log says.
    let lines = Lines()
    private let tokens: Mutex<[Somebody: String]> = Mutex([:])

    static let facility = Facility(
        microscopes: ["scope-1", "scope-2"].map {
            MicroscopeDescription(id: MicroscopeID(unchecked: $0), name: "The \($0)", vendor: .thermoFisher, voltage: 300)
        },
        detectors: ["scope-1", "scope-2"].map {
            DetectorDescription(
                id: DetectorID(unchecked: "camera-\($0)"), name: "Camera", microscope: MicroscopeID(unchecked: $0), width: 1024,
                height: 1024, pixelSize: 1.1)
        })

    /// A healthy store is given all the time that a loaded machine takes.
    init(
        urgentPatience: Duration = .seconds(60), facility: Facility = Bench.facility, answerInterval: Duration = .zero,
        stalled: Set<String> = [], metricsToken: String? = nil
    ) async throws {
        let folder = try TemporaryFolder()
        let store = try RunStore.inMemory()
        let time = SharedTime()
        let ids = Numbers()
        let outside = Outside(root: folder.path)
        let still = TestClock()
        (self.folder, self.store, engineClock) = (folder, store, still)
        engine = Engine(
            EngineParts(
                store: store, executor: QueueExecutor(label: "bench"), clock: still, now: { time.now },
                newID: { "id-\(ids.next())" },
                microscope: { _, detector in
                    SimulatedMicroscope(
                        column: SimulatedColumn(seed: 1), clock: still, now: { time.now },
                        camera: PixelFreeCamera(optics: CameraOptics(detector), written: { _, _ in }))
                }, finder: outside, jobs: outside,
                files: outside, locks: outside, processes: outside, recipes: try RecipeBook.shipped()))
        accounts = try Accounts(store: store, cost: .least, now: { time.now }, uptime: { .milliseconds(time.now.milliseconds) })
        var configuration = RunAPI.Configuration(dataDirectory: folder.path, webRoot: folder.path, version: "1.2.3", clock: clock)
        configuration.newID = { "new-\(ids.next())" }
        configuration.log = lines.append
        configuration.urgentPatience = urgentPatience
        configuration.stalled = { stalled }
        configuration.auditPatience = urgentPatience
        configuration.answerInterval = answerInterval
        configuration.metricsToken = metricsToken
        api = RunAPI(engine: engine, accounts: accounts, facility: facility, configuration: configuration)
        self.sharedTime = time
        running = Task { [engine] in try await engine.run() }
        try await addPeople()
    }

    private let sharedTime: SharedTime
    private let running: Task<Void, any Error>
    deinit { running.cancel() }

    var now: Timestamp { sharedTime.now }
    func pass(seconds: Double) { sharedTime.pass(seconds) }

    private func addPeople() async throws {
        for somebody in Somebody.allCases {
            let name = somebody.rawValue
            try await accounts.add(
                NewPerson(
                    username: name, password: "password of \(name)", staff: somebody == .staff, viewerOnly: somebody == .viewer,
                    groups: somebody == .member ? ["demo"] : somebody == .stranger ? ["others"] : []), by: .bench)
            let token = try await accounts.addToken(named: "script", for: name, by: .bench)
            tokens.withLock { $0[somebody] = token }
        }
    }

    func token(of somebody: Somebody) -> String { tokens.withLock { $0[somebody] ?? "" } }

    /// Asks with an API token.
    func ask(
        _ method: String = "GET", _ path: String, as somebody: Somebody? = .member, body: JSONValue? = nil,
        query: [String: String] = [:],
        headers: [String: String] = [:]
    ) async -> Answer {
        var headers = headers
        if let somebody { headers["authorization"] = "Bearer \(token(of: somebody))" }
        if body != nil, headers["content-type"] == nil { headers["content-type"] = "application/json" }
        let request = HTTPRequest(
            method: method, path: path, query: query, headers: headers, body: body.map(JSONText.bytes(of:)) ?? [],
            isLoopback: false)
        return Answer(await api.respond(to: request))
    }

    /// A request on its way to a handler, as the router would hand it on.
    func call(_ method: String, _ path: String, as somebody: Somebody = .member, headers: [String: String] = [:]) -> Call {
        var headers = headers
        headers["authorization"] = "Bearer \(token(of: somebody))"
        let request = HTTPRequest(method: method, path: path, query: [:], headers: headers, body: [], isLoopback: false)
        return Call(request: request, requester: Requester(request, accounts), parameters: [:])
    }

    static func sessionBody(
        _ name: String = "first", group: String = "demo", microscope: String = "scope-1"
    ) -> JSONValue {
        [
            "name": .string(name), "group": .string(group), "microscope": .string(microscope),
            "detector": .string("camera-\(microscope)"), "settings": ["squaresPerGrid": 2, "movie": ["frames": 4]],
            "grids": [
                ["name": "a", "position": 2, "holeType": "R1.2/1.3", "meshMaterial": "Cu", "recipe": "spa"],
                ["name": "b", "position": 1, "recipe": "negative_stain"],
            ],
        ]
    }

    /// A session made through the API by staff.
    func session(
        _ name: String = "first", group: String = "demo", microscope: String = "scope-1"
    ) async throws -> SessionID {
        let answer = await ask(
            "POST", "/api/sessions", as: .staff, body: Self.sessionBody(name, group: group, microscope: microscope))
        guard answer.status == 201, let id = answer.json["id"]?.text else {
            throw Unexpected(answer: "\(answer.status) \(answer.json)")
        }
        return SessionID(unchecked: id)
    }

    func record(_ events: RunEvent..., of session: SessionID, lines: [LogEntry] = []) async throws {
        try await engine.journal.record(Entry(session: session, events: events, lines: lines))
    }
}

extension AuditAuthor {
    static let bench = AuditAuthor(person: "bench", role: "terminal", address: "command line")
}

struct Unexpected: Error { var answer: String }

/// An answer as a test reads it.
struct Answer {
    var status: Int
    var headers: [String: String]
    var bytes: [UInt8] = []
    var file: String?
    /// The folder that the file must not be led out of.
    var beneath: String?

    init(_ response: HTTPResponse) {
        status = response.status
        headers = Dictionary(response.headers.map { ($0.0.lowercased(), $0.1) }) { first, _ in first }
        switch response.body {
        case .none: break
        case .bytes(let bytes): self.bytes = bytes
        case .file(let path, _, let folder): (file, beneath) = (path, folder)
        }
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    /// Null where the answer is not JSON, which no expectation takes for an answer.
    var json: JSONValue { (try? JSONText.parse(bytes)) ?? .null }
    var code: String? { json["code"]?.text }
}

final class SharedTime: Sendable {
    private let value = Mutex(Timestamp(milliseconds: 1_795_377_600_000))
    var now: Timestamp { value.withLock { $0 } }
    func pass(_ seconds: Double) { value.withLock { $0 = $0.advanced(bySeconds: seconds) } }
}

final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func append(_ line: String) { lines.withLock { $0.append(line) } }
}

final class Numbers: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}
