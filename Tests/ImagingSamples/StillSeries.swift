import Glibc

extension StillSample {
    /// One of many different stills: voltage, lens, pixels, size, defocus and strength vary with the seed, the latter tenfold,
    /// from rings that only a long look finds to plain ones.
    ///
    /// Defocus from 5,000 to 35,000 Å, astigmatism to 1,500 Å at any angle. `largest` bounds the number of pixels a side.
    public static func various(seed: UInt64, largest: Int = 4096) -> StillSample {
        var random = SeededGenerator(seed: seed &* 0x2545_F491_4F6C_DD1D &+ 77)
        let (kilovolts, lens) = [(300.0, 2.7), (300, 2.7), (300, 0.01), (200, 2.7), (200, 2.0), (100, 1.6)][
            Int(random.uniform() * 5.999)]
        let mean = random.uniform(5_750...34_250)
        let half = random.uniform(0...750)
        var optics = StillOptics(
            pixelSize: random.uniform(0.6...1.6), kilovolts: kilovolts, cs: lens, largest: mean + half, least: mean - half,
            degrees: random.uniform(-90...90))
        optics.amplitudeContrast = random.uniform(0.07...0.1)
        let sizes = [(2048, 2048), (3072, 2560), (3838, 3710), (4096, 4096)].filter { $0.0 <= largest }
        let size = sizes[Int(random.uniform() * (Double(sizes.count) - 0.001))]
        var sample = StillSample(
            optics: optics, width: size.0, height: size.1, signal: 0.7 * pow(10, random.uniform()), seed: seed)
        sample.decay = random.uniform(50...130)
        if random.uniform() < 0.5 { sample.particleRadius = random.uniform(40...120) }
        return sample
    }
}
