package import ElkStorage
package import ElkWire

/// What the relay knows when a request is over; the last thing it says about it.
package struct Ending: Sendable {
    package var outcome: Outcome
    /// As the upstream reported it.
    ///
    /// Nil when it did not.
    package var reported: Usage?
    /// What was paid part by part as it came, each at its own price, however the request ended.
    ///
    /// Nil for requests that are paid as a whole.
    package var metered: Metered?
    /// UTF-8 bytes of output (text, tool arguments) that were handed to the client.
    ///
    /// What was made but never sent does not count.
    package var deliveredOutput: Int
    /// The status that the client got; 499 when it left before one.
    package var status: Int
    /// The code of the failure that the client got, or would have got.
    package var failureCode: String?
    /// The channel that answered, or that was tried last.
    package var channelID: String?
    /// The model's name at that channel.
    package var upstreamModel: String?
    /// Every try, in order, the one that answered included.
    package var attempts: [AttemptRecord]
    /// From admission to the first byte of the answer.
    package var firstByteMilliseconds: Int64?

    package init(
        _ outcome: Outcome,
        reported: Usage? = nil,
        metered: Metered? = nil,
        deliveredOutput: Int = 0,
        status: Int = 200,
        failureCode: String? = nil,
        channelID: String? = nil,
        upstreamModel: String? = nil,
        attempts: [AttemptRecord] = [],
        firstByteMilliseconds: Int64? = nil
    ) {
        self.outcome = outcome
        self.reported = reported
        self.metered = metered
        self.deliveredOutput = deliveredOutput
        self.status = status
        self.failureCode = failureCode
        self.channelID = channelID
        self.upstreamModel = upstreamModel
        self.attempts = attempts
        self.firstByteMilliseconds = firstByteMilliseconds
    }
}

/// The sum of the parts of a request that is paid part by part.
package struct Metered: Sendable, Hashable {
    package private(set) var usage: Usage
    package private(set) var cost: Money

    /// - Parameter rates: of the request itself, which may cost something before its first part.
    package init(_ rates: Rates?, factor: Int) {
        usage = Usage(requests: 1)
        cost = rates?.cost(of: usage, factor: factor) ?? .zero
    }

    /// Adds a part at its price; more than money can hold is all that it can.
    package mutating func add(_ part: Usage, _ rates: Rates?, factor: Int) {
        usage.add(part)
        guard let rates else { return }
        let price = rates.cost(of: part, factor: factor) ?? .max
        cost = (try? cost.adding(price)) ?? .max
    }
}

/// One try at one channel with one of its keys.
package struct AttemptRecord: Sendable, Hashable {
    package var channelID: String
    /// Which of the channel's keys, counted from 0.
    ///
    /// Never the key.
    package var keyIndex: Int
    /// The upstream's status; 0 when none came.
    package var status: Int
    /// What went wrong, as a stable code; nil when nothing did.
    package var failureCode: String?
    package var milliseconds: Int64
    package var usage: Usage?

    package init(
        channelID: String,
        keyIndex: Int,
        status: Int,
        failureCode: String? = nil,
        milliseconds: Int64,
        usage: Usage? = nil
    ) {
        self.channelID = channelID
        self.keyIndex = keyIndex
        self.status = status
        self.failureCode = failureCode
        self.milliseconds = milliseconds
        self.usage = usage
    }
}
