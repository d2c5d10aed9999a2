/// An engine with its connections.
///
/// A closure runs synchronously on its connection's own thread, in one transaction: there is no `await` inside, so nothing
/// comes between its statements. It commits when it returns and rolls back when it throws. Neither is cancelled with the
/// task that asked: once handed over, a write is carried out.
package protocol Database: Sendable {
    var engine: Engine { get }

    /// A consistent view of one moment; must not write.
    func read<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T

    /// One writer at a time.
    func write<T: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> T) async throws -> T

    /// Differs from an earlier one when another process has committed since.
    func dataVersion() async throws -> Int64

    func close() throws
}

/// A connection inside a transaction.
///
/// Valid only in the closure it was handed to.
package protocol Connection {
    /// Returns how many rows the statement changed.
    @discardableResult
    func execute(_ sql: SQL) throws -> Int

    /// Runs a statement once for each of the lists, which take the place of the values in it; returns for each whether it
    /// changed a row.
    func execute(_ sql: SQL, forEach values: [[SQLValue]]) throws -> [Bool]

    func rows(_ sql: SQL) throws -> [Row]
}

extension Connection {
    /// The first row.
    func row(_ sql: SQL) throws -> Row? { try rows(sql).first }

    func integer(_ sql: SQL) throws -> Int64? {
        guard var row = try row(sql) else { return nil }
        return try row.optionalInteger()
    }
}
