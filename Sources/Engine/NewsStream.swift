/// What a listener hears of the journal, in order, at its own speed.
///
/// It holds a bounded number of items. A listener that falls farther behind loses the oldest, and hears `missed` in their place: the store
/// has them, by number.
public struct NewsStream: AsyncSequence, Sendable {
    public typealias Element = Journal.News
    typealias Numbered = (number: Int, news: Journal.News)

    /// Minutes of a run's news: more than a living listener ever needs.
    public static let usualLimit = 1024

    private let stream: AsyncStream<Numbered>
    private let first: Int

    /// `first` is the number that the next news will have.
    static func make(from first: Int, limit: Int) -> (NewsStream, AsyncStream<Numbered>.Continuation) {
        let (stream, continuation) = AsyncStream.makeStream(of: Numbered.self, bufferingPolicy: .bufferingNewest(limit))
        return (NewsStream(stream: stream, first: first), continuation)
    }

    public func makeAsyncIterator() -> Iterator { Iterator(stream: stream.makeAsyncIterator(), expected: first) }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate var stream: AsyncStream<Numbered>.Iterator
        fileprivate var expected: Int
        /// What came after a gap, while the gap itself is told.
        private var held: Journal.News?

        fileprivate init(stream: AsyncStream<Numbered>.Iterator, expected: Int) {
            self.stream = stream
            self.expected = expected
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async -> Journal.News? {
            if let news = held {
                held = nil
                return news
            }
            guard let (number, news) = await stream.next(isolation: actor) else { return nil }
            let missed = number - expected
            expected = number + 1
            guard missed > 0 else { return news }
            held = news
            return .missed(missed)
        }
    }
}
