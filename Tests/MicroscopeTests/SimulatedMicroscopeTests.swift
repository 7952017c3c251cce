import Microscope
import RunModel
import Testing

@Suite struct SimulatedMicroscopeTests {
    @Test func `a whole visit to a hole gives the same ledger for the same seed`() async throws {
        let first = try await visit(Bench(seed: 11))
        let second = try await visit(Bench(seed: 11))
        let other = try await visit(Bench(seed: 12))
        #expect(first == second)
        #expect(first != other)
    }

    private func visit(_ bench: Bench) async throws -> String {
        try await bench.ready(slot: 3)
        let scope = bench.scope
        let specimen = try #require(bench.column.specimen(slot: 3))
        _ = try await scope.acquireAtlas(tiles: 3, into: "/a.mrc")
        let square = try #require(specimen.squares.first { $0.targetClass == .good })
        try await scope.moveStage(to: square.position)
        let aligned = try await scope.realign(to: MappedFeature(kind: .square, position: square.position, size: square.side))
        let height = try await scope.findEucentricHeight()
        let reading = try await scope.autofocus(target: .micrometres(-1.5))
        let report = try await scope.record(Bench.request())
        await scope.disconnect()
        return bench.column.ledger.map(\.line).joined(separator: "\n") + "\(aligned) \(height) \(reading) \(report)"
    }
}
