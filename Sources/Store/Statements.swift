import GRDB

/// Prepared once per connection: preparing takes longer than running.
extension Database {
    func run(_ sql: String, _ arguments: StatementArguments) throws {
        let statement = try cachedStatement(sql: sql)
        statement.setUncheckedArguments(arguments)
        try statement.execute()
    }

    func rows(_ sql: String, _ arguments: StatementArguments) throws -> [Row] {
        let statement = try cachedStatement(sql: sql)
        statement.setUncheckedArguments(arguments)
        return try Row.fetchAll(statement)
    }

    func row(_ sql: String, _ arguments: StatementArguments) throws -> Row? {
        let statement = try cachedStatement(sql: sql)
        statement.setUncheckedArguments(arguments)
        return try Row.fetchOne(statement)
    }

    func text(_ sql: String, _ arguments: StatementArguments) throws -> String? {
        let statement = try cachedStatement(sql: sql)
        statement.setUncheckedArguments(arguments)
        return try String.fetchOne(statement)
    }

    /// 0 where there is no row.
    func number(_ sql: String, _ arguments: StatementArguments) throws -> Int64 {
        let statement = try cachedStatement(sql: sql)
        statement.setUncheckedArguments(arguments)
        return try Int64.fetchOne(statement) ?? 0
    }
}
