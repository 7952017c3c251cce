import Testing

@testable import Imaging

@Suite struct DegenerateImagesTests {
    @Test(arguments: [(1, 1), (2, 3), (9, 8), (64, 15), (300, 40)])
    func `tiny and narrow images go through everything`(width: Int, height: Int) throws {
        for image in [Image(width: width, height: height), Fixtures.noise(width: width, height: height, mean: 3)] {
            #expect(CTFEstimate.measure(image, settings: CTFSettings(pixelSize: 1.5)).result == nil)
            #expect(SquareFinder.findSquares(in: image).allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.size.isFinite })
            #expect(HoleFinder.findHoles(in: image).allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.size.isFinite })
            #expect(HoleFinder.findHoles(in: image, pixelSize: 100, holeDiameter: 0.1).allSatisfy { $0.mean.isFinite })
            #expect(Thumbnail.make(image, size: 16).width <= 16)
            let offset = try Correlation.offset(of: image, against: image)
            #expect(abs(offset.shift.x) < 1 && abs(offset.shift.y) < 1)
            guard image.statistics.maximum > image.statistics.minimum else {
                #expect(throws: ImagingError.self) { try FrameAlignment.align(FrameList([image, image])) }
                continue
            }
            let aligned = try FrameAlignment.align(FrameList([image, image]))
            #expect(aligned.shifts.allSatisfy { $0.length.isFinite })
        }
    }

    @Test func `numbers that cannot be pixels are read as nothing`() throws {
        let path = Fixtures.temporaryPath("damaged.mrc")
        try MRCFile.write(Image(width: 4, height: 1, pixels: [1, .nan, .infinity, -1e30]), to: path)
        #expect(try MRCFile.image(path: path).pixels == [1, 0, 0, 0])
    }
}
