import Foundation
import Testing

@testable import Imaging

@Suite struct CTFEstimateTests {
    @Test(arguments: [(12_000.0, 11_600.0, 25.0), (21_000, 20_200, -60), (8_000, 8_000, 0), (32_000, 30_800, 80)])
    func `defocus and astigmatism of a drawn film are found`(u: Double, v: Double, degrees: Double) throws {
        let image = Self.film(u: u, v: v, degrees: degrees)
        let outcome = CTFEstimate.measure(image, settings: CTFSettings(pixelSize: 1.6))
        let result = try #require(outcome.result)
        #expect(abs(result.meanDefocus - (u + v) / 2) < 60)
        let (found, truth) = (Self.vector(result), Self.vector(u - v, degrees))
        #expect(hypot(found.0 - truth.0, found.1 - truth.1) < 120)
        #expect(result.fitResolution < 8)
        #expect(result.defocusU >= result.defocusV)
    }

    @Test func `carbon film agrees with what another program reads`() throws {
        let image = try MRCFile.image(path: Fixtures.resource("carbon_rings_256.mrc"))
        var settings = CTFSettings(pixelSize: 1.63, voltage: 120, cs: 2)
        settings.finest = 5
        let result = try #require(CTFEstimate.measure(image, settings: settings).result)
        #expect(abs(result.meanDefocus - 3648.5) < 60)
        #expect((4.5...6.5).contains(result.fitResolution))
    }

    @Test(arguments: [(128, UInt64(1)), (128, 2), (256, 3), (256, 4), (512, 5), (512, 6)])
    func `noise has no fit and a reason`(side: Int, seed: UInt64) {
        let outcome = CTFEstimate.measure(
            Fixtures.noise(width: side, height: side, seed: seed), settings: CTFSettings(pixelSize: 1.6))
        guard case .noFit(let reason) = outcome else {
            Issue.record("noise was fitted")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test func `pixels too coarse for rings are refused`() {
        let outcome = CTFEstimate.measure(Fixtures.noise(width: 128, height: 128), settings: CTFSettings(pixelSize: 12))
        #expect(outcome == .noFit(reason: "The pixels are too coarse to show Thon rings."))
    }

    @Test func `an even image has no fit`() {
        let outcome = CTFEstimate.measure(Image(width: 256, height: 256, filledWith: 3), settings: CTFSettings(pixelSize: 1.6))
        #expect(outcome.result == nil)
    }

    @Test func `the profile's curves are of one length and the agreement falls off`() throws {
        let image = Self.film(u: 15_000, v: 15_000, degrees: 0)
        let profile = try #require(CTFEstimate.measure(image, settings: CTFSettings(pixelSize: 1.6)).result).profile
        #expect(Set([profile.frequency.count, profile.measured.count, profile.fitted.count, profile.agreement.count]).count == 1)
        #expect(profile.agreement[20] > 0.7)
        #expect(profile.fitted.allSatisfy { (0...1).contains($0) })
    }

    private static func vector(_ result: CTFResult) -> (Double, Double) { vector(result.astigmatism, result.angle) }

    private static func vector(_ astigmatism: Double, _ degrees: Double) -> (Double, Double) {
        (astigmatism * cos(degrees * .pi / 90), astigmatism * sin(degrees * .pi / 90))
    }

    /// White noise seen through 300 kV, 2.7 mm, 7 % amplitude contrast, by the formula of Rohou and Grigorieff (2015)
    /// written out here, with an envelope of 60 Å² and detector noise.
    private static func film(u: Double, v: Double, degrees: Double, side: Int = 640, pixelSize: Double = 1.6) -> Image {
        let lambda = 0.019687
        let cs = 2.7e7
        var spectrum = FourierTransform.forward(Fixtures.noise(width: side, height: side, seed: UInt64(u)))
        for row in 0..<side {
            for column in 0..<spectrum.columns {
                let gx = Double(column) / Double(side) / pixelSize
                let gy = Double(row <= side / 2 ? row : row - side) / Double(side) / pixelSize
                let square = gx * gx + gy * gy
                let direction = atan2(gy, gx) - degrees * .pi / 180
                let defocus = u * cos(direction) * cos(direction) + v * sin(direction) * sin(direction)
                let wave = Double.pi * lambda * square * defocus - Double.pi / 2 * cs * lambda * lambda * lambda * square * square
                let transfer = -((1 - 0.07 * 0.07).squareRoot() * sin(wave) + 0.07 * cos(wave))
                let factor = Float(transfer * exp(-60 * square / 4))
                spectrum.values[(row * spectrum.columns + column) * 2] *= factor
                spectrum.values[(row * spectrum.columns + column) * 2 + 1] *= factor
            }
        }
        let noise = Fixtures.noise(width: side, height: side, seed: UInt64(v) + 99)
        return FourierTransform.inverse(spectrum).combined(with: noise) { $0 + 0.7 * $1 }
    }
}
