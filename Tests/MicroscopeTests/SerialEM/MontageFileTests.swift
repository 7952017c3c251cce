import Foundation
import Imaging
import TestSupport
import Testing

@testable import Microscope

@Suite(.timeLimit(.minutes(1))) struct MontageFileTests {
    @Test func `a pipe in the place of an atlas's autodoc is told, and not waited for`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path(of: "atlas.mrc")
        try MRCFile.write([Image(width: 4, height: 4, filledWith: 1)], to: path)
        try #require(mkfifo(path + ".mdoc", 0o600) == 0)
        let problem = #expect(throws: MicroscopeError.self) { _ = try MontageFile(path) }
        #expect(problem?.sentence.contains("\(path).mdoc") == true)
    }
}
