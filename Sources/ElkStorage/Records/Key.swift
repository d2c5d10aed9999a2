/// A client's credential and its limits.
///
/// The text itself is not stored, only its digest.
package struct Key: Sendable, Hashable {
    package var id: String
    package var userID: String
    package var name: String
    /// The first characters, for people to recognise it by.
    package var prefix: String
    /// Unique.
    package var digest: KeyDigest
    package var isEnabled: Bool
    /// Milliseconds since 1970; nil: never.
    package var expires: Int64?
    /// Names or patterns of allowed models; empty: all.
    package var models: [String]
    /// Allowed addresses and networks in CIDR notation; empty: all.
    package var networks: [String]
    /// What the key may spend in its life; nil: no limit of its own.
    package var budget: Money?
    /// What it has spent.
    ///
    /// Written by settlement alone: updating a key does not change it.
    package var spent: Money
    package var requestsPerMinute: Int?
    package var tokensPerMinute: Int?
    package var maxParallel: Int?
    /// Instead of its user's.
    package var group: String?
    package var created: Int64
    /// Written with settlements, so seconds late.
    package var lastUsed: Int64?

    package init(
        id: String,
        userID: String,
        name: String,
        prefix: String,
        digest: KeyDigest,
        isEnabled: Bool = true,
        expires: Int64? = nil,
        models: [String] = [],
        networks: [String] = [],
        budget: Money? = nil,
        spent: Money = .zero,
        requestsPerMinute: Int? = nil,
        tokensPerMinute: Int? = nil,
        maxParallel: Int? = nil,
        group: String? = nil,
        created: Int64,
        lastUsed: Int64? = nil
    ) {
        self.id = id
        self.userID = userID
        self.name = name
        self.prefix = prefix
        self.digest = digest
        self.isEnabled = isEnabled
        self.expires = expires
        self.models = models
        self.networks = networks
        self.budget = budget
        self.spent = spent
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.maxParallel = maxParallel
        self.group = group
        self.created = created
        self.lastUsed = lastUsed
    }
}
