import Foundation
import Imaging
import ImagingSamples
import RunModel
import TestSupport
import Testing

@testable import Processing

@Suite struct MovieConditionsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `what the movie says is used where it is far from what was asked, with a word`() throws {
        let movie = try saved("PixelSpacing = 0.66\nVoltage = 200\nFrameDosesAndNumber = 2 4\nNumSubFrames = 5\n")
        let conditions = MovieConditions(pixelSize: 0.83, voltage: 300, dose: 40, of: movie)
        #expect(conditions.pixelSize == 0.66 && conditions.voltage == 200 && conditions.dosePerFrame == 2)
        #expect(
            conditions.remarks == [
                "SerialEM's mdoc says 0.66 Å a pixel, where 0.83 were expected; 0.66 are used.",
                "SerialEM's mdoc says 200 kV, where 300 were expected; 200 are used.",
                "SerialEM's mdoc says 8 e/Å², where 40 were expected; 8 are used.",
                "SerialEM's mdoc tells of 5 frames, the file holds 4.",
            ])
        #expect(conditions.stated?.pixelSize == 0.66 && conditions.stated?.sources == ["SerialEM's mdoc"])
        #expect(conditions.words(asNamed: true).first == "SerialEM's mdoc says 0.66 Å a pixel; 0.83 are used, as named.")
    }

    @Test(arguments: [("1e30", 5.0), ("90000", 90_000.0 / 8)])
    func `a dose that a camera wrote is used where it can be`(total: String, perFrame: Double) throws {
        var sample = EERSample(width: 64, height: 32, frames: 8, rate: 0.01, seed: 5)
        sample.metadata = "<m><item name='sensorPixelSize.width'>1e-10</item><item name='totalDose'>\(total)</item></m>"
        let path = folder.path(of: "movie.eer")
        try Data(sample.file).write(to: URL(fileURLWithPath: path))
        let conditions = MovieConditions(pixelSize: 1, voltage: 300, dose: 40, of: try MovieFile.open(path: path))
        #expect(abs(conditions.dosePerFrame - perFrame) < 1e-6)
    }

    @Test func `a number that no integer holds is told all the same`() throws {
        let conditions = MovieConditions(
            pixelSize: nil, voltage: nil, dose: 1e30, of: try saved("ExposureDose = 8\nPixelSpacing = 1\n"))
        #expect(
            conditions.remarks == ["SerialEM's mdoc says 8 e/Å², where 1e+30 were expected; 8 are used."])
    }

    @Test func `a header of exactly 1 Å says nothing against the facility's pixel size, and nothing by itself`() throws {
        let path = folder.path(of: "one.mrc")
        try MRCFile.write([Image(width: 32, height: 16, filledWith: 1)], to: path, pixelSize: 1)
        let movie = try MovieFile.open(path: path)
        let asked = MovieConditions(pixelSize: 0.83, voltage: 300, dose: 40, of: movie)
        #expect(asked.pixelSize == 0.83 && asked.remarks.isEmpty && asked.stated == nil)
        let byHand = MovieConditions(pixelSize: nil, voltage: nil, dose: nil, of: movie)
        #expect(!byHand.isMeasured)
        #expect(
            byHand.remarks == [
                "The pixel size in the file is no specimen's, or the 1 Å of programs that know none: it is not used."
            ])
    }

    @Test func `small differences say nothing, and the session's own numbers count`() throws {
        let movie = try saved("PixelSpacing = 0.84\nVoltage = 300\nExposureDose = 42\n")
        let conditions = MovieConditions(pixelSize: 0.83, voltage: 300, dose: 40, of: movie)
        #expect(conditions.pixelSize == 0.83 && conditions.dosePerFrame == 10 && conditions.remarks.isEmpty)
    }

    @Test func `a note beside the movie that cannot be read costs nothing but a word`() throws {
        let note = folder.path(of: "movie.mrc.mdoc")
        try FileManager.default.createDirectory(atPath: note, withIntermediateDirectories: true)
        let conditions = MovieConditions(pixelSize: 0.83, voltage: 300, dose: 40, of: try saved(nil))
        #expect(conditions.remarks == ["\(note) cannot be read: it is not a file. It was left aside."])
        #expect(conditions.pixelSize == 0.83 && conditions.stated == nil)
    }

    @Test func `by hand the movie's word fills in what nobody named`() throws {
        let movie = try saved("PixelSpacing = 0.84\nVoltage = 200\nExposureDose = 42\n")
        let conditions = MovieConditions(pixelSize: nil, voltage: nil, dose: nil, of: movie)
        #expect(conditions.pixelSize == 0.84 && conditions.voltage == 200 && conditions.dosePerFrame == 10.5)
        #expect(conditions.isMeasured && conditions.remarks.isEmpty)
        let silent = MovieConditions(pixelSize: nil, voltage: nil, dose: nil, of: try saved(nil, "silent.mrc"))
        #expect(!silent.isMeasured && silent.voltage == 300 && silent.dosePerFrame == 0 && silent.stated == nil)
    }

    @Test(arguments: [1, 2]) func `electrons that are read more finely than the detector's pixels have finer ones`(
        upsampling: Int
    ) throws {
        let path = folder.path(of: "movie.eer")
        try Data(EERSample(width: 64, height: 32, frames: 4, rate: 0.01, seed: 5).file).write(to: URL(fileURLWithPath: path))
        try "PixelSpacing = 0.8\nBinning = 1\n".write(toFile: path + ".mdoc", atomically: true, encoding: .utf8)
        let movie = try MovieFile.open(path: path, eer: EERSettings(upsampling: upsampling))
        let conditions = MovieConditions(Self.order(path, width: 64, height: 32, pixelSize: 0.8), movie)
        #expect(abs(conditions.pixelSize - 0.8 / Double(upsampling)) < 1e-9 && conditions.remarks.isEmpty)
    }

    @Test func `a super-resolution movie beside which the detector's pixel stands has half of it`() throws {
        let movie = try saved("PixelSpacing = 0.8\nBinning = 1\n")
        let conditions = MovieConditions(Self.order(movie.path, width: 16, height: 8, pixelSize: 0.8), movie)
        #expect(conditions.pixelSize == 0.4 && conditions.remarks.isEmpty && conditions.stated?.pixelSize == 0.4)
    }

    @Test(arguments: [
        "PixelSpacing = 1.6\nBinning = 2\n", "PixelSpacing = 0.8\nBinning = 1\nUncroppedSize = -64 -32\n", "PixelSpacing = 1.6\n",
    ])
    func `a movie that the camera binned has as much larger pixels, once`(mdoc: String) throws {
        let movie = try saved(mdoc)
        let order = Self.order(movie.path, width: 64, height: 32, pixelSize: 0.8)
        let conditions = MovieConditions(order, movie)
        #expect(conditions.pixelSize == 1.6 && conditions.remarks.isEmpty)
        try DetectorSize.check(movie, order.detector, conditions.facts)
    }

    @Test func `a movie smaller than its detector about which nothing says why is taken for binned, with a word`() throws {
        let conditions = MovieConditions(Self.order("movie.mrc", width: 64, height: 32, pixelSize: 0.8), try saved(nil))
        #expect(conditions.pixelSize == 1.6)
        #expect(
            conditions.remarks == [
                "The movie has 32 x 16 pixels, the detector 64 x 32, and nothing says why: it is taken for binned."
            ])
    }

    @Test(arguments: [
        "PixelSpacing = 0.8\nBinning = 1\n", "PixelSpacing = 0.8\nBinning = 1\nUncroppedSize = -32 -16\n",
    ])
    func `a part of the detector's area is refused by name`(mdoc: String) throws {
        let movie = try saved(mdoc)
        let order = Self.order(movie.path, width: 64, height: 32, pixelSize: 0.8)
        let facts = MovieConditions(order, movie).facts
        let problem = ImagingError.partOfDetector(file: movie.path, size: "32 x 16", detector: "D", detectorSize: "64 x 32")
        #expect(throws: problem) { try DetectorSize.check(movie, order.detector, facts) }
        #expect(problem.sentence.contains("is a part of the camera's area"))
    }

    private static func order(_ path: String, width: Int, height: Int, pixelSize: Double) -> WorkerOrder {
        var job = MovieJob(
            micrograph: "s.g1.s1.h1.m1", movie: path, sessionDirectory: "/", gridDirectory: "g", pixelSize: pixelSize,
            voltage: 300,
            cs: 2.7, dosePerFrame: 1)
        job.detector = DetectorDescription(
            id: "d", name: "D", microscope: "m", width: width, height: height, pixelSize: pixelSize)
        return WorkerOrder(job)
    }

    @Test func `a reference that the autodoc names is used where it lies beside the movie, turned as the frames were`() throws {
        let gain = Image(width: 16, height: 32, pixels: (0..<512).map { Float($0 + 1) })
        let movie = try saved("GainReference = C:\\x\\ref.mrc\nRotationAndFlip = 1\n")
        var conditions = MovieConditions(pixelSize: 1, voltage: 300, dose: nil, of: movie)
        #expect(try conditions.gain(nil, for: movie) == nil)
        #expect(
            conditions.remarks == [
                "SerialEM's mdoc names the gain reference ref.mrc, which is not beside the movie: none was used."
            ])
        try MRCFile.write(gain, to: folder.path(of: "ref.mrc"))
        let used = try conditions.gain(nil, for: movie)
        #expect(used?.width == 32 && used?.pixels.first == 497)
    }

    @Test(arguments: ["..", "sub", "/", "sub\\"]) func `a folder that is named as a gain reference is none`(value: String) throws
    {
        try FileManager.default.createDirectory(atPath: folder.path(of: "sub"), withIntermediateDirectories: true)
        let movie = try saved("GainReference = \(value)\n")
        var conditions = MovieConditions(pixelSize: 1, voltage: 300, dose: nil, of: movie)
        #expect(try conditions.gain(nil, for: movie) == nil)
    }

    @Test(arguments: 0..<16) func `a turn in RELION's numbers turns as SerialEM's does`(operation: Int) throws {
        let gain = Image(width: 4, height: 6, pixels: (0..<24).map { Float($0 + 1) })
        let path = folder.path(of: "ref.mrc")
        try MRCFile.write(gain, to: path)
        let isTurned = operation % 2 == 1
        let frame = Image(width: isTurned ? 6 : 4, height: isTurned ? 4 : 6, filledWith: 1)
        try MRCFile.write(frame, to: folder.path(of: "frame.mrc"))
        let movie = try MRCFile(path: folder.path(of: "frame.mrc"))
        let numbers = GainFile(file: path).turned(by: operation)
        let flips: [GainReference.Flip] = [.none, .y, .x]
        let expected = try GainReference.load(path: path, rotationAndFlip: operation, for: movie)
        #expect(
            try GainReference.load(path: path, rotation: numbers.rotation, flip: flips[numbers.flip], for: movie) == expected)
    }

    @Test func `a turn that is named for the reference counts, and one that cannot be is left out, with a word each`() throws {
        let movie = try saved("RotationAndFlip = 1\n")
        try MRCFile.write(Image(width: 32, height: 16, filledWith: 2), to: folder.path(of: "lying.mrc"))
        var conditions = MovieConditions(pixelSize: 1, voltage: 300, dose: nil, of: movie)
        _ = try conditions.gain(GainFile(file: folder.path(of: "lying.mrc"), rotation: 2), for: movie)
        #expect(conditions.remarks.last?.contains("turned as it is named instead") == true)
        _ = try conditions.gain(GainFile(file: folder.path(of: "lying.mrc")), for: movie)
        #expect(conditions.remarks.last?.contains("fits only as it lies") == true)
        let (count, lying) = (conditions.remarks.count, GainFile(file: folder.path(of: "lying.mrc")))
        #expect(conditions.gainFile(lying, for: movie) == lying && conditions.remarks.count == count + 1)
    }

    @Test func `counts that were halved are doubled again`() throws {
        let movie = try saved("DividedBy2 = 1\n")
        let conditions = MovieConditions(pixelSize: 1, voltage: 300, dose: nil, of: movie)
        var work = MovieWork(pixelSize: 1, voltage: 300, cs: 2.7)
        work.aligns = false
        let sum = try conditions.carryOut(work, on: movie).average.statistics.mean
        let plain = try work.carryOut(on: TestMovie(movie)).average.statistics.mean
        #expect(abs(sum / plain - 2) < 1e-6)
    }

    @Test func `halved counts are read a few rows at a time where others are`() throws {
        let movie = try saved(nil)
        let doubled = DoubledFrames(movie: movie)
        #expect(movie.readsRows && doubled.readsRows)
        var rows = [Float](repeating: 0, count: 2 * 32)
        try rows.withUnsafeMutableBufferPointer { try doubled.read(1, rows: 3..<5, into: $0) }
        #expect(try rows == movie.frame(1).pixels[3 * 32..<5 * 32].map { 2 * $0 })
    }

    @Test(arguments: [(32, 16, true), (16, 32, true), (64, 32, true), (16, 8, true), (48, 16, false), (32, 15, false)])
    func `a movie is a detector's where its size is, turned, doubled or binned`(width: Int, height: Int, isIts: Bool) throws {
        let path = folder.path(of: "sized.mrc")
        try MRCFile.write(Image(width: width, height: height, filledWith: 1), to: path)
        let movie = try MovieFile.open(path: path)
        let detector = DetectorDescription(id: "k3", name: "K3", microscope: "scope-1", width: 32, height: 16, pixelSize: 1)
        let problem = ImagingError.notTheDetectors(
            file: path, size: "\(width) x \(height)", detector: "K3", detectorSize: "32 x 16")
        if isIts {
            try DetectorSize.check(movie, detector)
        } else {
            #expect(throws: problem) { try DetectorSize.check(movie, detector) }
        }
        #expect(problem.sentence == "\(path) has \(width) x \(height) pixels, the detector K3 32 x 16.")
    }

    private func saved(_ autodoc: String?, _ name: String = "movie.mrc") throws -> any MovieSource {
        let frames = (0..<4).map { k in Image(width: 32, height: 16, pixels: (0..<512).map { Float(($0 * 7 + k) % 50) }) }
        try MRCFile.write(frames, to: folder.path(of: name), mode: .int16)
        try autodoc?.write(toFile: folder.path(of: name + ".mdoc"), atomically: true, encoding: .utf8)
        return try MovieFile.open(path: folder.path(of: name))
    }
}

private struct TestMovie: FrameSource {
    let movie: any MovieSource
    init(_ movie: any MovieSource) { self.movie = movie }
    var width: Int { movie.width }
    var height: Int { movie.height }
    var frameCount: Int { movie.frameCount }
    func read(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        try movie.read(index, into: target)
    }
}
