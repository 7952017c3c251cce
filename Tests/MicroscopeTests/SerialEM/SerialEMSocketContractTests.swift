import Foundation
import Microscope
import RunModel
import SerialEMSimulator
import Simulator
import TestSupport
import Testing

/// The same contract over a real socket, on the machine's own clock, ten thousand times as fast.
@Suite(.serialized) struct SerialEMSocketContractTests {
    @Test(arguments: MicroscopeContract.Clause.allCases)
    func `the microscope behind SerialEM keeps the contract over TCP`(_ clause: MicroscopeContract.Clause) async throws {
        let folder = try TemporaryFolder()
        var settings = ColumnSettings()
        settings.emptySlots = [2]
        let now: @Sendable () -> Timestamp = { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
        let program = SimulatedSerialEM(
            column: SimulatedColumn(settings: settings, seed: 7),
            camera: RenderingCamera(size: 256, pixelSize: 1.5, renderer: InlineRenderer()), directory: folder.path(of: "scope"),
            clock: ContinuousClock(), now: now, speed: 10_000)
        let listener = try SocketListener(SerialEMAddress(host: "127.0.0.1", port: 0))
        let server = SerialEMServer(program: program, clock: ContinuousClock())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.run(listener.connections()) }
            let make = {
                SerialEMMicroscope(
                    SerialEMSettings(address: listener.address),
                    MicroscopeDescription(id: "scope-1", name: "Scope", vendor: .thermoFisher, voltage: 300),
                    DetectorDescription(
                        id: "camera", name: "Camera", microscope: "scope-1", width: 256, height: 256, pixelSize: 1.5),
                    dialer: SocketDialer(), clock: ContinuousClock(), now: now, work: InlineRenderer(), files: InlineFileWork())
            }
            let contract = MicroscopeContract(scope: make(), other: make(), path: { folder.path(of: $0) })
            try await contract.hold(clause)
            await contract.scope.disconnect()
            await contract.other.disconnect()
            listener.close()
            try await group.waitForAll()
        }
    }
}
