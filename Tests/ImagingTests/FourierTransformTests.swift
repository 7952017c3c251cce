import Foundation
import Testing

@testable import Imaging

@Suite struct FourierTransformTests {
    @Test(arguments: [(64, 64), (48, 30), (33, 20), (20, 33), (17, 15), (1, 8)])
    func `a transform and back gives the image again`(width: Int, height: Int) {
        let image = Fixtures.noise(width: width, height: height)
        let again = FourierTransform.inverse(FourierTransform.forward(image))
        let worst = zip(image.pixels, again.pixels).map { abs($0 - $1) }.max()!
        #expect(worst < 1e-5)
    }

    @Test func `a value agrees with the sum written out`() {
        let image = Fixtures.noise(width: 12, height: 10)
        let spectrum = FourierTransform.forward(image)
        let (kx, ky) = (3, 7)
        var (re, im) = (0.0, 0.0)
        for y in 0..<10 {
            for x in 0..<12 {
                let phase = -2 * Double.pi * (Double(kx * x) / 12 + Double(ky * y) / 10)
                re += Double(image[x, y]) * cos(phase)
                im += Double(image[x, y]) * sin(phase)
            }
        }
        let at = (ky * spectrum.columns + kx) * 2
        #expect(abs(Double(spectrum.values[at]) - re) < 1e-4)
        #expect(abs(Double(spectrum.values[at + 1]) - im) < 1e-4)
    }

    @Test func `cropping in Fourier space keeps a slow wave and drops a fast one`() {
        var image = Image(width: 128, height: 96)
        for y in 0..<96 {
            for x in 0..<128 {
                let slow = cos(2 * Double.pi * (3 * Double(x) / 128 + 2 * Double(y) / 96))
                image[x, y] = Float(10 + slow + cos(2 * Double.pi * 50 * Double(x) / 128))
            }
        }
        let small = image.fourierCropped(width: 32, height: 24)
        var worst = 0.0
        for y in 0..<24 {
            for x in 0..<32 {
                let expected = 10 + cos(2 * Double.pi * (3 * Double(x) / 32 + 2 * Double(y) / 24))
                worst = max(worst, abs(Double(small[x, y]) - expected))
            }
        }
        #expect(worst < 1e-4)
    }
}
