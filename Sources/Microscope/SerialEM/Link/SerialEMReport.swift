import RunModel

/// What a command reported. Older and newer versions report more or fewer values, so each is asked for by its place.
public struct SerialEMReport: Sendable {
    public let command: SerialEMCommand
    public let values: [SerialEMValue]

    /// The value at a place, counted from 0.
    public func number(_ place: Int) throws(MicroscopeError) -> Double {
        guard values.indices.contains(place), case .number(let number) = values[place], number.isFinite else {
            throw .refused("SerialEM's answer to \(command.name) has no number at place \(place + 1)")
        }
        return number
    }

    /// A number that counts or names something.
    public func count(_ place: Int) throws(MicroscopeError) -> Int {
        let number = try number(place)
        guard abs(number) < 1e9 else {
            throw .refused("SerialEM's answer to \(command.name) counts nothing at place \(place + 1)")
        }
        return Int(number)
    }

    public func text(_ place: Int) throws(MicroscopeError) -> String {
        guard values.indices.contains(place), case .text(let text) = values[place] else {
            throw .refused("SerialEM's answer to \(command.name) has no text at place \(place + 1)")
        }
        return text
    }

    /// The first so many numbers.
    public func numbers(_ count: Int) throws(MicroscopeError) -> [Double] {
        var numbers: [Double] = []
        for place in 0..<count { numbers.append(try number(place)) }
        return numbers
    }

    public func isTrue(_ place: Int = 0) throws(MicroscopeError) -> Bool { try number(place) != 0 }
}
