import Glibc
import Imaging

/// An atlas drawn from a seed: a mesh of windows with film and ice of every kind, under a light that need not be even.
public struct AtlasSample: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case good, torn, thick, dirty, small
        /// Opaque as the bars: nobody can see it.
        case covered
    }

    public struct Window: Sendable {
        public var x: Double
        public var y: Double
        public var side: Double
        public var kind: Kind
        /// Wholly in the picture, and neither bar nor film beside it is gone.
        public var isWhole = true
        /// Share of the light that its film lets through.
        public var level = 0.0
    }

    public private(set) var image: Image
    public private(set) var windows: [Window] = []
    public let settings: Settings

    public init(_ settings: Settings, seed: UInt64) {
        self.settings = settings
        image = Image(width: settings.width, height: settings.height)
        var painter = AtlasPainter(settings, seed: seed)
        windows = painter.windows
        image = painter.painted()
    }

    /// Size, turn, light, damage and noise as the seed has them.
    public init(seed: UInt64, width: Int = 900, height: Int = 900) {
        self.init(Settings(seed: seed, width: width, height: height), seed: seed)
    }
}

extension AtlasSample {
    public struct Settings: Sendable {
        public var width: Int
        public var height: Int
        /// Side of a window and the bars' width as its share, pixels.
        public var windowSide = 40.0
        public var barShare = 0.4
        public var degrees = 5.0
        /// Light at one side over that at the other; and in the corners over that in the middle.
        public var gradient = 1.0
        public var vignetting = 1.0
        /// Share of light through the bars, and through the usual film.
        public var bar = 0.03
        public var film = 0.6
        /// Counts in a pixel of plain vacuum, and the noise as a share of the root of the counts.
        public var counts = 4000.0
        public var noise = 1.5
        public var thick = 0.08
        public var torn = 0.08
        public var dirty = 0.08
        public var small = 0.04
        public var covered = 0.04
        /// Patches where bars and film are both gone.
        public var voids = 0
        /// Pixels at the border that no piece of the montage reached.
        public var blank = 0
        /// Whether the mesh ends in a round rim within the picture.
        public var hasRim = false
        /// Smooth change of the ice over the grid, as a share of the film's light.
        public var iceSlope = 0.1

        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }

        public init(seed: UInt64, width: Int, height: Int) {
            self.init(width: width, height: height)
            var random = SeededGenerator(seed: seed &* 7919 &+ 17)
            windowSide = exp(random.uniform(log(20)...log(120)))
            barShare = random.uniform(0.22...0.6)
            degrees = random.uniform(-45...45)
            gradient = exp(random.uniform(0...1))
            vignetting = random.uniform(0.5...1)
            bar = random.uniform(0.01...0.05)
            film = random.uniform(0.35...0.75)
            noise = random.uniform(0.5...3)
            voids = random.uniform() < 0.4 ? 1 + Int(random.uniform(0...1.99)) : 0
            blank = random.uniform() < 0.3 ? Int(random.uniform(5...60)) : 0
            hasRim = random.uniform() < 0.4
            iceSlope = random.uniform(0...0.25)
        }
    }
}
