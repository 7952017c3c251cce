/// Work on frames by a fixed number of threads, which end with the first problem that one of them met.
enum FrameThreads {
    /// More would each hold another picture, and several movies are worked on at once where there are more cores.
    static let count = 2

    static func run<Result: Sendable>(
        _ count: Int = count, _ body: (Int) throws(ImagingError) -> Result
    ) throws(ImagingError) -> [Result] {
        let answers = [Swift.Result<Result, ImagingError>?](unsafeUninitializedCapacity: count) { answers, filled in
            answers.initialize(repeating: nil)
            // Every thread writes an element of its own.
            nonisolated(unsafe) let answers = answers
            Parallel.perform(count) { thread in
                do throws(ImagingError) { answers[thread] = .success(try body(thread)) } catch {
                    answers[thread] = .failure(error)
                }
            }
            filled = count
        }
        var results: [Result] = []
        for answer in answers { if let answer { results.append(try answer.get()) } }
        return results
    }

    /// `transform` of each, in order.
    static func each<Item, Result: Sendable>(_ items: [Item], _ transform: (Item) -> Result) -> [Result] {
        [Result](unsafeUninitializedCapacity: items.count) { results, filled in
            nonisolated(unsafe) let (start, items) = (results.baseAddress, items)
            Parallel.perform(items.count) { (start! + $0).initialize(to: transform(items[$0])) }
            filled = items.count
        }
    }
}
