import Blocking
import Imaging
import RunModel

/// A movie's order as the movie itself has it: what a facility's programs are given.
struct ToldMovie: Sendable {
    /// With the movie's own pixel size, voltage and dose where they count, and the gain reference that goes with it.
    private(set) var order: WorkerOrder
    /// How electrons go together; nil for a movie of frames, and for one that is not read here.
    private(set) var electrons: Electrons?
    /// Positions of the camera's bad pixels in the movie, and its size; nil where no file names any.
    private(set) var defects: (positions: [Int], size: PixelCount)?

    /// Programs put together equally many of the camera's frames each time, and leave out what is left over.
    struct Electrons: Sendable, Equatable {
        let rawFrames: Int
        let grouping: Int
        let upsampling: Int
        /// e/Å² in one of the camera's frames; 0 where nobody knows.
        let dose: Double

        var frames: Int { rawFrames / grouping }
        /// As MotionCor2's `-FmIntFile` has it.
        var fractions: String { "\(rawFrames) \(grouping) \(dose)\n" }
    }

    /// A movie that only the programs read.
    init(untold order: WorkerOrder) { self.order = order }

    /// What the conditions remark on the way is added to them.
    init(_ order: WorkerOrder, _ movie: any MovieSource, _ conditions: inout MovieConditions) throws(ImagingError) {
        self.order = order
        (self.order.pixelSize, self.order.voltage) = (conditions.pixelSize, conditions.voltage)
        (self.order.dosePerFrame, self.order.frames) = (conditions.dosePerFrame, movie.frameCount)
        if order.settings.names(.gain) {
            self.order.gain = conditions.gainFile(order.gain, for: movie, folders: order.gainFolders)
        }
        if order.settings.names(.defects), let file = order.detector?.defects {
            defects = (try conditions.defects(file, for: movie), PixelCount(movie.width, movie.height))
        }
        guard let movie = movie as? EERFile else { return }
        let dose = conditions.dosePerFrame * Double(movie.frameCount) / Double(movie.rawFrameCount)
        let electrons = Electrons(
            rawFrames: movie.rawFrameCount, grouping: movie.grouping, upsampling: movie.upsampling, dose: dose)
        self.electrons = electrons
        (self.order.dosePerFrame, self.order.frames) = (dose * Double(movie.grouping), electrons.frames)
    }

    /// Writes what a step's template names by its file, into the folder of its run.
    func write(for step: ExternalStep, into folder: String) throws -> [Placeholder: String] {
        var values: [Placeholder: String] = [:]
        if let electrons {
            values[.rawFrames] = "\(electrons.rawFrames)"
            values[.eerGrouping] = "\(electrons.grouping)"
            values[.eerUpsampling] = "\(electrons.upsampling)"
        }
        if let electrons, step.names(.fractions) {
            values[.fractions] = "\(folder)/fractions.txt"
            try Files.write(electrons.fractions, to: "\(folder)/fractions.txt")
        }
        if let defects, step.names(.defects) {
            var map = Image(width: defects.size.width, height: defects.size.height)
            for position in defects.positions { map.pixels[position] = 1 }
            values[.defects] = "\(folder)/defects.mrc"
            try MRCFile.write([map], to: "\(folder)/defects.mrc", mode: .int8)
        }
        return values
    }
}

extension WorkerOrder {
    /// Where a reference may lie that is named without its folder, beside the movie's own.
    var gainFolders: [String] { [detector?.framesDirectory].compactMap { $0 } }
}

extension ProcessingSettings {
    func names(_ placeholder: Placeholder) -> Bool { steps.contains { $0.names(placeholder) } }
}

extension ExternalStep {
    /// Whether the step's template needs the placeholder's value.
    func names(_ placeholder: Placeholder) -> Bool {
        (command.flatMap(\.parts) + input).contains { Placeholder.found(in: $0).contains { $0 == placeholder.rawValue } }
    }
}

extension GainFile {
    /// Turned as SerialEM's operation turns it, in the numbers of RELION: a mirror before a turn is a mirror after the opposite turn.
    func turned(by operation: Int) -> GainFile {
        let (turns, before, after) = (operation & 3, operation & 4 != 0, operation & 8 != 0)
        return GainFile(file: file, rotation: before ? (4 - turns) % 4 : turns, flip: before == after ? 0 : 2)
    }
}
