/// A finished request on its way into the database.
package struct SettledRequest: Sendable, Hashable {
    package enum Payer: Sendable, Hashable {
        /// From this lease; what it does not cover comes from the user's balance, and what that does not cover is written off.
        case wallet(lease: String?)
        /// Noted on the tab of an unlimited user.
        case tab
    }

    package var usage: UsageRow
    package var payer: Payer

    package init(usage: UsageRow, payer: Payer) {
        self.usage = usage
        self.payer = payer
    }
}

/// What a batch of settlements did.
package struct SettlementReport: Sendable, Hashable {
    /// Requests written now.
    package var written = 0
    /// Requests that an earlier batch had written already; they moved nothing.
    package var repeated = 0
    package var charged = Money.zero
    /// The part of `charged` that neither leases nor balances covered: the operator's loss.
    package var writtenOff = Money.zero
    /// What each lease has left, for those in the batch that are still open.
    package var remaining: [String: Money] = [:]

    package init() {}
}
