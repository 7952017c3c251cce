import Simulator
import TestSupport
import Testing

@Suite struct MicroscopeContractTests {
    @Test(arguments: MicroscopeContract.Clause.allCases)
    func `the simulated microscope keeps the contract`(_ clause: MicroscopeContract.Clause) throws {
        var settings = ColumnSettings()
        settings.emptySlots = [2]
        let bench = Bench(settings: settings)
        let contract = MicroscopeContract(scope: bench.scope, other: bench.anotherClient(), path: { "/contract/\($0)" })
        try bench.executor.complete { try await contract.hold(clause) }
    }
}
