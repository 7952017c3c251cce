import Blocking
import Imaging
import RunModel

/// The map of the whole grid, from the montage file that SerialEM writes.
extension SerialEMMicroscope {
    public func acquireAtlas(tiles: Int, into file: String) async throws(MicroscopeError) -> MapImage {
        guard (1...15).contains(tiles) else { throw .refused("an atlas has 1 to 15 pieces along a side") }
        try await openNavigator()
        try await checkBeam()
        let path = try await montagePath(file)
        // SerialEM lays the pieces around where the stage stands.
        try await setImageShift(.zero)
        try await moveStage(to: StagePosition(x: .zero, y: .zero))
        try await makeThere(PathMap.folder(of: path))
        // A map that was begun and not finished is taken again under its name.
        try await call(.allowFileOverwrite, .integer(1))
        try await call(.openNewMontage, .integer(tiles), .integer(tiles), .text(path))
        let turn = try await takePieces(tiles * tiles)
        let here = try await pathHere(path)
        return try await keep(try await join(here, turn: turn), file, at: now())
    }

    /// Returns how the pixels of the last piece lie on the stage, and leaves no file open.
    private func takePieces(_ count: Int) async throws(MicroscopeError) -> Affine {
        do throws(MicroscopeError) {
            // 1: by the stage, which reaches the whole grid.
            try await call(.setMontageParams, .integer(1))
            try await call(.montage, taking: Self.secondsBefore + Double(count) * Self.secondsPerPiece)
            let height = try await call(.imageProperties, .text("A")).count(1)
            let turn = try await placeOnStage(.a, height: height)
            try await call(.closeFile)
            return turn
        } catch {
            // What hindered the pieces is told; a file that cannot be closed either is closed with the next one.
            if error.isRefusal { _ = try? await call(.closeFile) }
            throw error
        }
    }

    /// The stage moves and settles, and the camera exposes and writes.
    private static let secondsPerPiece = 20.0
    private static let secondsBefore = 30.0

    /// In the session's own folder where both computers reach it, else where the camera's frames go.
    private func montagePath(_ file: String) async throws(MicroscopeError) -> String {
        let name = file.split(separator: "/").suffix(4).joined(separator: "_")
        if settings.paths.there(file) == nil, let folder = try await framesFolder() { return PathMap.join(folder.there, name) }
        let last = file.split(separator: "/").last.map(String.init) ?? file
        let pieces = last.hasSuffix(".mrc") ? last.dropLast(4) + "_pieces.mrc" : last + "_pieces"
        return PathMap.join(try folderThere(of: file), pieces)
    }

    private static let arrivalLooks = 40

    /// A shared folder may show a file late, or half of it.
    private func join(_ path: String, turn: Affine) async throws(MicroscopeError) -> StagePicture {
        var looks = 0
        while true {
            let outcome = try await withFile(path, size: .large) {
                Result { () throws(MicroscopeError) in try MontageFile(path).picture(turn: turn) }
            }
            looks += 1
            do throws(MicroscopeError) { return try outcome.get() } catch {
                guard case .fileNotWritten = error, looks < Self.arrivalLooks else { throw error }
            }
            try await rest(0.5)
        }
    }
}

/// A stack of montage pieces with its autodoc.
struct MontageFile {
    private let path: String
    private let movie: MRCFile
    private let doc: MDoc
    /// Longest side of the joined map, pixels: larger pieces are drawn smaller.
    private static let longestSide = 8192

    init(_ path: String) throws(MicroscopeError) {
        self.path = path
        do throws(ImagingError) { movie = try MRCFile(path: path) } catch {
            throw .fileNotWritten(path: path, reason: error.sentence)
        }
        // What lies beyond the most that an autodoc may have is left out.
        let text = try? Files.opened(path + ".mdoc", .readOnly, .nonBlocking) { try Files.read($0, at: 0, count: MDoc.mostBytes) }
        guard let text else {
            throw .fileNotWritten(
                path: path + ".mdoc", reason: "it is not there, and without it nobody knows where the pieces belong")
        }
        doc = MDoc(String(decoding: text, as: UTF8.self))
    }

    private struct Piece {
        let section: Int
        let x: Int
        let y: Int
        let stage: (x: Double, y: Double)
    }

    /// `turn`: how the pixels of one piece lie on the stage, where the pieces' places cannot tell.
    func picture(turn: Affine) throws(MicroscopeError) -> StagePicture {
        let pieces = doc.sections.filter { $0.kind == "ZValue" }.compactMap(piece)
        guard pieces.count == movie.frameCount, !pieces.isEmpty else {
            throw .fileNotWritten(path: path, reason: "it holds \(movie.frameCount) pieces, and its autodoc \(pieces.count)")
        }
        let binning = binning(pieces)
        var tiles: [Montage.Tile] = []
        do throws(ImagingError) {
            for piece in pieces {
                let image = try movie.frame(piece.section).binned(by: binning)
                tiles.append(Montage.Tile(image: image, x: piece.x / binning, y: piece.y / binning))
            }
        } catch {
            throw .fileNotWritten(path: path, reason: error.sentence)
        }
        // The stage went near each place; overlaps tell how near.
        guard let montage = Montage.stitched(tiles), let map = map(pieces, turn, binning, montage),
            let picture = StagePicture(montage.image, toStage: map)
        else { throw SerialEMMicroscope.nowhere }
        return picture
    }

    private func piece(_ section: MDoc.Section) -> Piece? {
        let (corner, stage) = (section.numbers("PieceCoordinates"), section.numbers("StagePosition"))
        guard let number = Int(section.name), (0..<movie.frameCount).contains(number), corner.count >= 2, stage.count >= 2,
            corner.allSatisfy({ abs($0) < 1e7 })
        else { return nil }
        return Piece(section: number, x: Int(corner[0]), y: Int(corner[1]), stage: (stage[0], stage[1]))
    }

    private func binning(_ pieces: [Piece]) -> Int {
        let width = (pieces.map(\.x).max() ?? 0) - (pieces.map(\.x).min() ?? 0) + movie.width
        let height = (pieces.map(\.y).max() ?? 0) - (pieces.map(\.y).min() ?? 0) + movie.height
        return max(1, (max(width, height) + Self.longestSide - 1) / Self.longestSide)
    }

    /// From pixels of the joined map to the stage: by the middles of the pieces, which the stage went to.
    private func map(_ pieces: [Piece], _ turn: Affine, _ binning: Int, _ montage: Montage) -> Affine? {
        let scale = Double(binning)
        let middle = (x: Double(movie.width / binning - 1) / 2, y: Double(movie.height / binning - 1) / 2)
        let pairs = zip(pieces, montage.places).map { piece, place in
            let corner = (x: place.x - Double(montage.originX), y: place.y - Double(montage.originY))
            return (from: (x: corner.x + middle.x, y: corner.y + middle.y), to: piece.stage)
        }
        if let map = Affine.fitting(pairs) { return map }
        guard let first = pairs.first else { return nil }
        let linear = Affine(xx: turn.xx * scale, xy: turn.xy * scale, yx: turn.yx * scale, yy: turn.yy * scale)
        let offset = linear.turning(first.from.x, first.from.y)
        return Affine(
            xx: linear.xx, xy: linear.xy, yx: linear.yx, yy: linear.yy, dx: first.to.x - offset.x, dy: first.to.y - offset.y)
    }
}
