import Foundation
import RunModel
import Synchronization
import Testing

@testable import Store

@Suite struct ClosingTests {
    @Test(arguments: [true, false]) func `a store that is closed while others ask refuses them`(inMemory: Bool) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for round in 0..<5 {
            let store = try inMemory ? RunStore.inMemory() : RunStore.open(at: folder.appendingPathComponent("\(round)").path)
            let refusals = await withTaskGroup(of: StoreError?.self) { group in
                for number in 0..<6 { group.addTask { await Self.ask(store, writes: number == 0) } }
                group.addTask {
                    do throws(StoreError) { try store.close() } catch { Issue.record(error) }
                    return nil
                }
                return await group.reduce(into: [StoreError]()) { if let refusal = $1 { $0.append(refusal) } }
            }
            #expect(refusals.count == 6)
        }
    }

    /// On a thread of its own, until the store says that it is closed.
    private static func ask(_ store: RunStore, writes: Bool) async -> StoreError? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                while true {
                    do throws(StoreError) {
                        if writes { _ = try store.nextEpoch(of: "scope-1") } else { _ = try store.epoch(of: "scope-1") }
                    } catch {
                        return continuation.resume(returning: error)
                    }
                }
            }
        }
    }
}
