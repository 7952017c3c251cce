import Foundation
import Testing

/// The built program from outside: one at a time, since each renders and measures images.
@Suite(.serialized, .timeLimit(.minutes(patience))) struct EndToEndTests {}

/// A soak takes as long as it takes.
private let patience = ProcessInfo.processInfo.environment["GRIDPILOT_SOAK"] == nil ? 10 : 180
