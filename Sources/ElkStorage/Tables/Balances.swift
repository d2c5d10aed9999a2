extension Store {
    /// Adds to a user's balance and returns what it is then.
    ///
    /// The same operation again changes nothing.
    ///
    /// - Parameter operation: names this credit for all time, e.g. a payment's id.
    /// - Throws: `.conflict` when the operation was another movement; `.notFound`; `.invalid` unless the amount is positive.
    package func credit(
        user: String,
        amount: Money,
        operation: String,
        note: String,
        now: Int64
    ) async throws(StorageError) -> Money {
        let movement = Movement(id: operation, reason: .credit, note: note, created: now)
        return try await changeBalance(of: user, by: amount, amount: amount, movement)
    }

    /// Takes from a user's balance and returns what it is then.
    ///
    /// The same operation again changes nothing.
    ///
    /// - Throws: `.insufficientBalance`, and as `credit` does.
    package func debit(
        user: String,
        amount: Money,
        operation: String,
        note: String,
        now: Int64
    ) async throws(StorageError) -> Money {
        let movement = Movement(id: operation, reason: .debit, note: note, created: now)
        let change: Money
        do { change = try amount.negated() } catch { throw StorageError(engine: error) }
        return try await changeBalance(of: user, by: change, amount: amount, movement)
    }

    private func changeBalance(
        of user: String,
        by change: Money,
        amount: Money,
        _ movement: Movement
    ) async throws(StorageError) -> Money {
        guard amount.isPositive else { throw StorageError(.invalid, "an amount must be more than zero") }
        try FieldCheck.name(movement.id, "an operation")
        try FieldCheck.short(movement.note, "a note")
        return try await configure { connection in
            guard try User.find("u.id = \(user)", connection) != nil else { throw StorageError.notFound("user") }
            let ledger = Ledger(connection)
            if try connection.integer("SELECT 1 FROM movements WHERE id = \(movement.id)") != nil {
                let moved = try connection.integer(
                    """
                    SELECT amount FROM postings
                    WHERE movement = \(movement.id) AND account = 'user' AND owner = \(user)
                    """
                )
                guard moved == change.nanoDollars else {
                    throw StorageError(.conflict, "there was another movement under this operation's name")
                }
            } else {
                try ledger.enter(movement, [(.user, user, change), (.granted, "", change.negated())])
            }
            return try ledger.balance(.user, user) ?? .zero
        }
    }

    /// What moved on a user's accounts, newest first: by the movements' ids, which sort by time where we made them.
    ///
    /// - Parameter before: the id of the last movement of the page before.
    package func movements(
        user: String,
        before: String? = nil,
        limit: Int
    ) async throws(StorageError) -> [EnteredMovement] {
        try await read { connection in
            let page: SQL = before.map { "AND movement < \($0)" } ?? ""
            let rows = try connection.rows(
                """
                SELECT m.id, m.reason, m.note, m.created, p.account, p.owner, p.amount
                FROM (SELECT DISTINCT movement FROM postings WHERE owner = \(user) \(page)
                    ORDER BY movement DESC LIMIT \(max(0, limit))) page
                JOIN movements m ON m.id = page.movement
                JOIN postings p ON p.movement = m.id
                ORDER BY m.id DESC, p.account, p.owner
                """
            )
            return try EnteredMovement.grouped(rows)
        }
    }
}

extension EnteredMovement {
    fileprivate static func grouped(_ rows: [Row]) throws -> [EnteredMovement] {
        var entered: [EnteredMovement] = []
        for var row in rows {
            let id = try row.text()
            let reason = try row.text()
            guard let reason = Movement.Reason(rawValue: reason) else {
                throw StorageError(.corrupt, "a movement has an unknown reason")
            }
            let movement = try Movement(id: id, reason: reason, note: row.text(), created: row.integer())
            let account = try row.text()
            guard let account = LedgerAccount(rawValue: account) else {
                throw StorageError(.corrupt, "a posting has an unknown account")
            }
            let posting = try Posting(movement: id, account: account, owner: row.text(), amount: row.money())
            if entered.last?.movement.id == id {
                entered[entered.count - 1].postings.append(posting)
            } else {
                entered.append(EnteredMovement(movement: movement, postings: [posting]))
            }
        }
        return entered
    }
}
