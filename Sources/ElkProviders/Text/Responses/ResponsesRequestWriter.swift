import ElkWire
import NIOCore

/// `Conversation` → a Responses body.
struct ResponsesRequestWriter {
    private var json = JSONWriter()
    private let conversation: Conversation
    private let context: WriteContext
    private let traits: ChatModelTraits

    static func write(
        _ conversation: Conversation,
        _ context: WriteContext,
        dropped: inout [String]
    ) throws(Failure) -> ByteBuffer {
        if let n = conversation.sampling.n, n > 1 {
            throw .invalidRequest(
                "This model's provider gives one answer a request: 'n' must be 1.",
                parameter: "n",
                code: "unsupported_value"
            )
        }
        var writer = ResponsesRequestWriter(conversation, context)
        writer.json.beginObject()
        writer.json.member("model", context.model)
        try writer.input()
        ResponsesToolWriter.write(conversation, into: &writer.json, dropped: &dropped)
        writer.sampling(&dropped)
        writer.text()
        writer.reasoning(&dropped)
        writer.rest()
        writer.json.endObject()
        return writer.json.buffer
    }

    private init(_ conversation: Conversation, _ context: WriteContext) {
        (self.conversation, self.context) = (conversation, context)
        traits = ChatModelTraits(context.model)
    }

    /// The first turn, where it is an instruction, is `instructions`; later ones keep their place as messages.
    private mutating func input() throws(Failure) {
        var turns = conversation.turns[...]
        if let first = turns.first, first.role == .system || first.role == .developer {
            let texts = first.parts.compactMap { if case .text(let text) = $0 { text.content } else { nil } }
            json.member("instructions", texts.joined(separator: "\n\n"))
            turns = turns.dropFirst()
        }
        json.key("input")
        json.beginArray()
        for turn in turns { try ResponsesItemWriter.write(turn, into: &json) }
        json.endArray()
    }

    private mutating func sampling(_ dropped: inout [String]) {
        let sampling = conversation.sampling
        if let value = sampling.temperature {
            if traits.refusesSampling { dropped.append("temperature") } else { json.member("temperature", value) }
        }
        if let value = sampling.topP {
            if traits.refusesSampling { dropped.append("top_p") } else { json.member("top_p", value) }
        }
        if sampling.logprobs == true {
            if traits.refusesSampling {
                dropped.append("logprobs")
            } else {
                json.member("top_logprobs", sampling.topLogprobs ?? 0)
            }
        }
        // The format refuses less.
        if let count = conversation.maxOutputTokens { json.member("max_output_tokens", max(count, 16)) }
        if sampling.topK != nil { dropped.append("top_k") }
        if sampling.seed != nil { dropped.append("seed") }
        if !sampling.stop.isEmpty { dropped.append("stop") }
        if sampling.presencePenalty != nil { dropped.append("presence_penalty") }
        if sampling.frequencyPenalty != nil { dropped.append("frequency_penalty") }
        if sampling.logitBias != nil { dropped.append("logit_bias") }
        if !conversation.modalities.isEmpty { dropped.append("modalities") }
    }

    private mutating func text() {
        let isText = if case .text = conversation.output { true } else { false }
        guard !isText || conversation.verbosity != nil else { return }
        json.object("text") { text in
            switch conversation.output {
            case .text: break
            case .jsonObject: text.object("format") { $0.member("type", "json_object") }
            case .jsonSchema(let name, let description, let schema, let strict):
                text.object("format") { format in
                    format.member("type", "json_schema")
                    format.member("name", name ?? "answer")
                    if let description { format.member("description", description) }
                    format.member("schema", schema)
                    format.member("strict", strict ?? false)
                }
            }
            if let verbosity = conversation.verbosity { text.member("verbosity", verbosity) }
        }
    }

    /// Nothing is kept up there, so the seals must come down: they are how a later request goes on thinking.
    private mutating func reasoning(_ dropped: inout [String]) {
        guard case .effort = traits.reasoningSwitch else {
            if let wish = conversation.reasoning, wish.mode != .off { dropped.append("reasoning") }
            return
        }
        json.array("include") { $0.value("reasoning.encrypted_content") }
        guard let wish = conversation.reasoning else { return }
        let least = leastEffort
        json.object("reasoning") { reasoning in
            if wish.mode == .off {
                reasoning.member("effort", least)
            } else {
                let asksForMuch = wish.mode == .on || wish.effort != nil || wish.budget != nil
                if asksForMuch { reasoning.member("effort", wish.nearestEffort().rawValue) }
                if wish.wantsText != false { reasoning.member("summary", "auto") }
            }
        }
    }

    /// What comes nearest to not thinking differs by generation.
    private var leastEffort: String {
        let name = (context.model.split(separator: "/").last.map(String.init) ?? context.model).lowercased()
        if name.hasPrefix("gpt-5.") || name.hasPrefix("gpt-6") { return "none" }
        return name.hasPrefix("gpt-5") ? "minimal" : "low"
    }

    private mutating func rest() {
        if let user = conversation.user { json.member("user", user) }
        if let tier = conversation.serviceTier { json.member("service_tier", tier) }
        if let key = conversation.promptCacheKey { json.member("prompt_cache_key", key) }
        json.member("store", conversation.store ?? false)
        if !conversation.metadata.isEmpty {
            json.object("metadata") { object in
                for (key, value) in conversation.metadata.sorted(by: { $0.key < $1.key }) { object.member(key, value) }
            }
        }
        if conversation.streams { json.member("stream", true) }
    }
}
