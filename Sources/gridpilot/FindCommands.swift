import ArgumentParser
import Imaging
import JSONText
import RunModel

struct FindSquaresCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find-squares", abstract: "Finds the squares of a grid on its atlas.")

    @OptionGroup var options: FinderOptions

    func run() throws {
        try options.report { image, pixelSize in SquareFinder.findSquares(in: image, pixelSize: pixelSize) }
    }
}

struct FindHolesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find-holes", abstract: "Finds the holes of a film on a square's image.")

    @OptionGroup var options: FinderOptions
    @Option(help: "The film as its maker names it, R1.2/1.3. (default: found from the image)") var holeType: String?

    func validate() throws {
        if let holeType, HoleType(holeType) == nil { throw ValidationError("--hole-type is written as in R1.2/1.3.") }
    }

    func run() throws {
        let film = holeType.flatMap(HoleType.init)
        try options.report { image, pixelSize in
            HoleFinder.findHoles(
                in: image, pixelSize: pixelSize, holeDiameter: film?.diameter.micrometres, spacing: film?.spacing.micrometres)
        }
    }
}

struct FinderOptions: ParsableArguments {
    @Argument(help: "An MRC image or a PNG picture.") var image: String
    @Option(help: "Å. (default: what the file says)") var pixelSize: Double?
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if let pixelSize, !(0.01...1_000_000).contains(pixelSize) {
            throw ValidationError("--pixel-size is in Å, 0.01 to 1000000.")
        }
    }

    /// Centres and sizes in pixels of the file as stored.
    func report(_ find: (Image, Double?) -> [FoundItem]) throws(ImagingError) {
        let input = try PixelInput(image)
        let picture = try input.image()
        guard picture.statistics.standardDeviation > 0 else {
            throw .holdsNoPicture(file: image, detail: "every pixel is the same, or not a number")
        }
        let items = find(picture, pixelSize ?? input.pixelSize)
        guard json else {
            Terminal.say("\(image): \(items.count) found")
            for item in items { Terminal.say(Self.line(item)) }
            return
        }
        Terminal.say(
            JSONText.write([
                "file": .string(image), "width": .integer(input.width), "height": .integer(input.height),
                "items": .array(items.map(Self.value)),
            ]))
    }

    private static func value(_ item: FoundItem) -> JSONValue {
        [
            "x": .number(item.x), "y": .number(item.y), "size": .number(item.size), "class": .string(item.class.rawValue),
            "mean": .number(item.mean), "score": .number(item.score),
        ]
    }

    private static func line(_ item: FoundItem) -> String {
        let numbers = [item.x, item.y, item.size, item.mean].map { "\(($0 * 10).rounded() / 10)" }
        return "  x \(numbers[0])  y \(numbers[1])  size \(numbers[2])  mean \(numbers[3])  \(item.class.rawValue)"
    }
}
