/// A part of a user's balance that one node may spend: the persisted reservation that the node's holds are drawn from.
package struct WalletLease: Sendable, Hashable {
    package var id: String
    package var userID: String
    /// The incarnation of the node that has it.
    package var node: String
    /// All that was moved into it so far.
    package var granted: Money
    /// What is neither settled nor returned.
    ///
    /// Holds are not known here.
    package var remaining: Money
    package var created: Int64

    package init(id: String, userID: String, node: String, granted: Money, remaining: Money, created: Int64) {
        self.id = id
        self.userID = userID
        self.node = node
        self.granted = granted
        self.remaining = remaining
        self.created = created
    }
}

/// What a node got.
package struct LeaseGrant: Sendable, Hashable {
    /// As it is now.
    ///
    /// Requests that are not settled yet are still in what remains.
    package var lease: WalletLease
    /// What was moved into it just now.
    package var added: Money
}

/// A server process that takes leases.
package struct Node: Sendable, Hashable {
    /// Fresh at each start of a process.
    package var incarnation: String
    /// The same at each start with one data folder.
    package var name: String
    package var started: Int64
    /// When its leases return, unless it says before that it lives.
    package var expires: Int64

    package init(incarnation: String, name: String, started: Int64, expires: Int64) {
        self.incarnation = incarnation
        self.name = name
        self.started = started
        self.expires = expires
    }
}
