import RunModel
import Testing

@Suite struct PolicyTests {
    private static let grid = GridID("s", slot: 1)
    private static func square(_ number: Int) -> TargetID { TargetID(square: number, of: grid) }
    private static func hole(_ number: Int, in square: Int = 1) -> TargetID { TargetID(hole: number, of: self.square(square)) }
    private static func queue(_ ids: [TargetID], skipped: Set<TargetID> = []) -> QueueState {
        var queue = QueueState()
        queue.items = ids.map { QueueItem(id: $0, isSkipped: skipped.contains($0), exposures: 1, seconds: 1) }
        return queue
    }
    private static func target(_ number: Int, _ brightness: Double, _ kind: TargetClass = .good) -> Target {
        Target(
            id: square(number), point: PixelPoint(x: 0, y: 0), size: 1, stage: StagePosition(x: .zero, y: .zero),
            targetClass: kind, brightness: brightness)
    }

    @Test func `the first target that is not skipped is next`() {
        let (a, b) = (Self.hole(1), Self.square(2))
        #expect(NextStep.choose(Self.queue([a, b]), on: a.grid)?.id == a)
        #expect(NextStep.choose(Self.queue([a, b], skipped: [a]), on: a.grid)?.id == b)
        #expect(NextStep.choose(Self.queue([a], skipped: [a]), on: a.grid) == nil)
        #expect(NextStep.choose(QueueState(), on: a.grid) == nil)
        #expect(NextStep.choose(Self.queue([a, b]), on: "another.g2") == nil, "what waits for another grid waits on")
    }

    @Test func `new holes come before squares only in screening on a TFS column`() {
        let queue = Self.queue([Self.hole(1), Self.square(2), Self.square(3)])
        for mode in RunMode.allCases {
            for vendor in Vendor.allCases {
                let expected = mode == .screening && vendor == .thermoFisher ? Self.square(2) : nil
                #expect(NextStep.placeForHoles(in: queue, on: Self.square(2).grid, mode: mode, vendor: vendor) == expected)
            }
        }
        #expect(
            NextStep.placeForHoles(in: Self.queue([Self.hole(1)]), on: Self.hole(1).grid, mode: .screening, vendor: .thermoFisher)
                == nil)
    }

    @Test func `the operator is asked at a grid's end while the switch is on, and again with nothing queued`() {
        #expect(PauseRule.atGridEnd(pauseBetweenGrids: true) == .ask)
        #expect(PauseRule.atGridEnd(pauseBetweenGrids: false) == .completeGrid)
        #expect(PauseRule.afterContinue(queued: 0) == .ask)
        #expect(PauseRule.afterContinue(queued: 1) == nil)
    }

    @Test(
        arguments: [
            (100, 50, 10, 0, DiskLevel.fine), (100, 100, 10, 0, .full), (100, 91, 10, 0, .full), (100, 90, 10, 0, .fine),
            (100, 100, 0, 0, .full), (100, 99, 0, 0, .fine), (100, 50, 10, 51, .low), (100, 50, 10, 50, .fine),
            (10, 50, 1, 0, .full),
        ] as [(Int, Int, Int, Int, DiskLevel)])
    func `the disk's level`(free: Int, reserve: Int, next: Int, needed: Int, level: DiskLevel) {
        #expect(DiskGuard.level(freeBytes: free, reserveBytes: reserve, nextBytes: next, neededBytes: needed) == level)
    }

    @Test(
        arguments: [
            (-1.0, -2.0, 0.25, [-1, -1.25, -1.5, -1.75, -2]), (-1, -2, -0.5, [-1, -1.5, -2]), (-2, -1, 0.5, [-2, -1.5, -1]),
            (-1, -1.6, 0.25, [-1, -1.25, -1.5]), (-1, -1, 0.25, [-1]), (-1, -2, 0, [-1]), (-1, -1.1, 0.25, [-1]),
            (-0.8, -1.1, 0.1, [-0.8, -0.9, -1, -1.1]),
        ] as [(Double, Double, Double, [Double])])
    func `the defocus series goes from weakest to strongest`(weakest: Double, strongest: Double, step: Double, series: [Double]) {
        let range = DefocusRange(
            weakest: .micrometres(weakest), strongest: .micrometres(strongest), step: .micrometres(step))
        let found = DefocusCycle.series(range).map(\.micrometres)
        #expect(found.count == series.count)
        #expect(zip(found, series).allSatisfy { abs($0 - $1) < 1e-9 })
        for taken in 0..<(2 * series.count) {
            #expect(abs(DefocusCycle.next(range, taken: taken).micrometres - series[taken % series.count]) < 1e-9)
        }
    }

    @Test func `an absurdly fine step makes no endless series`() {
        let range = DefocusRange(weakest: .micrometres(-1), strongest: .micrometres(-2), step: .micrometres(1e-9))
        #expect(DefocusCycle.series(range).count <= 1001)
        var finest = range
        finest.step = .micrometres(1e-20)
        #expect(DefocusCycle.series(finest).count == 1001)
    }

    @Test(arguments: [(false, false, false), (false, true, false), (true, false, true), (true, true, false)])
    func `a stop can be taken back until shutting down begins`(asked: Bool, shuttingDown: Bool, canTakeBack: Bool) {
        #expect(StopRule.canTakeBack(stopRequested: asked, shuttingDown: shuttingDown) == canTakeBack)
    }

    /// Four groups of three, the brightest last: a choice costs as few stage moves as it has groups.
    @Test func `a data collection takes whole groups, centres first`() {
        let square = TargetID(square: 1, of: GridID("s", slot: 1))
        let found = (1...12).map { number in
            var hole = Target(
                id: TargetID(hole: number, of: square), point: PixelPoint(x: 0, y: 0), size: 1,
                stage: StagePosition(x: .zero, y: .zero),
                targetClass: .good, brightness: Double(number) / 12)
            hole.groupCentre = TargetID(hole: (number - 1) / 3 * 3 + 1, of: square)
            return hole
        }
        #expect(TargetChoice.holes(found, count: 6, mode: .dataCollection).map(\.number) == [1, 2, 3, 7, 8, 9])
        #expect(TargetChoice.holes(found, count: 4, mode: .dataCollection).map(\.number) == [1, 4, 5, 6])
        #expect(TargetChoice.holes(found, count: 99, mode: .dataCollection).count == 12)
        #expect(TargetChoice.holes(found, count: 0, mode: .dataCollection).isEmpty)
    }

    @Test func `chosen targets are good ones, spread over the brightness`() {
        let found = (1...9).map { Self.target($0, Double($0) / 10) }
        #expect(TargetChoice.squares(found, count: 3).map(\.number) == [8, 5, 2])
        #expect(TargetChoice.squares(found.shuffled(), count: 3).map(\.number) == [8, 5, 2])
        #expect(TargetChoice.holes(found, count: 3).map(\.number) == [2, 5, 8])
        #expect(TargetChoice.holes(found, count: 20).count == 9)
        #expect(TargetChoice.holes(found, count: 0).isEmpty)
        #expect(TargetChoice.holes(found, count: -1).isEmpty)
        #expect(TargetChoice.squares(found.map { Self.target($0.id.number, 1, .cracked) }, count: 3).isEmpty)
    }

    @Test func `equally bright targets are chosen by their numbers`() {
        let found = (1...4).map { Self.target($0, 0.5) }
        #expect(TargetChoice.squares(found.reversed(), count: 4).map(\.number) == [1, 2, 3, 4])
    }
}
