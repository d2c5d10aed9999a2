/// One logical request in the ledger: who, what, how it ended, what it cost.
///
/// Written once, never changed.
package struct UsageRow: Sendable, Hashable {
    /// The request's id, by which clients ask for it.
    ///
    /// Unique: it is the idempotency key of settlement. Time-ordered ids keep the log in order and its insertion cheap.
    package var id: String
    package var userID: String
    package var keyID: String?
    /// The channel that answered; nil when none did.
    package var channelID: String?
    /// As the client wrote it.
    package var model: String
    /// As the upstream was asked for it.
    package var upstreamModel: String?
    package var endpoint: String
    /// How it ended, in the words of the charge policy.
    package var outcome: String
    /// The HTTP status that the client saw.
    package var status: Int
    package var isStream: Bool
    package var counts: UsageCounts
    /// reported, counted or estimated.
    package var source: String
    package var cost: Money
    /// The group whose factor was applied.
    package var group: String?
    /// JSON text: one entry for each upstream try.
    package var attempts: String
    /// JSON text: how the cost came about.
    package var explanation: String
    /// Milliseconds since 1970.
    package var started: Int64
    /// Milliseconds from the start to the first byte for the client; nil when there was none.
    package var firstByte: Int64?
    /// Milliseconds from the start to the end.
    package var duration: Int64
    /// The client's address.
    package var address: String?
    /// Set by settlement: the movement in the ledger that has this row's cost in its sum.
    package internal(set) var movement: String?

    package init(
        id: String,
        userID: String,
        keyID: String? = nil,
        channelID: String? = nil,
        model: String,
        upstreamModel: String? = nil,
        endpoint: String,
        outcome: String,
        status: Int,
        isStream: Bool = false,
        counts: UsageCounts = UsageCounts(),
        source: String = "reported",
        cost: Money = .zero,
        group: String? = nil,
        attempts: String = "[]",
        explanation: String = "{}",
        started: Int64,
        firstByte: Int64? = nil,
        duration: Int64,
        address: String? = nil
    ) {
        self.id = id
        self.userID = userID
        self.keyID = keyID
        self.channelID = channelID
        self.model = model
        self.upstreamModel = upstreamModel
        self.endpoint = endpoint
        self.outcome = outcome
        self.status = status
        self.isStream = isStream
        self.counts = counts
        self.source = source
        self.cost = cost
        self.group = group
        self.attempts = attempts
        self.explanation = explanation
        self.started = started
        self.firstByte = firstByte
        self.duration = duration
        self.address = address
    }
}
