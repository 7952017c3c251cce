import Imaging
import ImagingSamples

/// Stills of 4096 x 4096 pixels at a weak and a strong defocus.
struct CTFBench {
    let times: Int

    func run() throws {
        for defocus in [12_000.0, 30_000] {
            let optics = StillOptics(pixelSize: 1, largest: defocus + 200, least: defocus - 200, degrees: 30)
            let still = StillSample(optics: optics, width: 4096, signal: 1.5, seed: 3)
            let image = still.render()
            var settings = CTFSettings(pixelSize: 1)
            settings.amplitudeContrast = optics.amplitudeContrast
            var timed = Timed()
            var found: CTFResult?
            for _ in 0..<times { found = timed.measure { CTFEstimate.measure(image, settings: settings).result } }
            let name = "CTF of 4096 x 4096 pixels at \(Int(defocus)) Å"
            Report.line(name, timed.median, "s", promised: 0.7)
            if let found { Report.line("\(name), mean defocus off by", abs(found.meanDefocus - defocus), "Å") }
        }
    }
}
