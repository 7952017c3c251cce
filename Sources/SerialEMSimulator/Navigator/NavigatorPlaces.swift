import Imaging
import Microscope
import Simulator

/// Points and outlines: put into the table from the stage or from images, and told in an image's pixels.
extension SimulatedSerialEM {
    static let navigatorPlaceRows: [ScriptCommand] = [
        .init("AddStagePosAsNavPoint", "DDDii", addStagePos), .init("AddImagePosAsNavPoint", "SDDdii", addImagePos),
        .init("AddStagePointsAsPolygon", "SSDi", addStagePolygon), .init("AddImagePointsAsPolygon", "SSSdi", addImagePolygon),
        .init("AddCirclePolygon", "Ddd", addCircle), .init("AdjustStagePosForNav", "DDddiid", adjustStagePos),
        .init("GetItemPointArray", "ISS", getItemPoints), .init("GetNavGroupStageCoords", "ISSs", getGroupStagePlaces),
        .init("GetNavGroupImageCoords", "ISSS", getGroupImagePlaces), .init("ReportItemImageCoords", "is", reportItemImagePlace),
    ]

    private func add(
        _ kind: NavigatorItem.Kind, _ points: [NavigatorPoint], z: Double, group: Int = 0, drawnOn: Int = 0
    ) throws(SerialEMProblem) -> [SerialEMValue] {
        try changeNavigator { navigator throws(SerialEMProblem) in
            var item = NavigatorItem(kind, label: navigator.nextLabel(), points: points, z: z)
            (item.group, item.drawnOn) = (max(0, group), drawnOn)
            return [.count(try navigator.add(item))]
        }
    }

    private func addStagePos(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let point = NavigatorPoint(x: call.number(0), y: call.number(1))
        return try add(.point, [point], z: call.number(2), group: call.integer(3))
    }

    private func addImagePos(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let buffer = try buffer(call, 0)
        let point = try Self.point(call.number(1), call.number(2), places(in: buffer))
        let z = call.number(ifAny: 3).flatMap { $0 < -900 ? nil : $0 } ?? buffer.details.stage.z.micrometres
        return try add(.point, [point], z: z, group: call.integer(4), drawnOn: buffer.mapID)
    }

    private static func point(_ x: Double, _ y: Double, _ places: Affine) -> NavigatorPoint {
        let place = places(x, y)
        return NavigatorPoint(x: place.x, y: place.y)
    }

    /// The corners lie in two variables.
    private func addStagePolygon(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let points = try outline(call.text(0), call.text(1))
        return try add(.polygon, points, z: call.number(2))
    }

    private func addImagePolygon(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let buffer = try buffer(call, 0)
        let places = try places(in: buffer)
        let points = try outline(call.text(1), call.text(2)).map { Self.point($0.x, $0.y, places) }
        return try add(
            .polygon, points, z: call.number(ifAny: 3) ?? buffer.details.stage.z.micrometres, drawnOn: buffer.mapID)
    }

    private func outline(_ xs: String, _ ys: String) throws(SerialEMProblem) -> [NavigatorPoint] {
        let (xs, ys) = (try numbers(in: xs), try numbers(in: ys))
        guard xs.count == ys.count, xs.count >= 3, xs.count < NavigatorItem.mostPoints else {
            throw .sentence("The two variables do not hold the corners of an outline, in line:")
        }
        var points = zip(xs, ys).map { NavigatorPoint(x: $0, y: $1) }
        if points.first != points.last { points.append(points[0]) }
        return points
    }

    private func numbers(in variable: String) throws(SerialEMProblem) -> [Double] {
        guard let value = read(\.script.variables)[variable] else {
            throw .sentence("The variable \(variable.prefix(60)) is not defined, in line:")
        }
        let words = value.split(separator: "\n")
        let numbers = words.compactMap { Double($0) }.filter(\.isFinite)
        guard numbers.count == words.count else {
            throw .sentence("The variable \(variable.prefix(60)) does not hold numbers, in line:")
        }
        return numbers
    }

    /// Around a place, or around where the stage is.
    private func addCircle(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let radius = call.number(0)
        guard radius > 0, radius <= 5000 else { throw .sentence("Radius must be positive for line:") }
        let stage = column.change { $0.goniometer.position }
        let middle = SpecimenPoint(
            x: call.number(ifAny: 1) ?? stage.x.micrometres, y: call.number(ifAny: 2) ?? stage.y.micrometres)
        let points = (0...120).map { step in
            let corner = middle + SpecimenPoint.polar(radius, Double(step % 120) * .pi / 60)
            return NavigatorPoint(x: corner.x, y: corner.y)
        }
        return try add(.polygon, points, z: stage.z.micrometres)
    }

    /// Where the stage would be without the image shift, in its units.
    private func adjustStagePos(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try navigator()
        let step = ImageShiftUnits.specimen(SpecimenPoint(x: call.number(2), y: call.number(3)))
        return .numbers(call.number(0) + step.x, call.number(1) + step.y)
    }

    private func getItemPoints(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let points = try item(call).points
        try setVariable(call.text(1), points.map { $0.x.decimals(3) }.joined(separator: "\n"))
        try setVariable(call.text(2), points.map { $0.y.decimals(3) }.joined(separator: "\n"))
        return .nothing
    }

    private func group(_ call: SerialEMCall) throws(SerialEMProblem) -> [NavigatorItem] {
        guard call.integer(0) > 0 else { throw .sentence("Group ID must be positive in line:") }
        return try navigator().items.filter { $0.kind == .point && $0.group == call.integer(0) }
    }

    /// How many there are; their places go to variables.
    private func getGroupStagePlaces(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let items = try group(call)
        let values = [items.map(\.place.x), items.map(\.place.y), items.map(\.z)]
        if !items.isEmpty { try put(values, into: call, from: 1) }
        return [.count(items.count)]
    }

    private func getGroupImagePlaces(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let buffer = try buffer(call, 1)
        let items = try group(call)
        guard let pixels = try? places(in: buffer).inverse else { return [.count(-1)] }
        let places = items.map { pixels($0.place.x, $0.place.y) }.filter {
            (0...Double(buffer.image.width)).contains($0.x) && (0...Double(buffer.image.height)).contains($0.y)
        }
        if !places.isEmpty { try put([places.map(\.x), places.map(\.y)], into: call, from: 2) }
        return [.count(places.count)]
    }

    private func put(_ values: [[Double]], into call: SerialEMCall, from first: Int) throws(SerialEMProblem) {
        for (offset, list) in values.enumerated() where call.has(first + offset) {
            try setVariable(call.text(first + offset), list.map { $0.decimals(6) }.joined(separator: "\n"))
        }
    }

    /// Its pixel, and 1 where the image shows it, 0 where it lies outside, -1 where nobody knows.
    private func reportItemImagePlace(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        let (item, buffer) = (try item(call), try buffer(call, 1))
        guard let pixels = try? places(in: buffer).inverse else { return .numbers(0, 0, -1) }
        let place = pixels(item.place.x, item.place.y)
        let isInside =
            place.x >= 0 && place.y >= 0 && place.x < Double(buffer.image.width) && place.y < Double(buffer.image.height)
        return .numbers(place.x, place.y, isInside ? 1 : 0)
    }
}
