/// Follows parts of the field by themselves, from where the whole frames were found to lie.
struct PatchAlignment {
    private let grid: PatchGrid
    private let width: Int
    private let height: Int
    private let shifts: [PixelShift]
    private let groups: FrameGroups
    private let side: (x: Int, y: Int)

    /// Patches are larger than their distance, to have more to go by.
    private static let overlap = 1.25

    init(_ grid: PatchGrid, of movie: some FrameSource, shifts: [PixelShift], groups: FrameGroups) {
        (self.grid, self.shifts, self.groups) = (grid, shifts, groups)
        (width, height) = (movie.width, movie.height)
        let size = { (length: Int, count: Int) in min(length, Int(Double(length) / Double(count) * Self.overlap)) / 4 * 4 }
        side = (size(width, grid.columns), size(height, grid.rows))
    }

    /// nil where the patches have too little in them to tell.
    func motion<Movie: FrameSource>(of frames: CorrectedFrames<Movie>) throws(ImagingError) -> LocalMotion? {
        guard min(side.x, side.y) >= 32, groups.members.count > 3 else { return nil }
        let threads = FrameThreads.count
        let read = try FrameThreads.run(threads) { thread throws(ImagingError) in
            let pixels = UnsafeMutableBufferPointer<Float>.allocate(capacity: width * height)
            defer { pixels.deallocate() }
            var own: [[PackedSpectrum]] = []
            for group in stride(from: thread, to: groups.members.count, by: threads) {
                own.append(try self.spectra(of: groups.members[group], frames, scratch: pixels))
            }
            return own
        }
        let spectra = groups.members.indices.map { read[$0 % threads][$0 / threads] }
        let paths = FrameThreads.each(Array(0..<grid.columns * grid.rows)) { patch in path(spectra.map { $0[patch] }) }
        guard let fit = LocalMotionFit.fit(points(paths)) else { return nil }
        return LocalMotion(x: fit.x, y: fit.y, width: width, height: height, frames: shifts.count)
    }

    /// The low half of each patch's frequencies: 25 patches of 30 frames of 4096 x 4096 take 400 MB.
    private func spectra<Movie: FrameSource>(
        of group: Range<Int>, _ frames: CorrectedFrames<Movie>, scratch: UnsafeMutableBufferPointer<Float>
    ) throws(ImagingError) -> [PackedSpectrum] {
        var patches = Array(repeating: [Float](repeating: 0, count: side.x * side.y), count: grid.columns * grid.rows)
        for frame in group {
            try frames.read(frame, into: scratch)
            for patch in patches.indices { add(scratch, frame: frame, to: &patches[patch], patch: patch) }
        }
        return patches.map { pixels in
            pixels.withUnsafeBufferPointer { pixels in
                PackedSpectrum(of: pixels.baseAddress!, width: side.x, height: side.y).packed(
                    toWidth: side.x / 2, height: side.y / 2)
            }
        }
    }

    /// Patches follow the whole frame by whole pixels; at the border the nearest pixel is taken.
    private func add(_ frame: UnsafeMutableBufferPointer<Float>, frame index: Int, to pixels: inout [Float], patch: Int) {
        let corner = corner(patch)
        let whole = (x: Int(shifts[index].x.rounded()), y: Int(shifts[index].y.rounded()))
        for y in 0..<side.y {
            let row = min(max(corner.y + y + whole.y, 0), height - 1) * width
            for x in 0..<side.x { pixels[y * side.x + x] += frame[row + min(max(corner.x + x + whole.x, 0), width - 1)] }
        }
    }

    /// The first and the last patch touch the border.
    private func corner(_ patch: Int) -> (x: Int, y: Int) {
        (
            (width - side.x) * (patch % grid.columns) / (grid.columns - 1),
            (height - side.y) * (patch / grid.columns) / (grid.rows - 1)
        )
    }

    /// Of one patch against the whole frame, one place to a group.
    private func path(_ spectra: [PackedSpectrum]) -> [PixelShift] {
        let left = groups.members.map { group in
            let sum = group.reduce(PixelShift.zero) { sum, frame in
                sum + shifts[frame] - PixelShift(x: shifts[frame].x.rounded(), y: shifts[frame].y.rounded())
            }
            return PixelShift(x: sum.x / Double(group.count), y: sum.y / Double(group.count))
        }
        var fine = ShiftRefinement(spectra, movieWidth: side.x, movieHeight: side.y, limit: 0.5, from: left)
        fine.run()
        return PathSmoothing.smooth(zip(fine.shifts, left).map { $0 - $1 }, uncertainty: fine.uncertainty)
    }

    private func points(_ paths: [[PixelShift]]) -> [PatchShift] {
        paths.enumerated().flatMap { patch, path in
            let corner = corner(patch)
            let u = (Double(corner.x) + Double(side.x) / 2) / Double(width) - 0.5
            let v = (Double(corner.y) + Double(side.y) / 2) / Double(height) - 0.5
            return zip(groups.members, path).map { group, shift in
                let middle = Double(group.lowerBound + group.upperBound - 1) / 2
                return PatchShift(u: u, v: v, patch: patch, time: middle / Double(max(1, shifts.count - 1)), shift: shift)
            }
        }
    }
}
