import RunModel
import Testing

@Suite struct BeamWatchTests {
    private static func reading(_ mean: Double, _ deviation: Double = 9) -> CameraReading {
        CameraReading(mean: mean, deviation: deviation, minimum: 0, maximum: 2 * mean)
    }
    /// 40 e/Å² on 1.5 Å: 90 electrons a pixel, so dark is below 4.5.
    private func suspicions(_ means: [Double]) -> [BeamWatch.Suspicion?] {
        var watch = BeamWatch()
        return means.enumerated().map { watch.note(Self.reading($1, Double($0)), dose: 40, pixelSize: 1.5) }
    }

    @Test func `images of ice are believed, however different`() {
        #expect(suspicions([70, 85, 20, 4.6, 4.5, 90, 300]).allSatisfy { $0 == nil })
    }

    @Test func `two dark exposures in a row are doubted, one is not`() {
        #expect(suspicions([80, 1, 80, 1, 80]).allSatisfy { $0 == nil })
        #expect(suspicions([80, 4.4, 2]) == [nil, nil, .dark(mean: 4.4, expected: 90)])
    }

    @Test func `after a doubt the watch begins anew`() {
        let found = suspicions([1, 1, 1, 1, 1])
        #expect(found.map { $0 != nil } == [false, true, false, true, false])
    }

    @Test func `counts that repeat to the last digit are one image`() {
        var watch = BeamWatch()
        let (first, near) = (Self.reading(70), Self.reading(70.000_001))
        #expect(watch.note(first, dose: 40, pixelSize: 1.5) == nil)
        #expect(watch.note(near, dose: 40, pixelSize: 1.5) == nil)
        #expect(watch.note(near, dose: 40, pixelSize: 1.5) == .repeated(near))
        #expect(watch.note(near, dose: 40, pixelSize: 1.5) == nil)
    }

    @Test func `a place where nothing is seen is the second sign after a dark exposure, and none by itself`() {
        var watch = BeamWatch()
        #expect(watch.noteUnseen() == nil)
        #expect(watch.note(Self.reading(1), dose: 40, pixelSize: 1.5) == nil)
        #expect(watch.noteUnseen() == .dark(mean: 1, expected: 90))
        #expect(watch.noteUnseen() == nil)
    }

    @Test func `it is worded for whoever stands before the microscope`() {
        let dark = BeamWatch.Suspicion.dark(mean: 0.04, expected: 90)
        #expect(dark.sentence == "The images are dark.")
        #expect(dark.detail.hasPrefix("A pixel of the last exposures counts 0.0 electrons, the beam would give 90.0."))
        #expect(BeamWatch.Suspicion.repeated(Self.reading(70.26)).detail.contains("70.3 electrons per pixel"))
    }
}
