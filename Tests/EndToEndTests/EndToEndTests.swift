import Testing

/// The built program from outside: one at a time, since each renders and measures images.
@Suite(.serialized, .timeLimit(.minutes(10))) struct EndToEndTests {}
