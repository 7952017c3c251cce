import RunModel
import Testing

@Suite struct ExposureGroupsTests {
    private struct Holes {
        var state: UInt64
        mutating func uniform() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(UInt64(1) << 53)
        }

        static func lattice(_ columns: Int, _ rows: Int, pitch: Double = 2.5, isHexagonal: Bool = false) -> [StagePosition] {
            (0..<columns * rows).map { k in
                let (i, j) = (Double(k % columns), Double(k / columns))
                let x = isHexagonal ? i + 0.5 * Double(k / columns % 2) : i
                return StagePosition(
                    x: .micrometres(pitch * x), y: .micrometres(pitch * j * (isHexagonal ? 0.75.squareRoot() : 1)))
            }
        }

        /// A bent lattice with holes left out.
        static func random(_ seed: UInt64) -> [StagePosition] {
            var random = Holes(state: seed &* 77 &+ 5)
            let share = 0.3 + 0.7 * random.uniform()
            let (c, s) = (0.9, 0.436)
            return lattice(4 + Int(10 * random.uniform()), 3 + Int(9 * random.uniform())).compactMap { hole in
                guard random.uniform() < share else { return nil }
                let (x, y) = (hole.x.micrometres + 0.2 * random.uniform(), hole.y.micrometres + 0.2 * random.uniform())
                return StagePosition(x: .micrometres(c * x - s * y), y: .micrometres(s * x + c * y))
            }
        }
    }

    private static func greedyCount(_ holes: [StagePosition], _ reach: Length) -> Int {
        var free = Set(holes.indices)
        var count = 0
        while !free.isEmpty {
            let covered = { (centre: Int) in free.filter { holes[$0].distance(to: holes[centre]) <= reach } }
            let best = holes.indices.max { (covered($0).count, $1) < (covered($1).count, $0) }!
            free.subtract(covered(best))
            count += 1
        }
        return count
    }

    @Test(arguments: UInt64(1)...12)
    func `every hole is in one group, within reach of its centre, and never in more groups than picked greedily`(seed: UInt64) {
        let holes = Holes.random(seed)
        let reach = Length.micrometres(2.6 + Double(seed % 4) * 1.3)
        let groups = ExposureGroups.plan(holes, within: reach, atLeast: 3)
        #expect(groups.flatMap(\.members).sorted() == Array(holes.indices))
        for group in groups {
            #expect(group.members.first == group.centre)
            for hole in group.members { #expect(holes[hole].distance(to: holes[group.centre]) <= reach * 1.00001) }
        }
        #expect(groups.count <= Self.greedyCount(holes, reach))
        #expect(groups == ExposureGroups.plan(holes, within: reach, atLeast: 3))
    }

    @Test func `a whole square lattice goes in blocks of three by three`() {
        let groups = ExposureGroups.plan(Holes.lattice(12, 9), within: .micrometres(3.6))
        #expect(groups.count == 12)
        #expect(groups.allSatisfy { $0.members.count == 9 })
    }

    @Test func `blocks of five by five hold where the reach is longer`() {
        // Without its corners a block of five by five is what seven micrometres and a bit reach.
        #expect(ExposureGroups.plan(Holes.lattice(15, 10), within: .micrometres(7.2)).count <= 6)
    }

    @Test func `a hexagonal lattice goes in sevens but for its border`() {
        let groups = ExposureGroups.plan(Holes.lattice(14, 14, pitch: 1.6, isHexagonal: true), within: .micrometres(1.7))
        #expect(groups.count <= 40)
        #expect(groups.count { $0.members.count == 7 } >= 10)
    }

    @Test func `the centre lies in the middle, and holes are exposed outwards`() throws {
        let group = try #require(ExposureGroups.plan(Holes.lattice(3, 3), within: .micrometres(3.6)).first)
        #expect(group.centre == 4)
        #expect(Set(group.members[1...4]) == [1, 3, 5, 7])
    }

    @Test func `no way back is longer than need be`() {
        let groups = ExposureGroups.plan(Holes.lattice(12, 3), within: .micrometres(3.6), from: StagePosition(x: .zero, y: .zero))
        let columns = groups.map { $0.centre % 12 }
        #expect(columns == columns.sorted())
    }

    @Test func `a small group takes holes that a large one can spare`() {
        let holes = [0.0, 1, 2, 3, 4, 5].map { StagePosition(x: .micrometres($0), y: .zero) }
        let groups = ExposureGroups.plan(holes, within: .micrometres(2), atLeast: 2)
        #expect(groups.count == 2)
        #expect(groups.allSatisfy { $0.members.count >= 2 })
    }

    @Test func `without reach each hole is a group, without holes there is none`() {
        let holes = Holes.lattice(3, 2)
        #expect(ExposureGroups.plan(holes, within: .zero).count == 6)
        #expect(ExposureGroups.plan([], within: .micrometres(5)).isEmpty)
        let twice = holes + holes
        #expect(ExposureGroups.plan(twice, within: .zero).count == 6)
    }
}
