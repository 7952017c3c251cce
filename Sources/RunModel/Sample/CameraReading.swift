/// Counts of the summed image, as the microscope program reports them.
public struct CameraReading: Hashable, Sendable, Codable {
    public var mean: Double
    public var deviation: Double
    public var minimum: Double
    public var maximum: Double

    public init(mean: Double, deviation: Double, minimum: Double, maximum: Double) {
        self.mean = mean
        self.deviation = deviation
        self.minimum = minimum
        self.maximum = maximum
    }
}
