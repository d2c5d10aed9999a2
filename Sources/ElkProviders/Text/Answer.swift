package import ElkWire

/// A whole answer, in no provider's terms.
package struct Answer: Sendable {
    package struct Choice: Sendable {
        /// Reasoning, text, tool calls, refusal, images: in the order in which they were produced.
        package var parts: [Part]
        package var stop: StopReason
        /// The sequence that stopped it, where the upstream says so.
        package var stopSequence: String?
        /// OpenAI's `logprobs` object.
        package var logprobs: JSONSlice?

        package init(
            _ parts: [Part],
            stop: StopReason,
            stopSequence: String? = nil,
            logprobs: JSONSlice? = nil
        ) {
            self.parts = parts
            self.stop = stop
            self.stopSequence = stopSequence
            self.logprobs = logprobs
        }
    }

    /// The upstream's id; empty where it gave none.
    package var id: String
    /// The model as the upstream names it; empty where it does not.
    package var model: String
    /// Seconds since 1970, where the upstream says so.
    package var created: Int?
    package var choices: [Choice]
    package var usage: Usage?
    package var serviceTier: String?

    package init(
        id: String,
        model: String,
        created: Int? = nil,
        choices: [Choice],
        usage: Usage? = nil,
        serviceTier: String? = nil
    ) {
        self.id = id
        self.model = model
        self.created = created
        self.choices = choices
        self.usage = usage
        self.serviceTier = serviceTier
    }
}

/// Why a choice ended.
package enum StopReason: Sendable, Hashable {
    /// The model was done.
    case endOfTurn
    case stopSequence
    case maxTokens
    case contextExceeded
    case toolCalls
    /// A filter of the provider cut it.
    case contentFilter
    /// The model refused.
    case refusal
    /// The provider paused a long turn; the client may send it back to go on.
    case pause
}
