package import ElkGateway
package import ElkProviders
package import ElkStorage
import ElkWire

/// Records as the admin API and `--json` show them: amounts in decimal dollars as text, times in milliseconds since 1970,
/// never a secret.
package struct UserView: Encodable, Sendable {
    package var id: String
    package var name: String
    package var group: String
    package var balance: String
    package var reserved: String
    package var unlimited: Bool
    package var enabled: Bool
    package var created: Int64

    package init(_ user: User) {
        id = user.id
        name = user.name
        group = user.group
        balance = user.balance.description
        reserved = user.reserved.description
        unlimited = user.isUnlimited
        enabled = user.isEnabled
        created = user.created
    }
}

package struct GroupView: Encodable, Sendable {
    package var name: String
    package var title: String
    package var factor_ppm: Int
    package var created: Int64

    package init(_ group: Group) {
        name = group.name
        title = group.title
        factor_ppm = group.factor
        created = group.created
    }
}

package struct KeyView: Encodable, Sendable {
    package var id: String
    package var user_id: String
    package var name: String
    package var prefix: String
    package var enabled: Bool
    package var expires: Int64?
    package var models: [String]
    package var networks: [String]
    package var budget: String?
    package var spent: String
    package var requests_per_minute: Int?
    package var tokens_per_minute: Int?
    package var max_parallel: Int?
    package var group: String?
    package var created: Int64
    package var last_used: Int64?
    /// The key itself: in the answer that makes it, and never again.
    package var key: String?

    package init(_ key: Key, text: Secret? = nil) {
        id = key.id
        user_id = key.userID
        name = key.name
        prefix = key.prefix
        enabled = key.isEnabled
        expires = key.expires
        models = key.models
        networks = key.networks
        budget = key.budget?.description
        spent = key.spent.description
        requests_per_minute = key.requestsPerMinute
        tokens_per_minute = key.tokensPerMinute
        max_parallel = key.maxParallel
        group = key.group
        created = key.created
        last_used = key.lastUsed
        self.key = text?.reveal()
    }
}

package struct ChannelView: Encodable, Sendable {
    package var id: String
    package var name: String
    package var provider: String
    package var base_url: String?
    /// Enough of each upstream key to recognise it by.
    package var keys: [String]
    package var models: [String]
    package var model_mapping: [String: String]
    package var priority: Int
    package var weight: Int
    package var groups: [String]
    /// JSON text.
    package var overrides: String
    /// JSON text.
    package var options: String
    package var enabled: Bool
    package var created: Int64

    package init(_ channel: Channel) {
        id = channel.id
        name = channel.name
        provider = channel.provider
        base_url = channel.baseURL
        keys = channel.keys.map(\.hint)
        models = channel.models
        model_mapping = channel.modelMapping
        priority = channel.priority
        weight = channel.weight
        groups = channel.groups
        overrides = channel.overrides
        options = channel.options
        enabled = channel.isEnabled
        created = channel.created
    }
}

package struct ProviderView: Encodable, Sendable {
    package var id: String
    package var title: String
    package var base_url: String?
    package var endpoints: [String]

    package init(_ provider: Provider) {
        id = provider.id
        title = provider.title
        base_url = provider.baseURL
        endpoints = provider.endpoints.keys.map(\.rawValue).sorted()
    }
}

package struct MovementView: Encodable, Sendable {
    package struct Side: Encodable, Sendable {
        package var account: String
        package var owner: String
        package var amount: String
    }

    package var id: String
    package var reason: String
    package var note: String
    package var created: Int64
    package var postings: [Side]

    package init(_ movement: Movement, _ postings: [Posting]) {
        id = movement.id
        reason = movement.reason.rawValue
        note = movement.note
        created = movement.created
        self.postings = postings.map {
            Side(account: $0.account.rawValue, owner: $0.owner, amount: $0.amount.description)
        }
    }
}

package struct LedgerView: Encodable, Sendable {
    package var sound: Bool
    package var movements: Int
    package var postings: Int
    package var sum: String
    package var charged: String
    package var faults: [String]

    package init(_ report: LedgerReport) {
        sound = report.isSound
        movements = report.movements
        postings = report.postings
        sum = report.sum.description
        charged = report.charged.description
        faults = report.faults
    }
}
