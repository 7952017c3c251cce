import Foundation
import RunModel
import Simulator
import Store
import TestSupport
import Testing

/// Stories whose decisions are kept beside this file: what the engine recorded, and what it then asked of the microscope.
enum RecordedStory: String, CaseIterable, Sendable {
    case healthy, asked, queueEdited, stopped, stopTakenBack, forceKilled, crashedInExposure, crashedInLoad, linkLost,
        linkLostInExposure,
        loaderJammed, valvesClosed, diskFilled, diskSilent, wrongCartridge

    /// The same on every machine: one order of work, a clock that jumps from sleeper to sleeper, and a camera without pixels.
    func diary() throws -> String {
        var scene = try scene()
        try tell(&scene)
        // Both in their own order, since a clock alone does not say which came first.
        let events = try scene.world.store.events(on: .session(scene.id), after: 0, limit: 100_000).map {
            "\($0.at) \($0.type) \(try Self.decided($0.data))"
        }
        return "# recorded\n" + (events + ["# asked of the microscope"] + scene.ledger.map(\.line)).joined(separator: "\n") + "\n"
    }

    private func scene() throws -> Scene {
        var settings = GridSettings.quick
        settings.squaresPerGrid = self == .healthy || self == .queueEdited ? 2 : 1
        settings.exposuresPerHole = self == .healthy ? 2 : 1
        let faults: [SimulatedFault] =
            switch self {
            case .linkLost: [SimulatedFault(.linkLost, command: "moveStage", number: 2, moment: .during)]
            case .linkLostInExposure: [SimulatedFault(.linkLost, command: "record", number: 1, moment: .during)]
            case .loaderJammed: [SimulatedFault(.loaderJam, slot: 1)]
            default: []
            }
        let grids = [.healthy, .asked, .loaderJammed, .crashedInLoad].contains(self) ? 2 : 1
        return try Scene(grids: grids, settings: settings, faults: faults, pauses: self == .asked, order: .asTheyCame)
    }

    private func tell(_ scene: inout Scene) throws {
        try scene.start()
        switch self {
        case .healthy, .loaderJammed, .linkLost, .linkLostInExposure: break
        case .asked:
            for _ in 1...2 {
                try scene.reach { $0.prompt != nil }
                try scene.answer("next")
            }
        case .queueEdited:
            try scene.reach { $0.exposure != nil }
            let waiting = try scene.targets().filter { $0.status == .queued }
            try scene.edit { $0.skip = [waiting[0].id] }
        case .stopped:
            try scene.reachCommand("autofocus")
            try scene.stop()
            try scene.reachEnd()
            try scene.start()
        case .stopTakenBack:
            try scene.reachCommand("record")
            try scene.stop()
            try scene.takeBack()
        case .forceKilled:
            try scene.reachCommand("record")
            try scene.kill()
            try scene.reachEnd()
            try scene.start()
        case .crashedInExposure, .crashedInLoad:
            try scene.reachCommand(self == .crashedInLoad ? "load" : "record")
            try scene.crash()
            try scene.start(forced: true)
        case .valvesClosed:
            try scene.reachCommand("autofocus")
            scene.world.column().add(SimulatedFault(.valveShut, at: 0))
            try scene.reach { $0.notices.contains { $0.id == "valves" } }
            scene.pass(.seconds(60))
            try scene.stop()
        case .diskFilled, .diskSilent:
            try scene.reach { $0.grids[0].images == 1 }
            scene.world.freeBytes = self == .diskFilled ? 50_000_001_000 : nil
            try scene.reach { $0.prompt != nil }
            scene.world.freeBytes = 4_000_000_000_000
            try scene.answer("continue")
        case .wrongCartridge:
            try scene.reachCommand("acquireAtlas")
            try scene.stop()
            try scene.reachEnd()
            _ = try scene.loadAnother(slot: 2)
            try scene.start()
        }
        try scene.reach("the run does not end") { !$0.status.needsHolder && $0.status != .ready || $0.prompt != nil }
        // What was in doubt is left as it is; one press for each question.
        while try scene.state.prompt != nil {
            let answers = try #require(try scene.state.prompt).answers
            try scene.answer((answers.first { $0 == .leave } ?? answers[0]).rawValue)
            try scene.reach { !$0.status.needsHolder || $0.prompt != nil }
        }
        try scene.reachEnd()
    }

    /// An event's data without the words for people, which may be put better any day.
    private static func decided(_ data: String) throws -> String {
        let value = try JSONSerialization.jsonObject(with: Data(data.utf8), options: .fragmentsAllowed)
        let kept = try JSONSerialization.data(
            withJSONObject: decided(value), options: [.sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed])
        let text = String(decoding: kept, as: UTF8.self)
        // What a search found is what was decided on, and fills pages.
        return text.utf8.count > 1000 ? "\(text.prefix(300))… of \(text.utf8.count) bytes, \(text.digest)" : text
    }

    private static let words: Set<String> = ["sentence", "detail", "remedy", "cause", "problem", "reason", "title", "text"]

    private static func decided(_ value: Any) -> Any {
        if let fields = value as? [String: Any] {
            return fields.filter { !words.contains($0.key) }.mapValues(decided)
        }
        return (value as? [Any])?.map(decided) ?? value
    }
}
