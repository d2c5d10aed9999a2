/// The accounts of the ledger.
package enum LedgerAccount: String, Sendable, Hashable, CaseIterable {
    /// A user's free balance; never below zero.
    case user
    /// A user's money in the leases of nodes; never below zero.
    case reserved
    /// Where charges go.
    case revenue
    /// Where credit comes from: minus what was granted.
    case granted
    /// What an unlimited user used: zero or below.
    case tab
    /// What nobody covered: zero or below.
    case writtenOff = "written_off"
}

/// One side of a movement; the postings of a movement sum to zero.
///
/// Written once, never changed.
package struct Posting: Sendable, Hashable {
    package var movement: String
    package var account: LedgerAccount
    /// The user, or empty for the accounts of the house.
    package var owner: String
    package var amount: Money

    package init(movement: String, account: LedgerAccount, owner: String, amount: Money) {
        self.movement = movement
        self.account = account
        self.owner = owner
        self.amount = amount
    }
}

/// Why money moved, and the postings that did it.
package struct Movement: Sendable, Hashable {
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        case credit, debit, lease, settle, giveBack = "give_back", expire, removal
    }

    /// Unique: the idempotency key.
    package var id: String
    package var reason: Reason
    package var note: String
    package var created: Int64

    package init(id: String, reason: Reason, note: String, created: Int64) {
        self.id = id
        self.reason = reason
        self.note = note
        self.created = created
    }
}

/// A movement with all of its postings.
package struct EnteredMovement: Sendable, Hashable {
    package var movement: Movement
    package var postings: [Posting]
}

/// What recomputing the ledger found.
package struct LedgerReport: Sendable, Hashable {
    package var movements = 0
    package var postings = 0
    package var sum = Money.zero
    package var charged = Money.zero
    /// In words, each one a fault; empty when the books are right.
    package var faults: [String] = []

    package var isSound: Bool { faults.isEmpty }

    package init() {}
}
