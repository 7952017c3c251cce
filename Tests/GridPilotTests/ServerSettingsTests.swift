import ArgumentParser
import Foundation
import RunModel
import Testing

@testable import gridpilot

@Suite struct ServerSettingsTests {
    @Test(arguments: [
        ("127.0.0.1:8080", ListenAddress(host: "127.0.0.1", port: 8080)),
        ("localhost:0", ListenAddress(host: "localhost", port: 0)),
        ("[::1]:8443", ListenAddress(host: "::1", port: 8443)),
        ("0.0.0.0:65535", ListenAddress(host: "0.0.0.0", port: 65535)),
    ]) func `an address is a host and a port`(text: String, address: ListenAddress) {
        #expect(ListenAddress(text) == address)
    }

    @Test(arguments: ["", "8080", ":8080", "host:", "host:web", "host:65536", "host:-1", "::1:8080", "[]:80"])
    func `what is no host and port is no address`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func `without options and configuration the usual values hold`() throws {
        let settings = try ServeCommand.parse([]).settings()
        #expect(settings.data.path == FileManager.default.currentDirectoryPath + "/data")
        #expect(settings.listen == .usual)
        #expect(settings.certificate == nil)
        #expect(settings.log == .info)
        #expect(settings.microscopes.isEmpty && settings.detectors.isEmpty)
        #expect(!settings.isDemo && !settings.debugEcho)
        #expect(settings.speed == 1)
    }

    @Test func `a configuration counts before the usual values, and an option before the configuration`() throws {
        let folder = try Folder()
        let file = try folder.write(
            """
            data: /srv/written
            listen: 10.0.0.1:80
            log: debug
            tls: {certificate: written.pem, key: written.key}
            """, to: "site.yaml")
        let written = try ServeCommand.parse(["--config", file]).settings()
        #expect(written.data.path == "/srv/written")
        #expect(written.listen == ListenAddress(host: "10.0.0.1", port: 80))
        #expect(written.log == .debug)
        #expect(written.certificate?.file == "written.pem")
        let told = try ServeCommand.parse([
            "--config", file, "--data", "/srv/told", "--listen", "10.0.0.2:81", "--log-level", "error", "--tls-cert",
            "told.pem", "--tls-key", "told.key",
        ]).settings()
        #expect(told.data.path == "/srv/told")
        #expect(told.listen == ListenAddress(host: "10.0.0.2", port: 81))
        #expect(told.log == .error)
        #expect(told.certificate?.file == "told.pem" && told.certificate?.key == "told.key")
    }

    @Test(arguments: [
        ("", true, true), ("public_url: https://em.example.org", false, true), ("trusted_proxies: [10.0.0.5]", false, false),
    ])
    func `a proxy on this machine is supposed only where the file says nothing of one`(
        yaml: String, isSupposed: Bool, trustsThisMachine: Bool
    ) throws {
        let reach = try ReachSettings(Configuration(yaml: yaml, from: "site.yaml"), listen: .usual)
        #expect(reach.isProxySupposed == isSupposed)
        #expect(reach.trustedProxies.contains { $0.contains("127.0.0.1") } == trustsThisMachine)
    }

    @Test func `this machine goes by its name and by its full one`() async {
        let names = ReachSettings.names("Scope", full: "scope.em.Example.org.")
        #expect(names == ["scope", "scope.em.example.org"])
        #expect(ReachSettings.names("scope.local", full: nil) == ["scope.local", "scope"])
        #expect(
            await ReachSettings.machineNames().contains(
                ReachSettings.names(ProcessInfo.processInfo.hostName, full: nil).min() ?? ""))
    }

    @Test func `the demo is fast and adds its microscopes to those of the configuration`() throws {
        let folder = try Folder()
        let first = try #require(Demo.detectors.first)
        let file = try folder.write(
            ConfigurationTests.scope(first.microscope.rawValue, name: "Written")
                + "\ndetectors: [\(ConfigurationTests.camera(first.id.rawValue, on: first.microscope.rawValue))]", to: "site.yaml"
        )
        let settings = try ServeCommand.parse(["--demo", "--config", file]).settings()
        #expect(settings.isDemo)
        #expect(settings.speed == 60)
        #expect(settings.microscopes.count == 2)
        #expect(settings.microscopes.first?.description.name == "Written")
        #expect(settings.detectors.count == Demo.detectors.count)
        #expect(settings.detectors.first?.description.width == 64)
    }

    @Test(arguments: [
        ("listen: nowhere", "The address nowhere is not HOST:PORT.", "Write it as in 127.0.0.1:8080."),
        (
            "log: loud", "There is no log level 'loud'.", "Use trace, debug, info, notice, warning, error, critical."
        ),
        (
            "web: /nowhere", "The folder /nowhere has no index.html: these are not GridPilot's pages.",
            "Correct web in the configuration."
        ),
    ]) func `a configuration that no server can run with is refused`(yaml: String, sentence: String, remedy: String) throws {
        let folder = try Folder()
        let command = try ServeCommand.parse(["--config", try folder.write(yaml, to: "site.yaml")])
        #expect(throws: CommandProblem(sentence, remedy: remedy)) { try command.settings() }
    }

    @Test(arguments: [
        (["--listen", "nowhere"], "--listen takes HOST:PORT, as in 127.0.0.1:8080."),
        (["--tls-cert", "cert.pem"], "--tls-cert and --tls-key go together."),
        (["--demo", "--serialem", "nowhere:port"], "--serialem takes HOST:PORT, as in 127.0.0.1:48888."),
        (["--serialem", "a:1"], "--serialem goes with --demo; other microscopes are in the configuration."),
        (["--speed", "0"], "--speed takes a factor from 0.1 to 100000."),
        (["--speed", "nan"], "--speed takes a factor from 0.1 to 100000."),
        (["--log-level", "loud"], "--log-level takes trace, debug, info, notice, warning, error, critical."),
    ]) func `an option that cannot be meant is refused`(arguments: [String], words: String) {
        let error = #expect(throws: (any Error).self) { try ServeCommand.parse(arguments) }
        #expect(error.map { ServeCommand.message(for: $0) } == words)
    }

    @Test func `pages are where index.html is`() throws {
        let folder = try Folder()
        try folder.write("<!doctype html>", to: "index.html")
        #expect(try WebFolder.find(told: folder.path) == folder.path)
    }
}
