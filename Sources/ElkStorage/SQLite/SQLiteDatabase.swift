import GRDB

/// SQLite: one writer and a few readers over a write-ahead log, or a single connection in memory.
///
/// GRDB's own async methods end with the task that calls them and roll a write back then; its callbacks do not.
final class SQLiteDatabase: Database {
    private let connections: any DatabaseWriter

    var engine: Engine { .sqlite }

    static let readers = 2
    static let busyTimeout = 5.0

    /// - Parameter path: nil for a database in memory.
    init(path: String?) throws(StorageError) {
        var configuration = Configuration()
        configuration.label = "elk.sqlite"
        configuration.maximumReaderCount = Self.readers
        configuration.busyMode = .timeout(Self.busyTimeout)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = NORMAL")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
        }
        do {
            if let path {
                try PrivateFile.ensure(at: path)
                connections = try DatabasePool(path: path, configuration: configuration)
            } else {
                connections = try DatabaseQueue(configuration: configuration)
            }
        } catch {
            throw StorageError(engine: error)
        }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            connections.asyncRead { database in
                continuation.resume(with: Result { try body(SQLiteConnection(database: database.get())) })
            }
        }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            connections.asyncWriteWithoutTransaction { database in
                continuation.resume(
                    with: Result {
                        var value: T?
                        // Immediate: a transaction that began by reading could not wait for another process's write.
                        try database.inTransaction(.immediate) {
                            value = try body(SQLiteConnection(database: database))
                            return .commit
                        }
                        guard let value else { throw StorageError(.engine, "a transaction had no result") }
                        return value
                    }
                )
            }
        }
    }

    /// Asked on the writer's connection, for which its own commits do not count.
    func dataVersion() async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            connections.asyncWriteWithoutTransaction { database in
                continuation.resume(
                    with: Result { try Int64.fetchOne(database, sql: "PRAGMA data_version") ?? 0 }
                )
            }
        }
    }

    func close() throws {
        try connections.close()
    }
}
