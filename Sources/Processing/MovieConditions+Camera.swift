import Imaging
import RunModel

// What belongs to the camera.
extension MovieConditions {
    /// The reference that is named for the camera, else the one that is named beside the movie, turned as the frames were.
    public mutating func gain(_ named: GainFile?, for movie: any MovieSource, folders: [String] = []) throws(ImagingError)
        -> Image?
    {
        guard let (file, turn) = place(of: named, for: movie, folders) else { return nil }
        return try turned(file, by: turn, for: movie)
    }

    /// The same for a program that reads it itself, with the turn in RELION's numbers.
    mutating func gainFile(_ named: GainFile?, for movie: any MovieSource, folders: [String] = []) -> GainFile? {
        guard let (file, turn) = place(of: named, for: movie, folders) else { return nil }
        guard turn != 0 else { return file }
        if turn % 2 != 0, !Self.fits(file.file, movie, isTurned: true), Self.fits(file.file, movie, isTurned: false) {
            remarks.append(liesTurned(turn))
            return file
        }
        return file.turned(by: turn)
    }

    /// One that cannot be read fits: the program says itself what is wrong with it.
    private static func fits(_ file: String, _ movie: any MovieSource, isTurned: Bool) -> Bool {
        guard let picture = try? MovieFile.open(path: file) else { return true }
        let (width, height) = isTurned ? (picture.height, picture.width) : (picture.width, picture.height)
        return PixelCount(width, height).fits(PixelCount(movie.width, movie.height))
    }

    /// Where the reference lies, and how it has to be turned.
    private mutating func place(of named: GainFile?, for movie: any MovieSource, _ folders: [String]) -> (GainFile, turn: Int)? {
        let turn = facts.rotationAndFlip ?? 0
        if let named {
            let isTold = named.rotation != 0 || named.flip != 0
            if isTold, turn != 0 {
                remarks.append(
                    "\(source) says that the frames are turned (\(turn)); the gain reference is turned as it is named instead.")
            }
            return (named, isTold ? 0 : turn)
        }
        guard let name = facts.gain else { return nil }
        let places = ([MovieFolder.of(movie.path)] + folders).map { "\($0)/\(name)" }
        guard let path = places.first(where: MovieFolder.holdsFile) else {
            remarks.append("\(source) names the gain reference \(name), which is not beside the movie: none was used.")
            return nil
        }
        return (GainFile(file: path), turn)
    }

    private func liesTurned(_ turn: Int) -> String {
        "\(source) says that the frames are turned (\(turn)); the gain reference fits only as it lies, and was not turned."
    }

    /// A reference that fits only as it lies was turned by somebody before.
    private mutating func turned(_ gain: GainFile, by turn: Int, for movie: any MovieSource) throws(ImagingError) -> Image {
        let flips: [GainReference.Flip] = [.none, .y, .x]
        let flip = flips[min(max(gain.flip, 0), 2)]
        do throws(ImagingError) {
            return try GainReference.load(path: gain.file, rotation: gain.rotation, flip: flip, rotationAndFlip: turn, for: movie)
        } catch {
            guard turn != 0, case .gainDiffers = error else { throw error }
            let image = try GainReference.load(path: gain.file, rotation: gain.rotation, flip: flip, for: movie)
            remarks.append(liesTurned(turn))
            return image
        }
    }

    /// Positions of the pixels that a camera's file of defects names.
    public func defects(_ file: String?, for movie: any MovieSource) throws(ImagingError) -> [Int] {
        guard let file else { return [] }
        let defects = try CameraDefects(file: file)
        guard
            let positions = try defects.positions(
                width: movie.width, height: movie.height, rotationAndFlip: facts.rotationAndFlip)
        else {
            throw .notDefects(
                file: file, detail: "it is for another camera than that of \(movie.width) x \(movie.height) pixels")
        }
        return positions
    }

    /// With the counts that the camera had, where its program halved them.
    public func carryOut(_ work: MovieWork, on movie: any MovieSource) throws(ImagingError) -> MovieWork.Outcome {
        guard facts.isDividedBy2, movie.storedBits == 16 else { return try Self.carryOut(work, movie) }
        return try work.carryOut(on: DoubledFrames(movie: movie))
    }

    private static func carryOut(_ work: MovieWork, _ movie: some MovieSource) throws(ImagingError) -> MovieWork.Outcome {
        try work.carryOut(on: movie)
    }
}

/// Frames whose counts are half of what the camera's were.
struct DoubledFrames: FrameSource {
    let movie: any MovieSource

    var width: Int { movie.width }
    var height: Int { movie.height }
    var frameCount: Int { movie.frameCount }
    var storedBits: Int { movie.storedBits }
    var name: String { movie.path }

    var readsRows: Bool { movie.readsRows }

    func read(_ index: Int, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        try movie.read(index, into: target)
        double(target)
    }

    func read(_ index: Int, rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) throws(ImagingError) {
        try movie.read(index, rows: rows, into: target)
        double(target)
    }

    private func double(_ target: UnsafeMutableBufferPointer<Float>) {
        for i in target.indices { target[i] *= 2 }
    }
}
