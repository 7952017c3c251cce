import JSONText
import RunModel
import Testing

@Suite struct GridSettingsTests {
    @Test func `a session that was stored before there was a focus distance measures everywhere`() throws {
        var stored = try #require(JSONText.value(of: GridSettings()).fields)
        stored["focusDistance"] = nil
        #expect(try JSONText.decode(GridSettings.self, from: .object(stored)) == GridSettings())
    }

    @Test func `settings read back as they were written`() throws {
        var settings = GridSettings()
        settings.focusDistance = .micrometres(7.5)
        settings.tiltAngle = -35
        settings.mode = .dataCollection
        #expect(try JSONText.decode(GridSettings.self, from: JSONText.value(of: settings)) == settings)
    }
}
