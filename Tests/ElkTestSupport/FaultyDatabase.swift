package import ElkStorage
import Synchronization

/// A database that fails when it is told to: in the middle of a transaction, at its end, or after it was committed.
package final class FaultyDatabase: Database {
    package enum Fault: Sendable, Hashable {
        /// The n-th statement of the transaction fails (from 0); a shorter transaction succeeds.
        case statement(Int)
        /// All statements are done, the commit fails.
        case commit
        /// Committed, but the caller is told that it failed.
        case answer
    }

    /// Asked at the start of each write; nil: it works.
    package final class Plan: Sendable {
        private let next: Mutex<@Sendable () -> Fault?>

        package init(_ next: @escaping @Sendable () -> Fault? = { nil }) {
            self.next = Mutex(next)
        }

        package func set(_ next: @escaping @Sendable () -> Fault?) {
            self.next.withLock { $0 = next }
        }

        fileprivate func ask() -> Fault? { next.withLock { $0 }() }
    }

    package static let error = StorageError(.engine, "a simulated fault")

    private let database: any Database
    private let plan: Plan

    package init(_ database: any Database, plan: Plan) {
        self.database = database
        self.plan = plan
    }

    package var engine: Engine { database.engine }

    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        try await database.read(body)
    }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws -> T {
        let fault = plan.ask()
        let value = try await database.write { connection in
            guard let fault else { return try body(connection) }
            let value = try body(FaultyConnection(connection: connection, fault: fault))
            if fault == .commit { throw Self.error }
            return value
        }
        if fault == .answer { throw Self.error }
        return value
    }

    package func dataVersion() async throws -> Int64 { try await database.dataVersion() }
    package func close() throws { try database.close() }
}

private final class FaultyConnection: Connection {
    let connection: any Connection
    let fault: FaultyDatabase.Fault
    var statements = 0

    init(connection: any Connection, fault: FaultyDatabase.Fault) {
        self.connection = connection
        self.fault = fault
    }

    func execute(_ sql: SQL) throws -> Int {
        try count()
        return try connection.execute(sql)
    }

    func execute(_ sql: SQL, forEach values: [[SQLValue]]) throws -> [Bool] {
        try values.flatMap { values in
            try count()
            return try connection.execute(sql, forEach: [values])
        }
    }

    func rows(_ sql: SQL) throws -> [Row] {
        try count()
        return try connection.rows(sql)
    }

    private func count() throws {
        if fault == .statement(statements) { throw FaultyDatabase.error }
        statements += 1
    }
}
