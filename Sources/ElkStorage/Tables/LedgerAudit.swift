extension Store {
    /// Recomputes all that is derived from the postings and the usage log and compares.
    ///
    /// Reads everything: for tests, for `elk check`, for a quiet hour.
    package func verify() async throws(StorageError) -> LedgerReport {
        try await read { connection in
            var report = LedgerReport()
            report.movements = Int(try connection.integer("SELECT COUNT(*) FROM movements") ?? 0)
            report.postings = Int(try connection.integer("SELECT COUNT(*) FROM postings") ?? 0)
            report.sum = try Store.money("SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM postings", connection)
            report.charged = try Store.money("SELECT CAST(COALESCE(SUM(cost), 0) AS BIGINT) FROM usage_log", connection)
            if !report.sum.isZero { report.faults.append("the postings sum to \(report.sum), not to zero") }
            for (fault, offenders) in LedgerReport.checks {
                for var row in try connection.rows("SELECT DISTINCT o FROM (\(offenders)) found ORDER BY o LIMIT 20") {
                    report.faults.append("\(fault): \(try row.text())")
                }
            }
            return report
        }
    }

    private static func money(_ sql: SQL, _ connection: any Connection) throws -> Money {
        Money(nanoDollars: try connection.integer(sql) ?? 0)
    }
}

extension LedgerReport {
    /// Each a fault and a query for those that have it, in a column `o`.
    fileprivate static let checks: [(fault: String, offenders: SQL)] = [
        (
            "a movement does not sum to zero",
            "SELECT movement AS o FROM postings GROUP BY movement HAVING SUM(amount) <> 0"
        ),
        (
            "a balance is not the sum of its postings",
            """
            SELECT account || ' ' || owner AS o FROM (
                SELECT account, owner, amount FROM balances
                UNION ALL SELECT account, owner, -amount FROM postings
            ) both_sides GROUP BY account, owner HAVING SUM(amount) <> 0
            """
        ),
        (
            "a balance is below zero",
            "SELECT account || ' ' || owner AS o FROM balances WHERE amount < 0 AND account IN ('user', 'reserved')"
        ),
        (
            "what a user has reserved is not what the leases have left",
            """
            SELECT owner AS o FROM (
                SELECT owner, amount FROM balances WHERE account = 'reserved'
                UNION ALL SELECT user_id, -remaining FROM wallet_leases
            ) both_sides GROUP BY owner HAVING SUM(amount) <> 0
            """
        ),
        (
            "a settlement is not the sum of its requests",
            """
            SELECT o FROM (
                SELECT movement AS o, cost AS amount FROM usage_log WHERE movement IS NOT NULL
                UNION ALL SELECT movement, -amount FROM postings WHERE account = 'revenue'
            ) both_sides GROUP BY o HAVING SUM(amount) <> 0
            """
        ),
        (
            "a request has a cost that no settlement has",
            "SELECT id AS o FROM usage_log WHERE cost > 0 AND movement IS NULL"
        ),
        (
            "a key has not spent what its requests cost",
            """
            SELECT id AS o FROM (
                SELECT id, spent AS amount FROM keys
                UNION ALL SELECT key_id, -cost FROM usage_log WHERE key_id IN (SELECT id FROM keys)
            ) both_sides GROUP BY id HAVING SUM(amount) <> 0
            """
        ),
    ]
}
