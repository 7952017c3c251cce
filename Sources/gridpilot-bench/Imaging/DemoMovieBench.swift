import Foundation
import JSONText
import RunModel

/// From a movie on the disk to its preview and CTF on the page, in the demo's session: with its queue, a worker process, its pictures and the journal.
struct DemoMovieBench {
    let program: String
    let times: Int

    func run() async throws {
        let folder = try Scratch.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }  // A leftover in /tmp does no harm.
        // As slowly as a real microscope takes them, so that no movie waits for another.
        let server = try DemoServer(program, folder, speed: 30)
        defer { server.end() }
        let session = try await server.signIn()
        _ = try await server.ask("POST", "api/sessions/\(session)/start", [:])
        var (saved, spread, after) = ([String: Timestamp](), Spread(), 0)
        while spread.count < max(6, times) {
            try await Task.sleep(for: .milliseconds(500))
            for event in try await server.ask("GET", "api/sessions/\(session)/events?after=\(after)&limit=500")["items"]?.items
                ?? []
            {
                after = event["seq"]?.int ?? after
                guard let at = event["at"]?.text.flatMap(Timestamp.init), let id = event["data"]?["micrograph"]?.text else {
                    continue
                }
                if event["type"]?.text == "exposureSaved" { saved[id] = at }
                if event["type"]?.text == "micrographProcessed", let from = saved[id] {
                    spread.add(Double(at.milliseconds - from.milliseconds) / 1000)
                }
            }
        }
        Report.line("Movie file to preview and CTF on the page, median of \(spread.count)", spread.median, "s", promised: 5)
    }
}
