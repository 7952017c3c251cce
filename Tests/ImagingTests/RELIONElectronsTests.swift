import Foundation
import ImagingSamples
import Testing

@testable import Imaging

/// The same movie by RELION, which reads EER of the detector's full size alone.
@Suite struct RELIONElectronsTests {
    @Test(
        .enabled(if: ProcessInfo.processInfo.environment["GRIDPILOT_RELION"] != nil, "set GRIDPILOT_RELION=1"),
        arguments: [65000, 65001], [1, 2])
    func `RELION counts the same electrons in the same pixels`(compression: Int, upsampling: Int) throws {
        var sample = EERSample(width: 4096, height: 4096, frames: 8, rate: 0.001, seed: 12)
        sample.compression = compression
        let path = Fixtures.temporaryPath("movie.eer")
        try Data(sample.file).write(to: URL(fileURLWithPath: path))
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        let relion = Process()
        relion.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        relion.arguments = [
            "relion_convert_to_tiff", "--i", "movie.eer", "--o", "out", "--eer_grouping", "4", "--eer_upsampling",
            "\(upsampling)",
        ]
        relion.currentDirectoryURL = folder
        relion.standardOutput = FileHandle.nullDevice
        try relion.run()
        relion.waitUntilExit()
        let theirs = try MovieFile.open(path: folder.appendingPathComponent("out/movie.tif").path)
        let ours = try MovieFile.open(path: path, eer: EERSettings(upsampling: upsampling, grouping: .frames(4)))
        #expect(theirs.frameCount == 2 && ours.frameCount == 2)
        for index in 0..<2 { #expect(try theirs.frame(index) == ours.frame(index)) }
    }
}
