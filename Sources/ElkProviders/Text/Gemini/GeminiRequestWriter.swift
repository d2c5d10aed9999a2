import ElkWire
import NIOCore

/// `Conversation` → a generateContent body.
struct GeminiRequestWriter {
    private var json = JSONWriter()
    private let conversation: Conversation
    private let traits: GeminiModelTraits

    static func write(
        _ conversation: Conversation,
        _ context: WriteContext,
        dropped: inout [String]
    ) throws(Failure) -> ByteBuffer {
        var writer = GeminiRequestWriter(conversation, GeminiModelTraits(context.model))
        writer.json.beginObject()
        try writer.contents()
        GeminiToolWriter.write(conversation, writer.traits, into: &writer.json, dropped: &dropped)
        writer.config(&dropped)
        writer.json.endObject()
        return writer.json.buffer
    }

    private init(_ conversation: Conversation, _ traits: GeminiModelTraits) {
        self.conversation = conversation
        self.traits = traits
    }

    private mutating func contents() throws(Failure) {
        let layout = GeminiLayout(conversation)
        if !layout.system.isEmpty {
            json.object("systemInstruction") { system in
                system.array("parts") { parts in
                    for text in layout.system { parts.object { $0.member("text", text) } }
                }
            }
        }
        json.key("contents")
        json.beginArray()
        for message in layout.messages {
            json.beginObject()
            json.member("role", message.isModel ? "model" : "user")
            json.key("parts")
            json.beginArray()
            var writer = GeminiPartWriter(conversation, traits)
            for part in message.parts { try writer.write(part, into: &json) }
            writer.finish(into: &json)
            json.endArray()
            json.endObject()
        }
        json.endArray()
    }

    // MARK: generationConfig

    private mutating func config(_ dropped: inout [String]) {
        let sampling = conversation.sampling
        json.key("generationConfig")
        json.beginObject()
        if let value = sampling.temperature { json.member("temperature", value) }
        if let value = sampling.topP { json.member("topP", value) }
        if let value = sampling.topK { json.member("topK", value) }
        if let value = sampling.seed {
            // 32 bits here.
            if let seed = Int32(exactly: value) { json.member("seed", Int(seed)) } else { dropped.append("seed") }
        }
        if let value = sampling.presencePenalty { json.member("presencePenalty", value) }
        if let value = sampling.frequencyPenalty { json.member("frequencyPenalty", value) }
        if let value = sampling.n, value > 1 { json.member("candidateCount", value) }
        if sampling.logprobs == true {
            json.member("responseLogprobs", true)
            if let count = sampling.topLogprobs { json.member("logprobs", count) }
        }
        if sampling.logitBias != nil { dropped.append("logit_bias") }
        if let count = conversation.maxOutputTokens { json.member("maxOutputTokens", count) }
        stop(&dropped)
        output(&dropped)
        reasoning(&dropped)
        if !conversation.modalities.isEmpty {
            json.array("responseModalities") { array in
                // Speech comes alone, images come with text.
                if !conversation.modalities.contains("audio") { array.value("TEXT") }
                for kind in conversation.modalities { array.value(kind.uppercased()) }
            }
        }
        json.endObject()
        if conversation.verbosity != nil { dropped.append("verbosity") }
        if conversation.serviceTier != nil, conversation.serviceTier != "auto" { dropped.append("service_tier") }
        if !conversation.metadata.isEmpty { dropped.append("metadata") }
        if conversation.store == true { dropped.append("store") }
    }

    private mutating func stop(_ dropped: inout [String]) {
        let stop = conversation.sampling.stop.filter { !$0.isEmpty }
        guard !stop.isEmpty else { return }
        if stop.count > Self.mostStops { dropped.append("stop[\(Self.mostStops)]") }
        json.array("stopSequences") { array in
            for text in stop.prefix(Self.mostStops) { array.value(text) }
        }
    }

    private static let mostStops = 5

    private mutating func output(_ dropped: inout [String]) {
        if case .text = conversation.output { return }
        // Refused together before the third generation; the tools are what the client cannot do without.
        if !traits.isThirdGeneration, !conversation.tools.isEmpty {
            dropped.append("response_format")
            return
        }
        json.member("responseMimeType", "application/json")
        guard case .jsonSchema(_, _, let schema, _) = conversation.output else { return }
        if GeminiSchema.isPlain(schema) {
            json.key("responseSchema")
            GeminiSchema.write(schema, into: &json)
        } else {
            json.member("responseJsonSchema", schema)
        }
    }

    private mutating func reasoning(_ dropped: inout [String]) {
        guard let wish = conversation.reasoning else { return }
        switch traits.thinking {
        case .none:
            if wish.mode != .off { dropped.append("reasoning") }
        case .budget(let range, let canBeOff):
            json.object("thinkingConfig") { config in
                if wish.mode == .off {
                    config.member("thinkingBudget", canBeOff ? 0 : range.lowerBound)
                } else {
                    let decides = wish.mode == .adaptive && wish.budget == nil && wish.effort == nil
                    config.member("thinkingBudget", decides ? -1 : wish.nearestBudget(in: range))
                    config.member("includeThoughts", wish.wantsText ?? true)
                }
            }
        case .levels(let levels):
            json.object("thinkingConfig") { config in
                if wish.mode != .adaptive || wish.effort != nil || wish.budget != nil {
                    config.member("thinkingLevel", Self.level(wish.nearestEffort(), among: levels))
                }
                if wish.mode != .off { config.member("includeThoughts", wish.wantsText ?? true) }
            }
        }
    }

    private static func level(_ effort: Conversation.ReasoningWish.Effort, among levels: [String]) -> String {
        let wanted =
            switch effort {
            case .none, .minimal: "minimal"
            case .low: "low"
            case .medium: "medium"
            case .high, .xhigh, .max: "high"
            }
        if levels.contains(wanted) { return wanted }
        // The first generation with levels has no medium: as much as there is, not less than asked for.
        return wanted == "medium" ? "high" : levels.first ?? wanted
    }
}
