import ElkProviders
package import ElkStorage

/// Everything that requests are served from, as it was at one moment: users, keys, groups, channels, prices.
///
/// Never changed, only replaced as a whole: take it once a request and use it to the end.
package final class Catalog: Sendable {
    /// A user, and the money it has on this node.
    package final class Account: Sendable {
        package let user: User
        /// Nil for unlimited users.
        package let wallet: Wallet?

        init(user: User, wallet: Wallet?) {
            self.user = user
            self.wallet = wallet
        }
    }

    /// A key, with what is asked of it on every request made ready.
    package final class Credential: Sendable {
        package let key: Key
        package let account: Account
        package let networks: NetworkList
        package let models: ModelPatterns
        package let limits: KeyMeter.Limits
        package let meter: KeyMeter
        package let budget: KeyBudget?

        init(key: Key, account: Account, meter: KeyMeter, budget: KeyBudget?) {
            self.key = key
            self.account = account
            self.meter = meter
            self.budget = budget
            networks = NetworkList(key.networks)
            models = ModelPatterns(key.models)
            limits = KeyMeter.Limits(
                requestsPerMinute: key.requestsPerMinute,
                tokensPerMinute: key.tokensPerMinute,
                maxParallel: key.maxParallel
            )
        }
    }

    package let accounts: [String: Account]
    package let groups: [String: Group]
    /// All of them, those that are switched off too, in the order of the database.
    package let channels: [CatalogChannel]
    package let prices: PriceList
    package let settings: [String: String]
    /// Channels that cannot be used and why, for operators.
    package let problems: [String]
    private let credentials: [KeyDigest: Credential]
    private let channelsByID: [String: CatalogChannel]
    private let channelsByModel: [String: [CatalogChannel]]
    private let channelsByPrefix: [CatalogChannel]

    init(
        accounts: [String: Account] = [:],
        groups: [String: Group] = [:],
        credentials: [KeyDigest: Credential] = [:],
        channels: [CatalogChannel] = [],
        prices: PriceList = PriceList(),
        settings: [String: String] = [:],
        problems: [String] = []
    ) {
        self.accounts = accounts
        self.groups = groups
        self.credentials = credentials
        self.channels = channels
        self.prices = prices
        self.settings = settings
        self.problems = problems
        channelsByID = Dictionary(channels.map { ($0.id, $0) }) { first, _ in first }
        let usable = channels.filter(\.isUsable)
        var byModel: [String: [CatalogChannel]] = [:]
        for name in Set(usable.flatMap { $0.models.names }) {
            byModel[name] = usable.filter { $0.models.contains(name) }
        }
        channelsByModel = byModel
        channelsByPrefix = usable.filter { $0.models.hasPrefixes }
    }

    /// Nothing configured.
    package static let empty = Catalog()

    package var hasKeys: Bool { !credentials.isEmpty }

    package func credential(_ digest: KeyDigest) -> Credential? { credentials[digest] }

    /// Looks at one after the other: for what is rare.
    package func credential(id: String) -> Credential? { credentials.values.first { $0.key.id == id } }

    /// A channel by its id, whether switched on or not.
    package func channel(id: String) -> CatalogChannel? { channelsByID[id] }

    /// The channels that are switched on, serve the model as clients name it, and are open to the group.
    ///
    /// In no order of merit.
    package func channels(serving model: String, group: String) -> [CatalogChannel] {
        let candidates = channelsByModel[model] ?? channelsByPrefix.filter { $0.models.contains(model) }
        return candidates.filter { $0.isOpen(to: group) }
    }

    /// The names of models that the group can use, sorted; patterns name none.
    package func models(group: String) -> [String] {
        channelsByModel.filter { entry in entry.value.contains { $0.isOpen(to: group) } }.keys.sorted()
    }
}
