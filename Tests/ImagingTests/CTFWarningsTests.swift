import ImagingSamples
import RunModel
import Testing

@testable import Imaging

@Suite struct CTFWarningsTests {
    private static func result(u: Double, v: Double, resolution: Double = 4, aliasedBelow: Double = 3) -> CTFOutcome {
        .fit(
            CTFResult(
                defocusU: u, defocusV: v, angle: 0, fitResolution: resolution, score: 0.2,
                profile: CTFProfile(frequency: [], measured: [], fitted: [], agreement: []), aliasedBelow: aliasedBelow))
    }

    private static func warnings(_ outcome: CTFOutcome, iceRing: Double? = nil) -> [ImageWarning] {
        CTFEstimate.warnings(of: outcome, iceRing: iceRing, settings: CTFSettings(pixelSize: 1))
    }

    @Test func `a good fit has no warning`() {
        #expect(Self.warnings(Self.result(u: 12_200, v: 12_000), iceRing: 1.02).isEmpty)
    }

    @Test func `each thing to know has its warning`() {
        #expect(Self.warnings(Self.result(u: 13_100, v: 12_000)) == [.astigmatism])
        #expect(Self.warnings(Self.result(u: 3_200, v: 3_000)) == [.searchLimit])
        #expect(Self.warnings(Self.result(u: 40_000, v: 40_000, resolution: 6, aliasedBelow: 6)) == [.aliasing])
        #expect(Self.warnings(Self.result(u: 12_000, v: 12_000), iceRing: 1.6) == [.iceRing])
    }

    @Test func `the ice ring is told without a fit too`() {
        #expect(Self.warnings(.noFit(reason: ""), iceRing: 1.6) == [.iceRing])
    }

    @Test(arguments: [0.7, 1.0, 1.3])
    func `crystalline ice and the broad ring show, other things do not`(pixelSize: Double) throws {
        for (kind, warns) in [
            (RinglessSample.Kind.powder, true), (.glass, true), (.emptyBeam, false), (.grain, false), (.crystal, false),
        ] {
            let image = RinglessSample(kind, size: 640, pixelSize: pixelSize, seed: 8).render()
            let ratio = try #require(IceRing.ratio(of: PowerSpectrum(of: image, pixelSize: pixelSize)))
            #expect((ratio >= IceRing.warns) == warns, "\(kind) \(ratio)")
        }
    }

    @Test(arguments: [5_000.0, 9_000, 24_000])
    func `Thon rings are not taken for ice`(defocus: Double) throws {
        let optics = StillOptics(pixelSize: 1, largest: defocus, least: defocus)
        let image = StillSample(optics: optics, width: 1024, signal: 8, seed: 2).render()
        #expect(abs(try #require(IceRing.ratio(of: PowerSpectrum(of: image, pixelSize: 1))) - 1) < 0.15)
    }

    @Test func `pixels too coarse for ice tell nothing of it`() {
        #expect(IceRing.ratio(of: PowerSpectrum(of: Fixtures.noise(width: 512, height: 512), pixelSize: 1.7)) == nil)
        #expect(IceRing.ratio(of: PowerSpectrum(of: Image(width: 512, height: 512), pixelSize: 1)) == nil)
    }

    @Test(arguments: [18_060.0, 21_000, 24_000], [UInt64(2), 3])
    func `a defocus beyond the searched range is not passed off as one within`(defocus: Double, seed: UInt64) throws {
        let optics = StillOptics(pixelSize: 1.5, largest: defocus, least: defocus)
        let image = StillSample(optics: optics, width: 1024, signal: 8, seed: seed).render()
        var settings = CTFSettings(optics)
        let whole = try #require(CTFEstimate.measure(image, settings: settings).result)
        #expect(abs(whole.meanDefocus - defocus) < 60)
        settings.defocus = 5_000...18_000
        switch CTFEstimate.measure(image, settings: settings) {
        case .noFit(let reason): #expect(!reason.isEmpty)
        case .fit(let result): Issue.record("\(result.meanDefocus) Å was claimed, with \(result.score)")
        }
    }

    @Test func `a defocus at the end of the searched range is found, with a warning`() throws {
        let optics = StillOptics(pixelSize: 1.5, largest: 17_950, least: 17_950)
        var settings = CTFSettings(optics)
        settings.defocus = 5_000...18_000
        let image = StillSample(optics: optics, width: 1024, signal: 8, seed: 2).render()
        let outcome = CTFEstimate.measure(image, settings: settings)
        #expect(abs(try #require(outcome.result).meanDefocus - 17_950) < 60)
        #expect(CTFEstimate.warnings(of: outcome, iceRing: nil, settings: settings).contains(.searchLimit))
    }

    @Test func `a picture may show the fit beside the rings`() {
        let spectrum = PowerSpectrum(of: Fixtures.noise(width: 256, height: 256), pixelSize: 2, size: 256)
        let model = CTFModel(defocusU: 10_000, defocusV: 10_000)
        let (plain, halves) = (spectrum.picture(size: 128), spectrum.picture(size: 128, model: model))
        let row = { (picture: Picture, columns: Range<Int>) in columns.map { picture.bytes[20 * 128 + $0] } }
        #expect(row(plain, 64..<128) == row(halves, 64..<128))
        #expect(row(plain, 0..<64) != row(halves, 0..<64))
    }
}
