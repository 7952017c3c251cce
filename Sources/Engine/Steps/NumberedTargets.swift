import Processing
import RunModel

extension Target {
    /// Numbers what a finder found and gives it its place on the stage.
    static func numbered(_ found: [FoundTarget], on map: MapImage, id: (Int) -> TargetID) -> [Target] {
        found.enumerated().map { index, item in
            Target(
                id: id(index + 1), point: item.point, size: item.size, stage: map.stage(at: item.point),
                targetClass: item.targetClass, brightness: item.brightness, thickness: item.thickness)
        }
    }

    /// Holes in the order that moves the stage least: good ones group by group, each group's centre first; the others after them.
    /// `distance`: how far image shift may go; at 0 or less holes are not grouped.
    static func grouped(_ found: [FoundTarget], on map: MapImage, within distance: Length, id: (Int) -> TargetID) -> [Target] {
        let good = found.filter { $0.targetClass == .good }
        let groups = ExposureGroups.plan(good.map { map.stage(at: $0.point) }, within: max(distance, .zero))
        let order = groups.flatMap(\.members).map { good[$0] }
        var targets = numbered(order + found.filter { $0.targetClass != .good }, on: map, id: id)
        guard distance > .zero else { return targets }
        var first = 0
        for group in groups {
            for index in first..<first + group.members.count { targets[index].groupCentre = targets[first].id }
            first += group.members.count
        }
        return targets
    }
}
