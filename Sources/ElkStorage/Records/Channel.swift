/// Our account at a provider: where requests for its models can go.
package struct Channel: Sendable, Equatable {
    package var id: String
    /// Unique.
    package var name: String
    /// The id of a provider in the registry.
    package var provider: String
    /// Instead of the provider's own.
    package var baseURL: String?
    /// Upstream credentials; sealed in the database.
    package var keys: [Secret]
    /// Names or patterns of the models it serves, as clients write them.
    package var models: [String]
    /// Client's model name to upstream's.
    package var modelMapping: [String: String]
    /// The highest is tried first.
    package var priority: Int
    /// Share among channels of one priority.
    package var weight: Int
    /// Groups that may use it; empty: all.
    package var groups: [String]
    /// JSON text of parameter overrides; the gateway reads it.
    package var overrides: String
    /// JSON text of what a provider needs besides (organization, API version, region, ...); the gateway reads it.
    package var options: String
    package var isEnabled: Bool
    package var created: Int64

    package init(
        id: String,
        name: String,
        provider: String,
        baseURL: String? = nil,
        keys: [Secret] = [],
        models: [String] = [],
        modelMapping: [String: String] = [:],
        priority: Int = 0,
        weight: Int = 1,
        groups: [String] = [],
        overrides: String = "{}",
        options: String = "{}",
        isEnabled: Bool = true,
        created: Int64
    ) {
        self.id = id
        self.name = name
        self.provider = provider
        self.baseURL = baseURL
        self.keys = keys
        self.models = models
        self.modelMapping = modelMapping
        self.priority = priority
        self.weight = weight
        self.groups = groups
        self.overrides = overrides
        self.options = options
        self.isEnabled = isEnabled
        self.created = created
    }
}
