import Foundation
import Testing

@testable import Imaging

@Suite struct PowerSpectrumTests {
    @Test func `a wave shows at its frequency and at the opposite one`() {
        var image = Image(width: 256, height: 256)
        for y in 0..<256 {
            for x in 0..<256 { image[x, y] = Float(cos(2 * Double.pi * (20 * Double(x) + 12 * Double(y)) / 128)) }
        }
        let spectrum = PowerSpectrum(of: image, pixelSize: 2, size: 128).amplitudes
        let strongest = spectrum.pixels.indices.max { spectrum.pixels[$0] < spectrum.pixels[$1] }!
        let place = (abs(strongest % 128 - 64), abs(strongest / 128 - 64))
        #expect(place == (20, 12))
        #expect(abs(spectrum[84, 76] - spectrum[44, 52]) < 1e-3)
    }

    @Test func `fine pixels are widened before the spectrum is made`() {
        let spectrum = PowerSpectrum(of: Fixtures.noise(width: 400, height: 400), pixelSize: 0.7, size: 128)
        #expect(abs(spectrum.pixelSize - 1.4) < 0.02)
        #expect(spectrum.size == 128)
    }

    @Test func `the picture has the asked size`() {
        let picture = PowerSpectrum(of: Fixtures.noise(width: 256, height: 256), pixelSize: 2, size: 256).picture(size: 128)
        #expect(picture.width == 128 && picture.height == 128)
    }
}
