/// All that requests are served from, read in one transaction.
package struct Snapshot: Sendable, Equatable {
    package var users: [User]
    package var groups: [Group]
    package var keys: [Key]
    package var channels: [Channel]
    package var prices: [Price]
    package var settings: [String: String]

    package init(
        users: [User],
        groups: [Group],
        keys: [Key],
        channels: [Channel],
        prices: [Price],
        settings: [String: String]
    ) {
        self.users = users
        self.groups = groups
        self.keys = keys
        self.channels = channels
        self.prices = prices
        self.settings = settings
    }
}

/// Differs from an earlier one when what a `Snapshot` is made of may have changed since: by this process's administration or
/// by any write of another process.
package struct ChangeMark: Sendable, Hashable {
    var engine: Int64
    var local: Int
}
