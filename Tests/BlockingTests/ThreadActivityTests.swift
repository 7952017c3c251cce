import Dispatch
import Foundation
import Testing

@testable import Blocking

@Suite struct ThreadActivityTests {
    @Test func `what a thread began last is known to others`() {
        let activity = ThreadActivity()
        #expect(activity.lastBegun == nil)
        activity.begin("the first")
        activity.begin("the second")
        #expect(activity.lastBegun == "the second")
    }

    @Test func `the stack of a thread that waits is told, with the call that it waits in`() async {
        let activity = ThreadActivity()
        let (isThere, mayGo) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let stack = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                activity.enter()
                isThere.signal()
                mayGo.wait()
                activity.leave()
            }
            Thread.detachNewThread {
                isThere.wait()
                let stack = activity.stack()
                mayGo.signal()
                continuation.resume(returning: stack)
            }
        }
        #expect(stack.contains { $0.contains("libdispatch.so") }, "\(stack)")
        #expect(stack.contains { $0.contains("ThreadActivityTests") }, "\(stack)")
    }

    @Test func `a thread that is at nothing has no stack`() {
        let activity = ThreadActivity()
        #expect(activity.stack() == [])
        activity.enter()
        activity.leave()
        #expect(activity.stack() == [])
    }

    @Test func `a file that has no table of names has no names`() {
        #expect(SymbolTable(file: "/nowhere") == nil)
        #expect(SymbolTable(file: "/proc/self/status") == nil)
        #expect(SymbolTable(file: "/dev/null") == nil)
    }
}
