import Imaging
import Microscope
import RunModel
import Simulator

/// Maps: images that were saved, with their place.
extension SimulatedSerialEM {
    static let navigatorMapRows: [ScriptCommand] = [
        .init("NewMap", "is", newMap), .init("LoadNavMap", "s", acts: loadNavMap),
        .init("LoadOtherMap", "Is", acts: loadOtherMap),
    ]

    /// Of the overview while a montage is open, else of what is in A; either must have been saved.
    private func newMap(_ call: SerialEMCall) throws(SerialEMProblem) -> [SerialEMValue] {
        _ = try navigator()
        if call.has(0), !call.has(1) {
            throw .sentence("There must be text for the Navigator note after the number in:")
        }
        let letter = read(\.files).present?.isMontage == true ? 1 : 0
        guard let buffer = read(\.buffers)[letter] else {
            throw .sentence("There is no image in buffer \(letter == 0 ? "A" : "B"), in line:")
        }
        guard let saved = buffer.saved else {
            throw .sentence("The image was not saved in a file, so no map can be made of it, in line:")
        }
        let corners = try corners(of: buffer)
        let map = map(buffer, saved)
        let (count, id) = try changeNavigator { navigator throws(SerialEMProblem) in
            var item = NavigatorItem(
                .map, label: navigator.nextLabel(), points: corners, z: buffer.details.stage.z.micrometres)
            item.map = map
            item.note = call.has(1) ? call.text(1) : Self.note(saved)
            let count = try navigator.add(item)
            return (count, navigator.items[count - 1].id)
        }
        change { $0.buffers[letter]?.mapID = id }
        return [.count(count)]
    }

    /// As SerialEM notes where a map lies.
    private static func note(_ saved: SavedImage) -> String {
        saved.isMontage ? saved.file.name : "Sec \(saved.section) - \(saved.file.name)"
    }

    private func corners(of buffer: ImageBuffer) throws(SerialEMProblem) -> [NavigatorPoint] {
        let places = try places(in: buffer)
        let (w, h) = (Double(buffer.image.width), Double(buffer.image.height))
        return [(0, 0), (w, 0), (w, h), (0, h), (0, 0)].map { corner in
            let place = places(corner.0, corner.1)
            return NavigatorPoint(x: place.x, y: place.y)
        }
    }

    private func map(_ buffer: ImageBuffer, _ saved: SavedImage) -> NavigatorMap {
        let details = buffer.details
        var map = NavigatorMap(file: saved.file.text)
        (map.section, map.isMontage) = (saved.section, saved.isMontage)
        (map.width, map.height) = (buffer.image.width, buffer.image.height)
        map.binning = max(1, details.binning / max(1, buffer.zoom))
        map.magIndex = details.magnification?.index ?? 0
        map.set = details.set?.rawValue ?? -1
        map.isLowDose = details.isLowDose
        (map.exposure, map.spot, map.intensity) = (details.exposure, details.spot, details.intensity / 100)
        // To pixels with y down, as the file has it.
        if let matrix = try? places(in: buffer).inverse { map.matrix = [matrix.xx, matrix.xy, matrix.yx, matrix.yy] }
        return map
    }

    private func loadNavMap(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        let none = call.withoutArguments
        return try await load(try item(none), into: call.has(0) ? try bufferIndex(call, 0) : Self.bufferToReadInto)
    }

    private func loadOtherMap(_ call: SerialEMCall) async throws(SerialEMProblem) -> [SerialEMValue] {
        try await load(try item(call), into: call.has(1) ? try bufferIndex(call, 1) : Self.bufferToReadInto)
    }

    /// P, as SerialEM comes.
    private static let bufferToReadInto = 15

    private func load(_ item: NavigatorItem, into place: Int) async throws(SerialEMProblem) -> [SerialEMValue] {
        let buffer = try await image(of: item)
        change { $0.buffers[place] = buffer }
        return .nothing
    }

    /// Read again from its file, lying where the map does.
    func image(of item: NavigatorItem) async throws(SerialEMProblem) -> ImageBuffer {
        guard let map = item.map else { throw .sentence("The Navigator item is not a map for line:") }
        let path = try WindowsPath(map.file, in: read(\.files.directory))
        var buffer = map.isMontage ? try await overview(path) : try await readImage(path, map.section)
        let entry = magnifications[map.magIndex]
        buffer.details.magnification = entry
        buffer.details.set = CameraSet(rawValue: map.set)
        buffer.details.binning = map.binning * buffer.zoom
        if buffer.details.pixelSize == 0, let entry {
            buffer.details.pixelSize = entry.pixelSize * Double(buffer.details.binning)
        }
        buffer.details.exposure = map.exposure
        buffer.details.isLowDose = map.isLowDose
        let middle = StagePosition(
            x: .micrometres(item.place.x), y: .micrometres(item.place.y), z: .micrometres(item.z))
        (buffer.details.stage, buffer.details.centre) = (middle, SpecimenPoint(middle))
        buffer.mapID = item.id
        return buffer
    }

    /// The pieces of a montage, laid side by side as their autodoc tells.
    private func overview(_ path: WindowsPath) async throws(SerialEMProblem) -> ImageBuffer {
        let host = disk.host(path)
        let read = try await work { [disk] () throws(SerialEMProblem) -> (image: Image, zoom: Int, pixelSize: Double) in
            let places = MDoc(disk.text(host + ".mdoc")).sections.filter { $0.kind == "ZValue" }.map {
                $0.numbers("PieceCoordinates")
            }
            do throws(ImagingError) {
                let file = try MRCFile(path: host)
                let far = places.filter { $0.count >= 2 }.map { max($0[0], $0[1]) }.max() ?? 0
                guard places.count == file.frameCount, places.allSatisfy({ $0.count >= 2 }), (0...1e6).contains(far) else {
                    throw ImagingError.cannotRead(file: host, reason: "its pieces have no places")
                }
                let zoom = max(1, (Int(far) + max(file.header.width, file.header.height) + 2047) / 2048)
                var tiles: [Montage.Tile] = []
                for (section, place) in places.enumerated() {
                    let (x, y) = ((Int(place[0]) + zoom / 2) / zoom, (Int(place[1]) + zoom / 2) / zoom)
                    tiles.append(Montage.Tile(image: try file.frame(section).binned(by: zoom), x: x, y: y))
                }
                let first = try file.frame(0)
                let image = Montage(tiles)?.image ?? first
                return (image, zoom, (file.pixelSize ?? 0) * Double(zoom))
            } catch { throw SerialEMProblem(error) }
        }
        var buffer = ImageBuffer(image: read.image, pixel: .int16, details: ImageDetails())
        buffer.details.pixelSize = read.pixelSize
        buffer.zoom = read.zoom
        buffer.saved = SavedImage(file: path, section: 0, isMontage: true)
        return buffer
    }
}
