import ElkWire
import NIOCore

/// `Conversation` → a chat body.
struct ChatRequestWriter {
    private var json = JSONWriter()
    private let conversation: Conversation
    private let traits: ChatModelTraits

    static func write(
        _ conversation: Conversation,
        _ context: WriteContext,
        dropped: inout [String]
    ) throws(Failure) -> ByteBuffer {
        var writer = ChatRequestWriter(conversation, ChatModelTraits(context.model))
        writer.json.beginObject()
        writer.json.member("model", context.model)
        writer.json.key("messages")
        try ChatMessageWriter.write(conversation, writer.traits, into: &writer.json, dropped: &dropped)
        writer.limits(&dropped)
        writer.sampling(&dropped)
        writer.output()
        ChatToolWriter.write(conversation, into: &writer.json, dropped: &dropped)
        writer.reasoning(&dropped)
        writer.identity(&dropped)
        if conversation.streams {
            writer.json.member("stream", true)
            // Asked for even when the client did not: the bill needs it.
            writer.json.object("stream_options") { $0.member("include_usage", true) }
        }
        writer.json.endObject()
        return writer.json.buffer
    }

    private init(_ conversation: Conversation, _ traits: ChatModelTraits) {
        self.conversation = conversation
        self.traits = traits
    }

    private mutating func limits(_ dropped: inout [String]) {
        if let count = conversation.maxOutputTokens {
            // Clients made for one provider ask for what its models can do; others refuse that.
            let limit = traits.mostOutput.map { min($0, count) } ?? count
            json.member(traits.wantsMaxCompletionTokens ? "max_completion_tokens" : "max_tokens", limit)
        }
        let stop = conversation.sampling.stop
        guard !stop.isEmpty else { return }
        if stop.count > Self.mostStops { dropped.append("stop[\(Self.mostStops)]") }
        json.array("stop") { array in
            for text in stop.prefix(Self.mostStops) { array.value(text) }
        }
    }

    private static let mostStops = 4

    private mutating func sampling(_ dropped: inout [String]) {
        let sampling = conversation.sampling
        func keep(_ name: String, _ isSet: Bool) -> Bool {
            guard isSet else { return false }
            if traits.refusesSampling { dropped.append(name) }
            return !traits.refusesSampling
        }
        if let value = sampling.temperature, keep("temperature", true) { json.member("temperature", value) }
        if let value = sampling.topP, keep("top_p", true) { json.member("top_p", value) }
        if let value = sampling.presencePenalty, keep("presence_penalty", true) {
            json.member("presence_penalty", value)
        }
        if let value = sampling.frequencyPenalty, keep("frequency_penalty", true) {
            json.member("frequency_penalty", value)
        }
        if let value = sampling.logprobs, keep("logprobs", true) { json.member("logprobs", value) }
        if let value = sampling.topLogprobs, keep("top_logprobs", true) { json.member("top_logprobs", value) }
        if let value = sampling.logitBias, keep("logit_bias", true) {
            json.key("logit_bias")
            json.raw(value)
        }
        if let value = sampling.seed { json.member("seed", value) }
        if let value = sampling.n, value != 1 { json.member("n", value) }
        // OpenAI refuses the request for it; who has it is reached by its own format.
        if sampling.topK != nil { dropped.append("top_k") }
    }

    private mutating func output() {
        switch conversation.output {
        case .text: break
        case .jsonObject: json.object("response_format") { $0.member("type", "json_object") }
        case .jsonSchema(let name, let description, let schema, let strict):
            json.object("response_format") { format in
                format.member("type", "json_schema")
                format.object("json_schema") { inner in
                    // Required here, absent in Messages and Gemini.
                    inner.member("name", name ?? "answer")
                    if let description { inner.member("description", description) }
                    inner.key("schema")
                    inner.raw(schema)
                    if let strict { inner.member("strict", strict) }
                }
            }
        }
        if let verbosity = conversation.verbosity { json.member("verbosity", verbosity) }
    }

    private mutating func reasoning(_ dropped: inout [String]) {
        guard let wish = conversation.reasoning else { return }
        switch traits.reasoningSwitch {
        case .effort:
            guard let effort = traits.effort(wish.nearestEffort()) else {
                dropped.append("reasoning")
                return
            }
            json.member("reasoning_effort", effort.rawValue)
        case .thinkingType:
            json.object("thinking") { $0.member("type", wish.mode == .off ? "disabled" : "enabled") }
        case .enableThinking: json.member("enable_thinking", wish.mode != .off)
        case .none:
            if wish.mode != .off { dropped.append("reasoning") }
        }
    }

    private mutating func identity(_ dropped: inout [String]) {
        if let user = conversation.user { json.member("user", user) }
        if let tier = conversation.serviceTier { json.member("service_tier", tier) }
        if let key = conversation.promptCacheKey { json.member("prompt_cache_key", key) }
        if !conversation.modalities.isEmpty { dropped.append("modalities") }
        // Other servers of the family refuse what they do not know; only OpenAI keeps answers, and only with `store`.
        guard conversation.store == true else {
            if !conversation.metadata.isEmpty { dropped.append("metadata") }
            return
        }
        json.member("store", true)
        guard !conversation.metadata.isEmpty else { return }
        json.object("metadata") { object in
            for (key, value) in conversation.metadata.sorted(by: { $0.key < $1.key }) { object.member(key, value) }
        }
    }
}
