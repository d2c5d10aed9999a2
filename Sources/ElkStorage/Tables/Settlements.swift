extension Store {
    /// Writes finished requests and moves their cost, all in one transaction.
    ///
    /// A request whose id is in the log already moves nothing, so a batch may be repeated, whole or in part, after any error.
    /// Cost comes from the request's lease, then from the user's balance, and what neither covers is written off: no balance
    /// goes below zero and no request is refused for lack of money at this point.
    /// - Throws: `.invalid` for a negative cost, which no repetition mends.
    package func settle(_ batch: [SettledRequest], now: Int64) async throws(StorageError) -> SettlementReport {
        for request in batch where request.usage.cost.isNegative {
            throw StorageError(.invalid, "the cost of request \(request.usage.id) is negative")
        }
        let ids = self.ids
        return try await write { try SettlementBatch($0, ids, now: now).run(batch) }
    }
}

private struct SettlementBatch {
    let connection: any Connection
    let ids: IDGenerator
    let now: Int64
    var report = SettlementReport()

    /// What one user's requests of this batch cost.
    struct Bill {
        var movement: String
        var fromLeases: [String: Money] = [:]
        var fromBalance = Money.zero
        var tab = Money.zero
    }

    struct KeyUse {
        var spent = Money.zero
        var lastUsed: Int64 = 0
    }

    init(_ connection: any Connection, _ ids: IDGenerator, now: Int64) {
        self.connection = connection
        self.ids = ids
        self.now = now
    }

    consuming func run(_ batch: [SettledRequest]) throws -> SettlementReport {
        var bills: [String: Bill] = [:]
        for request in batch where request.usage.cost.isPositive && bills[request.usage.userID] == nil {
            bills[request.usage.userID] = Bill(movement: ids.next(at: now))
        }
        let written = try UsageRow.insert(
            batch.map { request in
                var row = request.usage
                row.movement = row.cost.isPositive ? bills[row.userID]?.movement : nil
                return row
            },
            connection
        )
        var keys: [String: KeyUse] = [:]
        for (request, isNew) in zip(batch, written) {
            guard isNew else {
                report.repeated += 1
                continue
            }
            report.written += 1
            try add(request, to: &bills[request.usage.userID], &keys)
        }
        // Always in the same order, so that two batches on a server with many writers cannot lock each other out.
        for (user, bill) in bills.sorted(by: { $0.key < $1.key }) { try settle(bill, of: user) }
        for (key, use) in keys.sorted(by: { $0.key < $1.key }) { try note(use, of: key) }
        return report
    }

    private mutating func add(_ request: SettledRequest, to bill: inout Bill?, _ keys: inout [String: KeyUse]) throws {
        let usage = request.usage
        report.charged = try report.charged.adding(usage.cost)
        if let key = usage.keyID {
            var use = keys[key, default: KeyUse()]
            use.spent = try use.spent.adding(usage.cost)
            use.lastUsed = max(use.lastUsed, usage.started)
            keys[key] = use
        }
        guard usage.cost.isPositive, var sum = bill else { return }
        switch request.payer {
        case .tab: sum.tab = try sum.tab.adding(usage.cost)
        case .wallet(nil): sum.fromBalance = try sum.fromBalance.adding(usage.cost)
        case .wallet(let lease?):
            sum.fromLeases[lease] = try sum.fromLeases[lease, default: .zero].adding(usage.cost)
        }
        bill = sum
    }

    private mutating func settle(_ bill: Bill, of user: String) throws {
        let ledger = Ledger(connection)
        let leases = Leases(connection, ids)
        var uncovered = bill.fromBalance
        var reserved = Money.zero
        for (lease, cost) in bill.fromLeases.sorted(by: { $0.key < $1.key }) {
            let taken = try leases.take(cost, from: lease, user: user)
            reserved = try reserved.adding(taken)
            uncovered = try uncovered.adding(cost.subtracting(taken))
        }
        // A user who is not known to the ledger has no balance and no tab.
        let balance = try ledger.balance(.user, user)
        let free = min(uncovered, balance ?? .zero)
        let tab = balance == nil ? .zero : bill.tab
        let cost = try reserved.adding(uncovered).adding(bill.tab)
        let lost = try cost.subtracting(reserved).subtracting(free).subtracting(tab)
        guard cost.isPositive else { return }
        report.writtenOff = try report.writtenOff.adding(lost)
        try ledger.enter(
            Movement(id: bill.movement, reason: .settle, note: "", created: now),
            [
                (.reserved, user, reserved.negated()), (.user, user, free.negated()), (.tab, user, tab.negated()),
                (.writtenOff, "", lost.negated()), (.revenue, "", cost),
            ]
        )
        for lease in bill.fromLeases.keys {
            guard let open = try WalletLease.find("id = \(lease)", connection).first else { continue }
            report.remaining[lease] = open.remaining
        }
    }

    /// A key that was removed meanwhile has no row; its requests are in the log all the same.
    private func note(_ use: KeyUse, of key: String) throws {
        let spent = use.spent.nanoDollars
        try connection.execute(
            """
            UPDATE keys SET spent = spent + \(spent),
                last_used = CASE WHEN last_used > \(use.lastUsed) THEN last_used ELSE \(use.lastUsed) END
            WHERE id = \(key) AND spent <= \(Int64.max - spent)
            """
        )
    }
}
