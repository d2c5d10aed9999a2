/// A named step of the schema.
///
/// Once released, a step is never edited, removed or moved: later ones mend it.
struct Migration: Sendable {
    let name: String
    let statements: [SQL]

    static let all: [Migration] = [
        .accounts, .ledger, .keys, .channels, .wallets, .usage, .responses, .settings, .ephemeralKeys,
    ]

    /// Brings a database up to date.
    ///
    /// Doing it again does nothing.
    ///
    /// - Throws: `.newerSchema` when the database has a step that is not in the list, or the steps in another order.
    static func run(_ migrations: [Migration] = all, on database: any Database, now: Int64) async throws {
        try await database.write { connection in
            try connection.execute(
                """
                CREATE TABLE IF NOT EXISTS migrations (
                    position \(.integer) NOT NULL PRIMARY KEY, name \(.text) NOT NULL UNIQUE, applied \(.integer) NOT NULL
                )
                """
            )
            let applied = try connection.rows("SELECT name FROM migrations ORDER BY position").map { row in
                var row = row
                return try row.text()
            }
            let known = migrations.map(\.name)
            guard applied.count <= known.count, applied == Array(known[..<applied.count]) else {
                let unknown = applied.filter { !known.contains($0) }.joined(separator: ", ")
                throw StorageError(
                    .newerSchema,
                    "the database was written by another, newer version of Elk (unknown schema steps: \(unknown)); use that version, or a copy from before its first start"
                )
            }
            for (position, migration) in migrations.enumerated().dropFirst(applied.count) {
                for statement in migration.statements { try connection.execute(statement) }
                try connection.execute(
                    "INSERT INTO migrations (position, name, applied) VALUES (\(position), \(migration.name), \(now))"
                )
            }
        }
    }
}
