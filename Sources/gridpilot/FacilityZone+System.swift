import Foundation
import RunModel

extension FacilityZone {
    /// This machine's where none is told. The configuration has checked the name.
    init(_ name: String?) {
        let zone = name.flatMap(TimeZone.init(identifier:)) ?? TimeZone.current
        self.init(name: zone.identifier) { zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0.milliseconds) / 1000)) }
    }
}
