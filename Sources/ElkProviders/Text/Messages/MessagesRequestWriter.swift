import ElkWire
import NIOCore

/// `Conversation` → a Messages body.
struct MessagesRequestWriter {
    private var json = JSONWriter()
    private let conversation: Conversation
    private let traits: ClaudeTraits
    private let thinking: MessagesThinking

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
        var writer = MessagesRequestWriter(conversation, ClaudeTraits(context.model), &dropped)
        writer.json.beginObject()
        writer.json.member("model", context.model)
        writer.json.member("max_tokens", writer.thinking.maxTokens)
        try writer.messages()
        writer.sampling(&dropped)
        MessagesToolWriter.write(conversation, writer.traits, into: &writer.json, dropped: &dropped)
        writer.thinking.write(into: &writer.json)
        writer.outputConfig()
        if let user = conversation.user {
            writer.json.object("metadata") { $0.member("user_id", String(user.prefix(256))) }
        }
        switch conversation.serviceTier {
        case nil: break
        case "auto": writer.json.member("service_tier", "auto")
        case "default": writer.json.member("service_tier", "standard_only")
        default: dropped.append("service_tier")
        }
        if conversation.streams { writer.json.member("stream", true) }
        writer.json.endObject()
        return writer.json.buffer
    }

    private init(_ conversation: Conversation, _ traits: ClaudeTraits, _ dropped: inout [String]) {
        self.conversation = conversation
        self.traits = traits
        thinking = MessagesThinking(conversation, traits, dropped: &dropped)
    }

    // MARK: Messages

    private mutating func messages() throws(Failure) {
        var layout = MessagesLayout(conversation)
        if let instruction = outputInstruction { layout.system.append(.init(instruction)) }
        if !layout.system.isEmpty {
            json.array("system") { array in
                for text in layout.system { MessagesContentWriter.text(text, into: &array) }
            }
        }
        json.key("messages")
        json.beginArray()
        for message in layout.messages {
            json.beginObject()
            json.member("role", message.isAssistant ? "assistant" : "user")
            json.key("content")
            json.beginArray()
            for part in message.parts { try MessagesContentWriter.block(part, into: &json) }
            json.endArray()
            json.endObject()
        }
        json.endArray()
    }

    /// Where the format has no switch for it, words must do.
    private var outputInstruction: String? {
        switch conversation.output {
        case .text: nil
        case .jsonObject: "Answer with one JSON object and nothing else."
        case .jsonSchema(_, _, let schema, _):
            traits.takesSchema
                ? nil
                : "Answer with one JSON value that satisfies this JSON schema, and nothing else:\n"
                    + String(buffer: schema.bytes)
        }
    }

    private mutating func outputConfig() {
        var schema: JSONSlice?
        if traits.takesSchema, case .jsonSchema(_, _, let wanted, _) = conversation.output { schema = wanted }
        guard schema != nil || thinking.effort != nil else { return }
        json.object("output_config") { config in
            if let effort = thinking.effort { config.member("effort", effort) }
            if let schema {
                config.object("format") { format in
                    format.member("type", "json_schema")
                    format.member("schema", schema)
                }
            }
        }
    }

    // MARK: Sampling

    private mutating func sampling(_ dropped: inout [String]) {
        let sampling = conversation.sampling
        let refuses = traits.refusesSampling || thinking.isOn
        if let temperature = sampling.temperature {
            // Others go to 2; here 1 is the end, and the only value while thinking.
            if temperature > 1 || refuses { dropped.append("temperature") }
            if !refuses { json.member("temperature", min(max(temperature, 0), 1)) }
        }
        if let topP = sampling.topP {
            let refuses = refuses || traits.takesOneSampler && sampling.temperature != nil
            if refuses { dropped.append("top_p") } else { json.member("top_p", min(max(topP, 0), 1)) }
        }
        if let topK = sampling.topK {
            if refuses { dropped.append("top_k") } else { json.member("top_k", max(topK, 0)) }
        }
        // The format refuses sequences of white space only.
        let stop = sampling.stop.filter { text in text.contains { !$0.isWhitespace } }
        if stop.count < sampling.stop.count { dropped.append("stop") }
        if !stop.isEmpty {
            json.array("stop_sequences") { array in
                for text in stop { array.value(text) }
            }
        }
        if sampling.seed != nil { dropped.append("seed") }
        if sampling.presencePenalty != nil { dropped.append("presence_penalty") }
        if sampling.frequencyPenalty != nil { dropped.append("frequency_penalty") }
        if sampling.logprobs == true { dropped.append("logprobs") }
        if sampling.topLogprobs != nil { dropped.append("top_logprobs") }
        if sampling.logitBias != nil { dropped.append("logit_bias") }
        if conversation.verbosity != nil { dropped.append("verbosity") }
        if !conversation.modalities.isEmpty { dropped.append("modalities") }
        if !conversation.metadata.isEmpty { dropped.append("metadata") }
        if conversation.store == true { dropped.append("store") }
    }
}
