import Foundation
import ImagingSamples
import Testing

@testable import Imaging

/// Movies of a detector of 64 x 32 pixels of 0.8 Å.
@Suite struct StatedPixelTests {
    @Test(arguments: [
        ("PixelSpacing = 0.8", 1, 0.8), ("PixelSpacing = 0.8", 2, 0.4), ("PixelSpacing = 0.8\nBinning = 1", 2, 0.4),
        ("PixelSpacing = 1.6\nBinning = 2", 2, 0.4), ("PixelSpacing = 1.6\nBinning = 2", 1, 0.8),
        ("PixelSpacing = 0.4\nBinning = 0.5\nUncroppedSize = -128 -64", 2, 0.4),
        ("PixelSpacing = 0.4\nUncroppedSize = -128 -64", 1, 0.8),
    ])
    func `of single electrons the pixels are the detector's, or their quarters`(mdoc: String, upsampling: Int, size: Double)
        throws
    {
        let path = Fixtures.temporaryPath("movie.eer")
        try Data(EERSample(width: 64, height: 32, frames: 2, rate: 0.01, seed: 5).file).write(to: URL(fileURLWithPath: path))
        try Data(mdoc.utf8).write(to: URL(fileURLWithPath: path + ".mdoc"))
        let movie = try MovieFile.open(path: path, eer: EERSettings(upsampling: upsampling))
        #expect(Self.isNear(MovieFacts(of: movie).pixelSize, size))
    }

    @Test(arguments: [
        // Super-resolution frames, the image on the detector's pixels, on theirs, and binned.
        (128, 64, "PixelSpacing = 0.8\nBinning = 1\nUncroppedSize = -64 -32", 0.4),
        (128, 64, "PixelSpacing = 0.4\nBinning = 0.5\nUncroppedSize = -128 -64", 0.4),
        (128, 64, "PixelSpacing = 1.6\nUncroppedSize = -32 -16", 0.4),
        // Turned, and cropped afterwards.
        (64, 128, "PixelSpacing = 0.8\nBinning = 1\nUncroppedSize = 64 32", 0.4),
        // Binned by the camera, with an image as large.
        (32, 16, "PixelSpacing = 1.6\nBinning = 2\nUncroppedSize = -32 -16", 1.6),
        // Nothing to relate it to: it is taken for the frames'.
        (128, 64, "PixelSpacing = 0.4", 0.4), (128, 64, "PixelSpacing = 0.4\nUncroppedSize = -50 -50", 0.4),
    ])
    func `SerialEM's is that of its image, which the frames may divide otherwise`(
        width: Int, height: Int, mdoc: String, size: Double
    ) throws {
        #expect(Self.isNear(try Self.facts(width, height, mdoc: mdoc).pixelSize, size))
    }

    @Test(arguments: [
        (128, 64, "PixelSpacing = 0.8\nBinning = 1", 0.4), (128, 64, "PixelSpacing = 0.4\nBinning = 0.5", 0.4),
        (64, 32, "PixelSpacing = 1.6\nBinning = 2", 0.8), (32, 16, "PixelSpacing = 1.6\nBinning = 2", 1.6),
        (128, 64, "PixelSpacing = 1.6\nBinning = 2", 0.4),
    ])
    func `a camera that is known tells how large its frames' pixels are`(
        width: Int, height: Int, mdoc: String, size: Double
    ) throws {
        let facts = try Self.facts(width, height, mdoc: mdoc, detector: PixelCount(64, 32))
        #expect(Self.isNear(facts.pixelSize, size))
    }

    @Test(arguments: [(0.8, 0.4, 0.4), (0.8, 0.81, 0.8), (0.8, 1.0, 0.8), (0.8, 1.62, 1.6), (0.5, 1.0, 0.5)])
    func `a header tells how the frames divide the image, unless it holds the 1 of a program that knows none`(
        stated: Double, header: Double, size: Double
    ) throws {
        #expect(Self.isNear(try Self.facts(128, 64, mdoc: "PixelSpacing = \(stated)", header: header).pixelSize, size))
    }

    @Test(arguments: [(128, 0.4), (64, 0.8), (32, 1.6)])
    func `EPU's is that of the image that it recorded`(width: Int, size: Double) throws {
        let xml = """
            <M><microscopeData><acquisition><camera><Binning><a:x>1</a:x><a:y>1</a:y></Binning><ReadoutArea><a:height>32</a:height>
            <a:width>64</a:width></ReadoutArea></camera></acquisition></microscopeData>
            <SpatialScale><pixelSize><x><numericValue>8E-11</numericValue></x></pixelSize></SpatialScale></M>
            """
        #expect(Self.isNear(try Self.facts(width, width / 2, xml: xml).pixelSize, size))
    }

    private static func isNear(_ found: Double?, _ size: Double) -> Bool { found.map { abs($0 / size - 1) < 1e-6 } ?? false }

    private static func facts(
        _ width: Int, _ height: Int, mdoc: String? = nil, xml: String? = nil, header: Double? = nil, detector: PixelCount? = nil
    ) throws -> MovieFacts {
        let path = Fixtures.temporaryPath("movie.mrc")
        let stem = String(path.dropLast(4))
        if let mdoc { try Data(mdoc.utf8).write(to: URL(fileURLWithPath: path + ".mdoc")) }
        if let xml { try Data(xml.utf8).write(to: URL(fileURLWithPath: stem + ".xml")) }
        try MRCFile.write(Image(width: width, height: height, filledWith: 1), to: path, pixelSize: header)
        return MovieFacts(of: try MovieFile.open(path: path), detector: detector)
    }
}
