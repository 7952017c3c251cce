import Imaging
import RunModel
import Simulator

/// Squares that a finder sees on a map, against those of the specimen.
struct SquareTruth {
    private let items: [FoundItem]

    init(_ path: String) throws {
        items = SquareFinder.findSquares(in: try MRCFile.image(path: path))
    }

    /// How far each seen square lies from the nearest true one.
    func match(_ map: MapImage, _ specimen: SimulatedSpecimen) -> [Length] {
        items.filter { $0.class == .good }.compactMap { item in
            let place = map.stage(at: PixelPoint(x: item.x, y: item.y))
            return specimen.nearestSquare(to: place)?.position.distance(to: place)
        }
    }
}

enum MovieFile {
    static func frames(_ path: String) throws -> Int { try Imaging.MovieFile.open(path: path).rawFrameCount }
}
