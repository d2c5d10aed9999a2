import GRDB

/// A GRDB connection behind our protocol.
///
/// Statements are prepared once for each text and kept.
struct SQLiteConnection: Connection {
    let database: GRDB.Database

    @discardableResult
    func execute(_ sql: SQL) throws -> Int {
        let statement = try bound(sql)
        try statement.execute()
        return database.changesCount
    }

    func execute(_ sql: SQL, forEach values: [[SQLValue]]) throws -> [Bool] {
        let (text, placeholders) = sql.rendered(for: .sqlite)
        let statement = try database.cachedStatement(sql: text)
        return try values.map { values in
            guard values.count == placeholders.count else {
                throw StorageError(.engine, "a statement of \(placeholders.count) values got \(values.count)")
            }
            statement.setUncheckedArguments(StatementArguments(values.map(\.databaseValue)))
            try statement.execute()
            return database.changesCount > 0
        }
    }

    func rows(_ sql: SQL) throws -> [Row] {
        let cursor = try GRDB.Row.fetchCursor(bound(sql))
        var rows: [Row] = []
        while let row = try cursor.next() {
            rows.append(Row(row.databaseValues.map(SQLValue.init)))
        }
        return rows
    }

    private func bound(_ sql: SQL) throws -> Statement {
        let (text, values) = sql.rendered(for: .sqlite)
        let statement = try database.cachedStatement(sql: text)
        statement.setUncheckedArguments(StatementArguments(values.map(\.databaseValue)))
        return statement
    }
}
