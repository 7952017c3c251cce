import Glibc
import Imaging

/// A square of holey foil drawn from a seed: a bent lattice of holes with ice, dirt, torn film and bars around it.
public struct SquareSample: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case good
        /// Nothing in it: as bright as vacuum.
        case empty
        case thick, dirty
    }

    public struct Hole: Sendable {
        public var x: Double
        public var y: Double
        public var diameter: Double
        public var kind: Kind
        /// In the picture, in the window and in film that is whole.
        public var isWhole = true
        /// Of the ice, nm.
        public var thickness = 0.0
    }

    public private(set) var image: Image
    public private(set) var holes: [Hole] = []
    public let settings: Settings

    public init(_ settings: Settings, seed: UInt64) {
        self.settings = settings
        var painter = SquarePainter(settings, seed: seed)
        holes = painter.holes
        image = painter.painted()
    }

    /// Turn, bend, ice, damage and noise as the seed has them.
    public init(_ foil: Foil, seed: UInt64, side: Int = 800, pixelSize: Double? = nil) {
        self.init(Settings(foil, seed: seed, side: side, pixelSize: pixelSize), seed: seed)
    }
}

extension SquareSample {
    /// Hole diameter and distance between middles, µm.
    public struct Foil: Sendable {
        public var name: String
        public var diameter: Double
        public var spacing: Double
        public var isHexagonal = false
        /// Diameter of small holes in the middle of each cell, µm.
        public var between: Double?

        public static let r12 = Foil(name: "R1.2/1.3", diameter: 1.2, spacing: 2.5)
        public static let r21 = Foil(name: "R2/1", diameter: 2, spacing: 3)
        public static let r22 = Foil(name: "R2/2", diameter: 2, spacing: 4)
        public static let hexagonal = Foil(name: "R0.6/1 hex", diameter: 0.6, spacing: 1.6, isHexagonal: true)
        public static let multi = Foil(name: "multi-A", diameter: 2, spacing: 4, between: 0.7)
        public static let all = [r12, r21, r22, hexagonal, multi]
    }

    public struct Settings: Sendable {
        public var side: Int
        public var foil: Foil
        /// Å.
        public var pixelSize: Double
        public var degrees = 7.0
        /// Largest bend of the lattice, as a share of the spacing at the picture's border.
        public var bend = 0.1
        /// Of the foil between holes: as if this thick, nm of ice.
        public var film = 160.0
        /// Of the ice in holes, nm, and how it varies.
        public var ice = 60.0
        public var iceSpread = 0.12
        /// nm: t = Λ ln(I0/I).
        public var meanFreePath = 320.0
        public var counts = 2000.0
        public var noise = 1.5
        public var empty = 0.0
        public var thick = 0.04
        public var dirty = 0.04
        public var spots = 6
        public var tears = 0
        public var exposures = 0
        /// Side of the window as a share of the picture's; its bars are opaque.
        public var window = 1.5
        public var gradient = 1.0
        /// More ice along the rim of each hole, nm, where it climbs up the foil.
        public var rim = 0.0
    }
}

extension SquareSample.Settings {
    public init(_ foil: SquareSample.Foil, seed: UInt64, side: Int, pixelSize: Double? = nil) {
        var random = SeededGenerator(seed: seed &* 104_729 &+ 31)
        // From seven to sixteen holes along a side.
        let across = random.uniform(7...16)
        self.init(side: side, foil: foil, pixelSize: pixelSize ?? foil.spacing * 1e4 * across / Double(side))
        degrees = random.uniform(-45...45)
        bend = random.uniform(0...0.2)
        film = random.uniform(110...260)
        ice = random.uniform(20...80)
        iceSpread = random.uniform(0.05...0.2)
        noise = random.uniform(0.5...3)
        empty = random.uniform() < 0.3 ? 0.05 : 0
        spots = Int(random.uniform(0...14))
        tears = random.uniform() < 0.35 ? 1 : 0
        exposures = random.uniform() < 0.35 ? 2 : 0
        window = random.uniform() < 0.5 ? 1.6 : random.uniform(0.8...1)
        gradient = exp(random.uniform(0...0.5))
    }
}

extension SquareSample.Settings {
    /// How holes look beside the foil: it may be gold, or thinner than the ice, or pass as much light as the ice does.
    public enum Contrast: CaseIterable, Sendable {
        case gold, darkHoles, rimOnly
    }

    public func with(_ contrast: Contrast) -> Self {
        var settings = self
        switch contrast {
        case .gold: settings.film = 600
        case .darkHoles: (settings.film, settings.ice) = (40, 130)
        case .rimOnly: (settings.film, settings.ice, settings.rim, settings.iceSpread) = (60, 60, 90, 0.02)
        }
        return settings
    }
}
