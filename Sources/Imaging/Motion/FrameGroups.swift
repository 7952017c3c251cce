/// Frames of too little dose, put together until there is something to see.
struct FrameGroups {
    /// Frames of each group, in order.
    let members: [Range<Int>]
    private let frames: Int

    /// Below this many electrons a pixel frames are put together until they have one.
    private static let leastDose = 0.5
    /// More would not fit into memory, and have no more to say.
    private static let most = 120
    /// Fewer would be no path.
    private static let fewest = 8

    /// `dose`: mean of a frame's pixels, which is electrons for cameras that count.
    init(frames: Int, dose: Double) {
        self.frames = frames
        var size = dose > 0 && dose < Self.leastDose ? Int(min(1 / dose, Double(frames)).rounded(.up)) : 1
        size = max(1, min(size, frames / Self.fewest))
        size = max(size, (frames + Self.most - 1) / Self.most)
        let count = max(1, frames / size)
        members = (0..<count).map { $0 * frames / count..<($0 + 1) * frames / count }
    }

    var isTrivial: Bool { members.count == frames }

    /// A displacement against the first for each frame from those of the groups' middles, straight between them and beyond the outer ones.
    func frames(from groups: [PixelShift]) -> [PixelShift] {
        guard !isTrivial, groups.count > 1 else { return groups }
        let middles = members.map { Double($0.lowerBound + $0.upperBound - 1) / 2 }
        var at = 0
        let path = (0..<frames).map { frame in
            while at + 2 < middles.count && Double(frame) > middles[at + 1] { at += 1 }
            let part = (Double(frame) - middles[at]) / (middles[at + 1] - middles[at])
            let step = groups[at + 1] - groups[at]
            return groups[at] + PixelShift(x: step.x * part, y: step.y * part)
        }
        return path.map { $0 - path[0] }
    }
}
