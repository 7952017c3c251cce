import Imaging
import RunModel
import Simulator

/// Pieces of a montage: how many, how large and how far apart.
struct MontagePlan: Sendable {
    var columns = 3
    var rows = 3
    /// Binned pixels; nil for the whole chip with a tenth of it as overlap.
    var size: (width: Int, height: Int)?
    var overlap: (x: Int, y: Int)?
    var binning: Int?
    /// µm; nil for where the stage stands when the montage begins.
    var centre: SpecimenPoint?

    static let most = 50
    static let part = 0.1

    /// The plan for a chip of this size.
    func layout(width: Int, height: Int) -> MontageLayout {
        // A plan from another binning may ask for more than there is.
        let size = (width: min(size?.width ?? width, width), height: min(size?.height ?? height, height))
        let usual = (x: Int((Double(size.width) * Self.part).rounded()), y: Int((Double(size.height) * Self.part).rounded()))
        return MontageLayout(
            columns: columns, rows: rows, width: size.width, height: size.height,
            overlapX: min(overlap?.x ?? usual.x, size.width / 2), overlapY: min(overlap?.y ?? usual.y, size.height / 2))
    }
}

struct MontageLayout: Sendable {
    struct Piece: Sendable {
        /// Of its lower left pixel in the montage.
        let x: Int
        let y: Int
    }

    let columns: Int
    let rows: Int
    let width: Int
    let height: Int
    let overlapX: Int
    let overlapY: Int

    var wholeWidth: Int { width + (columns - 1) * (width - overlapX) }
    var wholeHeight: Int { height + (rows - 1) * (height - overlapY) }

    /// Column by column, up and down again, as SerialEM goes.
    var pieces: [Piece] {
        (0..<columns).flatMap { column in
            (0..<rows).map { step in
                let row = column % 2 == 0 ? step : rows - 1 - step
                return Piece(x: column * (width - overlapX), y: row * (height - overlapY))
            }
        }
    }

    /// From the middle of the montage to the middle of a piece, pixels.
    func offset(of piece: Piece) -> SpecimenPoint {
        SpecimenPoint(
            x: Double(piece.x) + Double(width - wholeWidth) / 2, y: Double(piece.y) + Double(height - wholeHeight) / 2)
    }
}
