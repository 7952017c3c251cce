/// How the column was left.
struct ColumnLeft: Equatable {
    /// What was found and done, a sentence each.
    let found: [String]
    /// False when nobody can say that the valves are closed.
    let isSafe: Bool

    static let closed = ColumnLeft(found: ["Valves closed.", "Connection closed."], isSafe: true)
    static let silent = ColumnLeft(
        found: ["The microscope did not answer in time: check the column valves.", "Connection closed."], isSafe: false)
    static let foreign = ColumnLeft(found: ["The microscope belongs to another run and was left alone."], isSafe: true)
    /// Whoever presses STOP wants the microscope: nothing is closed under their hands.
    static let operators = ColumnLeft(found: ["The microscope was left to whoever pressed STOP."], isSafe: false)
}
