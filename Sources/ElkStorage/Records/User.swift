/// An account: who pays.
package struct User: Sendable, Hashable {
    package var id: String
    /// Unique among the users that are not deleted.
    package var name: String
    /// The name of its `Group`.
    package var group: String
    /// What is neither spent nor leased to a node.
    ///
    /// Derived from the postings: writing a user does not change it.
    package var balance: Money
    /// What nodes hold leases on.
    ///
    /// Derived, too.
    package var reserved: Money
    /// Is not asked for a balance; what it uses is noted on its tab.
    package var isUnlimited: Bool
    package var isEnabled: Bool
    package var created: Int64

    /// The built-in account of a server without keys.
    ///
    /// It always exists and is unlimited.
    package static let localID = "local"

    package init(
        id: String,
        name: String,
        group: String = Group.defaultName,
        balance: Money = .zero,
        reserved: Money = .zero,
        isUnlimited: Bool = false,
        isEnabled: Bool = true,
        created: Int64
    ) {
        self.id = id
        self.name = name
        self.group = group
        self.balance = balance
        self.reserved = reserved
        self.isUnlimited = isUnlimited
        self.isEnabled = isEnabled
        self.created = created
    }
}
