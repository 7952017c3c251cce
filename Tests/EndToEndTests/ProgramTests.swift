import Foundation
import JSONText
import TestSupport
import Testing

extension EndToEndTests {
    /// A server whose motion correction is a shell script: what goes wrong there is met by the whole of it.
    @Suite struct ProgramTests {
        @Test(arguments: [
            ("echo no luck >&2; exit 3", "sh ended with code 3. Its last words: no luck"),
            // The worker itself.
            ("kill -9 $PPID", "The worker was ended by signal 9, twice."), ("yes", "sh said more than 16 MiB, and was ended."),
            ("sleep 1000", "sh had not finished after 1 s, and was ended."),
        ])
        func `a program that goes wrong costs its movies only, and the page says so`(_ script: String, _ sentence: String)
            async throws
        {
            let folder = try TemporaryFolder()
            let server = try await ServerProcess(
                data: folder.path(of: "data"), config: try config(script, deadline: 1, in: folder))
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("unlucky", grids: 1)
            let movies = try await person.watch("grid/\(session).g1")
            let page = try await person.watch("session/\(session)")
            #expect(try await person.start(session).status == 202)
            let event = try await movies.next("micrographProcessed", "processingFailed")
            #expect(event["type"]?.text == "processingFailed")
            #expect(event["data"]?["sentence"]?.text == sentence)
            #expect(try await person.carryToTheEnd(session, on: page) == "runCompleted")
        }

        @Test(arguments: [SIGTERM, SIGKILL])
        func `no worker and no program of its outlives the server`(_ signal: Int32) async throws {
            let folder = try TemporaryFolder()
            let life = Life(folder.path(of: "life"))
            let script = "exec 9>'\(life.path)'; sleep 1000 & echo >&9; wait"
            let server = try await ServerProcess(data: folder.path(of: "data"), config: try config(script, in: folder))
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("cut", grids: 1)
            #expect(try await person.start(session).status == 202)
            #expect(await life.ready())
            _ = try await server.end(by: signal)
            #expect(await life.isOver())
        }

        @Test func `a force-kill ends workers and their programs`() async throws {
            let folder = try TemporaryFolder()
            let life = Life(folder.path(of: "life"))
            let script = "exec 9>'\(life.path)'; sleep 1000 & echo >&9; wait"
            let server = try await ServerProcess(data: folder.path(of: "data"), config: try config(script, in: folder))
            let person = try await Visitor("staff", on: server)
            let session = try await person.smallSession("killed", grids: 1)
            #expect(try await person.start(session).status == 202)
            #expect(await life.ready())
            #expect(try await person.post("/api/sessions/\(session)/force-kill").status == 202)
            #expect(await life.isOver())
        }

        @Test func `a program that is missing is told at the start, and by the doctor`() async throws {
            let folder = try TemporaryFolder()
            let config = folder.path(of: "config.yaml")
            try "processing: {motion: {program: relion, command: [/nowhere/relion]}}".write(
                toFile: config, atomically: true, encoding: .utf8)
            let server = try await Program.run([
                "serve", "--data", folder.path(of: "data"), "--listen", "127.0.0.1:0", "--config", config,
            ])
            #expect(server.code == 1)
            #expect(server.complaint.hasPrefix("There is no program /nowhere/relion"))
            #expect(try await Program.run(["doctor", "--data", folder.path(of: "data"), "--config", config]).code == 1)
        }

        @Test(arguments: [
            ("command: [relion, '{movies}']", "{movies} is not a placeholder"), ("command: []", "names no program"),
            ("comand: [relion]", "'comand' is not known here"),
        ])
        func `a template that cannot be used is refused at the start`(_ command: String, _ words: String) async throws {
            let folder = try TemporaryFolder()
            let config = folder.path(of: "config.yaml")
            try "processing: {motion: {program: relion, \(command)}}".write(toFile: config, atomically: true, encoding: .utf8)
            let server = try await Program.run(["serve", "--data", folder.path(of: "data"), "--config", config])
            #expect(server.code == 1)
            #expect(server.complaint.contains(words), "\(server.complaint)")
        }

        @Test(.enabled(if: ProcessInfo.processInfo.environment["GRIDPILOT_RELION"] != nil, "set GRIDPILOT_RELION=1"))
        func `the page shows what RELION measured of a session's movies`() async throws {
            let folder = try TemporaryFolder()
            let config = folder.path(of: "config.yaml")
            try """
            processing:
              motion:
                program: relion
                command: [relion_run_motioncorr, --i, '{input}', --o, '{out}/', --use_own, --j, '{threads}', --dose_weighting, --save_noDW,
                          [--dose_per_frame, '{dosePerFrame}'], [--gainref, '{gain}'], [--gain_rot, '{gainRotation}'], [--gain_flip, '{gainFlip}']]
            """.write(toFile: config, atomically: true, encoding: .utf8)
            let server = try await ServerProcess(data: folder.path(of: "data"), config: config)
            let person = try await Visitor("operator", on: server)
            let session = try await person.smallSession("relion", grids: 1, frames: 4)
            let page = try await person.watch("grid/\(session).g1")
            #expect(try await person.start(session).status == 202)
            let event = try await page.next("micrographProcessed", "processingFailed")
            #expect(event["type"]?.text == "micrographProcessed", "\(event["data"]?["sentence"]?.text ?? "")")
            let measurement = event["data"]?["measurement"]
            #expect(measurement?["shifts"]?.items?.count == 4)
            #expect(measurement?["programs"]?.items?.first?.text == "relion_run_motioncorr")
            let average = try #require(measurement?["average"]?.text)
            let directory = try #require(
                try await person.get("/api/sessions/\(session)").json.found("session")?["directory"]?.text)
            #expect(FileManager.default.fileExists(atPath: folder.path(of: "data/\(directory)/\(average)")))
        }

        private func config(_ script: String, deadline: Double = 600, in folder: TemporaryFolder) throws -> String {
            let file = folder.path(of: "config.yaml")
            let motion: JSONValue = [
                "program": "relion", "command": ["sh", "-c", .string(script)], "deadline": .number(deadline),
            ]
            // JSON is YAML.
            let text = JSONText.write(["processing": ["workers": .integer(1), "motion": motion]])
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            return file
        }
    }
}
