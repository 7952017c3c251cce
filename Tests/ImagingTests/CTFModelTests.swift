import Testing

@testable import Imaging

@Suite struct CTFModelTests {
    @Test(arguments: [(300.0, 0.019687), (200.0, 0.025079), (120.0, 0.033492), (100.0, 0.037014)])
    func `the wavelength is the tabled one`(kilovolts: Double, expected: Double) {
        #expect(abs(CTFModel.wavelength(kilovolts: kilovolts) - expected) < 2e-6)
    }

    // 300 kV, Cs 2.7 mm, w 0.07, 15,000 Å, g = 0.1: π·0.019687·0.01·(15000 − ½·0.019687²·0.01·2.7e7) = 9.244905,
    // asin 0.07 = 0.070057, −sin 9.314962 = −0.109595, worked out with a desk calculator.
    @Test func `a value agrees with the formula worked out by hand`() {
        let model = CTFModel(defocusU: 15_000, defocusV: 15_000)
        #expect(abs(model.value(frequency: 0.1, direction: 0.4) - -0.109595) < 5e-6)
    }

    @Test func `at frequency zero only amplitude contrast is left`() {
        let model = CTFModel(defocusU: 9_000, defocusV: 8_000, amplitudeContrast: 0.1)
        #expect(abs(model.value(gx: 0, gy: 0) + 0.1) < 1e-12)
    }

    @Test func `defocus U lies along the angle and V across`() {
        let model = CTFModel(defocusU: 12_000, defocusV: 10_000, angle: 0.3)
        #expect(abs(model.defocus(atAngle: 0.3) - 12_000) < 1e-6)
        #expect(abs(model.defocus(atAngle: 0.3 + .pi / 2) - 10_000) < 1e-6)
        #expect(abs(model.defocus(atAngle: 0.3 + .pi / 4) - 11_000) < 1e-6)
    }

    @Test func `an image's transfer is applied along its own axes`() {
        let model = CTFModel(defocusU: 12_000, defocusV: 10_000, angle: 0.3)
        var spectrum = Spectrum(width: 64, height: 64)
        for i in spectrum.values.indices { spectrum.values[i] = 1 }
        model.apply(to: &spectrum, pixelSize: 2)
        let at = (60 * spectrum.columns + 7) * 2
        #expect(abs(Double(spectrum.values[at]) - model.value(gx: 7.0 / 128, gy: -4.0 / 128)) < 1e-5)
    }
}
