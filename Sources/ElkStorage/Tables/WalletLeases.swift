extension Store {
    /// Moves money from a user's balance into the node's lease for that user, which is made when there is none: `wanted`, or
    /// all there is when that is at least `minimum`.
    ///
    /// - Returns: nil when the balance is below the minimum; then nothing moved.
    /// - Throws: `.notFound` when the node is not entered (any more) or the user is not there.
    package func lease(
        user: String,
        wanted: Money,
        minimum: Money,
        node incarnation: String,
        now: Int64
    ) async throws(StorageError) -> LeaseGrant? {
        guard minimum.isPositive, wanted >= minimum else {
            throw StorageError(.invalid, "a lease wants more than zero, and no less than its minimum")
        }
        let ids = self.ids
        return try await write {
            try Leases($0, ids).draw(user: user, wanted: wanted, minimum: minimum, node: incarnation, now: now)
        }
    }

    /// Gives a part of a lease back to the balance: `amount`, or what remains if that is less; with nil all, and the lease ends.
    ///
    /// Returns how much went back: nothing from a lease that has ended.
    package func giveBack(lease: String, amount: Money? = nil, now: Int64) async throws(StorageError) -> Money {
        if let amount, !amount.isPositive { throw StorageError(.invalid, "an amount must be more than zero") }
        let ids = self.ids
        return try await write { try Leases($0, ids).giveBack(lease, amount, reason: .giveBack, now: now) }
    }

    package func leases() async throws(StorageError) -> [WalletLease] {
        try await read { try WalletLease.find("1 = 1", $0) }
    }
}

/// The leases inside one transaction.
struct Leases {
    private let connection: any Connection
    private let ids: IDGenerator

    init(_ connection: any Connection, _ ids: IDGenerator) {
        self.connection = connection
        self.ids = ids
    }

    func draw(user: String, wanted: Money, minimum: Money, node: String, now: Int64) throws -> LeaseGrant? {
        guard try connection.integer("SELECT 1 FROM nodes WHERE incarnation = \(node)") != nil else {
            throw StorageError.notFound("node")
        }
        let ledger = Ledger(connection)
        guard let balance = try ledger.balance(.user, user) else { throw StorageError.notFound("user") }
        guard balance >= minimum else { return nil }
        let amount = min(balance, wanted)
        try ledger.move(
            amount,
            from: (.user, user),
            to: (.reserved, user),
            as: Movement(id: ids.next(at: now), reason: .lease, note: "", created: now)
        )
        try connection.execute(
            """
            INSERT INTO wallet_leases (id, user_id, node, granted, remaining, created)
            VALUES (\(ids.next(at: now)), \(user), \(node), \(amount), \(amount), \(now))
            ON CONFLICT (node, user_id) DO UPDATE SET granted = wallet_leases.granted + excluded.granted,
                remaining = wallet_leases.remaining + excluded.remaining
            """
        )
        let lease = try WalletLease.find("node = \(node) AND user_id = \(user)", connection).first
        guard let lease else { throw StorageError(.engine, "a lease vanished") }
        return LeaseGrant(lease: lease, added: amount)
    }

    func giveBack(_ id: String, _ wanted: Money?, reason: Movement.Reason, now: Int64) throws -> Money {
        guard let lease = try WalletLease.find("id = \(id)", connection).first else { return .zero }
        let amount = min(lease.remaining, wanted ?? lease.remaining)
        let isAsRead: SQL = "id = \(id) AND remaining = \(lease.remaining)"
        if wanted == nil {
            try change("DELETE FROM wallet_leases WHERE \(isAsRead)")
        } else {
            try change("UPDATE wallet_leases SET remaining = remaining - \(amount) WHERE \(isAsRead)")
        }
        guard amount.isPositive else { return .zero }
        try Ledger(connection).move(
            amount,
            from: (.reserved, lease.userID),
            to: (.user, lease.userID),
            as: Movement(id: ids.next(at: now), reason: reason, note: "", created: now)
        )
        return amount
    }

    /// Takes up to an amount for a settlement; returns what it got.
    ///
    /// Its posting is the caller's.
    func take(_ wanted: Money, from id: String, user: String) throws -> Money {
        let lease = try WalletLease.find("id = \(id) AND user_id = \(user)", connection).first
        guard let lease else { return .zero }
        let amount = min(lease.remaining, wanted)
        try change(
            "UPDATE wallet_leases SET remaining = remaining - \(amount) WHERE id = \(id) AND remaining = \(lease.remaining)"
        )
        return amount
    }

    /// Only one writer is at work in SQLite; an engine that has several must not let two of them move the same money.
    private func change(_ sql: SQL) throws {
        guard try connection.execute(sql) == 1 else {
            throw StorageError(.busy, "a lease was changed by another writer")
        }
    }

    /// Ends all nodes that the condition names, with their leases.
    func retire(_ condition: SQL, reason: Movement.Reason, now: Int64) throws -> Money {
        var total = Money.zero
        for var row in try connection.rows("SELECT incarnation FROM nodes WHERE \(condition)") {
            let node = try row.text()
            for lease in try WalletLease.find("node = \(node)", connection) {
                total = try total.adding(giveBack(lease.id, nil, reason: reason, now: now))
            }
            try connection.execute("DELETE FROM nodes WHERE incarnation = \(node)")
        }
        return total
    }
}

extension WalletLease {
    static func find(_ condition: SQL, _ connection: any Connection) throws -> [WalletLease] {
        try connection.rows(
            "SELECT id, user_id, node, granted, remaining, created FROM wallet_leases WHERE \(condition) ORDER BY id"
        ).map { row in
            var row = row
            return try WalletLease(
                id: row.text(),
                userID: row.text(),
                node: row.text(),
                granted: row.money(),
                remaining: row.money(),
                created: row.integer()
            )
        }
    }
}
