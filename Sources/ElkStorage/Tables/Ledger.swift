/// The books, inside one transaction: movements, their postings and the balances, which are kept as their sums.
struct Ledger {
    typealias Leg = (account: LedgerAccount, owner: String, amount: Money)

    private let connection: any Connection

    init(_ connection: any Connection) {
        self.connection = connection
    }

    /// Moves an amount from one account to another.
    ///
    /// - Throws: `.insufficientBalance`, `.notFound` for an account that is not there, `.conflict` for a used id.
    func move(
        _ amount: Money,
        from source: (LedgerAccount, String),
        to target: (LedgerAccount, String),
        as movement: Movement
    ) throws {
        try enter(movement, [(source.0, source.1, amount.negated()), (target.0, target.1, amount)])
    }

    /// Enters a movement of any number of legs.
    ///
    /// They must sum to zero; those of zero are left out.
    func enter(_ movement: Movement, _ legs: [Leg]) throws {
        let sum = try legs.reduce(Money.zero) { try $0.adding($1.amount) }
        guard sum.isZero else { throw StorageError(.invalid, "the postings of a movement do not sum to zero") }
        try connection.execute(
            """
            INSERT INTO movements (id, reason, note, created)
            VALUES (\(movement.id), \(movement.reason.rawValue), \(movement.note), \(movement.created))
            """
        )
        for leg in legs where !leg.amount.isZero {
            try connection.execute(
                """
                INSERT INTO postings (movement, account, owner, amount)
                VALUES (\(movement.id), \(leg.account.rawValue), \(leg.owner), \(leg.amount))
                """
            )
            try change(leg)
        }
    }

    /// Nil when there is no such account.
    func balance(_ account: LedgerAccount, _ owner: String) throws -> Money? {
        try connection.integer(
            "SELECT amount FROM balances WHERE account = \(account.rawValue) AND owner = \(owner)"
        ).map(Money.init(nanoDollars:))
    }

    /// Conditional on the room that there is, so that neither a race nor an overflow can leave the range.
    private func change(_ leg: Leg) throws {
        let amount = leg.amount.nanoDollars
        let floor: Int64 = leg.account.mayBeNegative ? .min : 0
        let room: SQL = amount > 0 ? "amount <= \(Int64.max - amount)" : "amount >= \(floor &- amount)"
        let changed = try connection.execute(
            """
            UPDATE balances SET amount = amount + \(amount)
            WHERE account = \(leg.account.rawValue) AND owner = \(leg.owner) AND \(room)
            """
        )
        guard changed == 0 else { return }
        guard try balance(leg.account, leg.owner) != nil else { throw StorageError.notFound("account") }
        guard amount < 0, !leg.account.mayBeNegative else { throw MoneyOverflow() }
        throw StorageError(.insufficientBalance, "the balance is too low")
    }
}

extension LedgerAccount {
    var mayBeNegative: Bool {
        switch self {
        case .user, .reserved: false
        case .revenue, .granted, .tab, .writtenOff: true
        }
    }
}
