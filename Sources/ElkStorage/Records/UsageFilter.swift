/// Which rows of the usage log are meant.
///
/// Everything that is set must hold.
package struct UsageFilter: Sendable, Hashable {
    package var userID: String?
    package var keyID: String?
    package var channelID: String?
    /// Exactly this model.
    package var model: String?
    /// Models whose name contains this text; `%` and `_` in it mean themselves.
    package var modelContains: String?
    package var endpoint: String?
    package var outcome: String?
    /// Started at or after, in milliseconds since 1970.
    package var from: Int64?
    /// Started before.
    package var to: Int64?

    package init(userID: String? = nil, keyID: String? = nil, from: Int64? = nil, to: Int64? = nil) {
        self.userID = userID
        self.keyID = keyID
        self.from = from
        self.to = to
    }
}

/// One line of an aggregate over the usage log.
package struct UsageSummary: Sendable, Hashable {
    package enum Dimension: Sendable, Hashable, CaseIterable {
        /// The UTC day a request started on; `label` is the day's first millisecond.
        case day
        case model, user, key, channel, endpoint, outcome
        /// One line for all.
        case total
    }

    /// The value of the dimension; empty where a row has none.
    package var label: String
    package var requests: Int
    package var counts: UsageCounts
    package var cost: Money

    package init(label: String, requests: Int, counts: UsageCounts, cost: Money) {
        self.label = label
        self.requests = requests
        self.counts = counts
        self.cost = cost
    }
}
