import Imaging
import Microscope
import Simulator

/// An image in one of SerialEM's buffers.
struct ImageBuffer: Sendable {
    /// A piece of a montage whose overview this is.
    struct Piece: Sendable {
        /// The lower left corner in unbinned pixels of the montage.
        let x: Int
        let y: Int
        let number: Int
    }

    /// Row 0 at the bottom.
    var image: Image
    var pixel: SerialEMPixel
    var details: ImageDetails
    /// A picture in colours, as it was put here; `image` holds its greys.
    var colours: SerialEMImage?
    /// Pixels of the image by which its content must go, right and up, to lie on what it was aligned to.
    var alignment = SpecimenPoint.zero
    var pieces: [Piece] = []
    /// Unbinned pieces to pixels of the overview.
    var zoom = 1
    var pieceSize = (width: 0, height: 0)
    /// Where it was saved or read from.
    var saved: SavedImage?
    /// Of the Navigator's map that it is; 0 for none.
    var mapID = 0

    /// How a file holds its pixels: bytes go as whole numbers, which every reader takes for what they are.
    var fileMode: MRCMode {
        switch pixel {
        case .uint8, .rgb, .int16: .int16
        case .uint16: .uint16
        case .float32: .float32
        }
    }
}

struct SavedImage: Hashable, Sendable {
    let file: WindowsPath
    let section: Int
    var isMontage = false
}

/// The buffers A to T. New images come to A, and what was in A to E goes on by one.
struct ImageBuffers: Sendable {
    static let count = 20
    /// As SerialEM comes; scripts may set another number.
    static let rolling = 6
    var rolling = Self.rolling
    private var buffers: [ImageBuffer?] = Array(repeating: nil, count: count)

    subscript(index: Int) -> ImageBuffer? {
        get { buffers.indices.contains(index) ? buffers[index] : nil }
        set { if buffers.indices.contains(index) { buffers[index] = newValue } }
    }

    mutating func roll(in new: ImageBuffer) {
        for index in (1..<rolling).reversed() { buffers[index] = buffers[index - 1] }
        buffers[0] = new
    }

    /// The place of a buffer from its letter; nil for anything else.
    static func index(_ text: String) -> Int? {
        guard text.utf8.count == 1, let letter = text.uppercased().utf8.first else { return nil }
        let index = Int(letter) - Int(UInt8(ascii: "A"))
        return (0..<count).contains(index) ? index : nil
    }
}

extension SimulatedSerialEM {
    /// The buffer that an argument names, which must be there; A where it was left out.
    func buffer(_ call: SerialEMCall, _ index: Int) throws(SerialEMProblem) -> ImageBuffer {
        let place = try bufferIndex(call, index)
        guard let buffer = read(\.buffers)[place] else {
            throw .sentence("There is no image in buffer \(call.has(index) ? call.text(index) : "A"), in line:")
        }
        return buffer
    }

    func bufferIndex(_ call: SerialEMCall, _ index: Int) throws(SerialEMProblem) -> Int {
        guard call.has(index) else { return 0 }
        guard let place = ImageBuffers.index(call.text(index)) else {
            throw .sentence("Improper buffer letter \(call.text(index).prefix(40).uppercased()) in statement:")
        }
        return place
    }
}
