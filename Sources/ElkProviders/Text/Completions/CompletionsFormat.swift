package import ElkWire
package import NIOCore

/// `POST /v1/completions`, the format before chat, for clients of upstreams that have only chat.
///
/// One prompt becomes one message of the user; there is no way back, since no upstream has only this format.
package enum CompletionsFormat: AnswerWriter {
    /// Token arrays and several prompts are refused.
    package static func readRequest(_ body: JSONSlice) throws(Failure) -> Conversation {
        let members = try RequestMembers(body)
        var conversation = Conversation(model: try members.requiredString("model"))
        conversation.turns = [.init(.user, [.text(try prompt(members))])]
        let limit = try members.int("max_tokens")
        if let limit, limit < 1 { throw members.wrong("max_tokens", "at least 1") }
        conversation.maxOutputTokens = limit ?? usualLimit
        conversation.sampling.temperature = try members.double("temperature")
        conversation.sampling.topP = try members.double("top_p")
        conversation.sampling.n = try members.int("n")
        conversation.sampling.presencePenalty = try members.double("presence_penalty")
        conversation.sampling.frequencyPenalty = try members.double("frequency_penalty")
        conversation.sampling.stop = try members.strings("stop")
        conversation.sampling.seed = try members.int("seed")
        conversation.sampling.logitBias = members["logit_bias"]
        conversation.streams = try members.bool("stream") ?? false
        if let options = try members.object("stream_options") {
            conversation.wantsStreamUsage = try options.bool("include_usage") ?? false
        }
        conversation.user = try members.string("user")
        conversation.dropped = members.unread(besides: known)
        return conversation
    }

    package static func makeWriter(_ context: AnswerContext) -> CompletionsStreamWriter {
        CompletionsStreamWriter(context)
    }

    package static func writeAnswer(_ answer: Answer, _ context: AnswerContext) -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        head(answer.id, answer.model, answer.created, context, into: &json)
        json.key("choices")
        json.beginArray()
        for (index, choice) in answer.choices.enumerated() {
            var text = ""
            for case .text(let part) in choice.parts { text += part.content }
            self.choice(index, text, ChatStop.text(choice.stop.ofCompletion), into: &json)
        }
        json.endArray()
        if let usage = answer.usage { ChatUsage.write(usage, into: &json) }
        json.endObject()
        return json.buffer
    }

    /// OpenAI's default for this format.
    private static let usualLimit = 16

    private static let known: Set<String> = [
        "model", "prompt", "max_tokens", "temperature", "top_p", "n", "presence_penalty", "frequency_penalty", "stop",
        "seed",
        "logit_bias", "stream", "stream_options", "user",
    ]

    private static func prompt(_ members: RequestMembers) throws(Failure) -> String {
        guard let value = members["prompt"] else { throw members.missing("prompt") }
        if let text = value.string { return text }
        var texts: [String] = []
        for element in value.elements {
            guard let text = element.string else { throw members.wrong("prompt", "text: this model takes no tokens") }
            texts.append(text)
        }
        guard texts.count == 1 else { throw members.wrong("prompt", "one string for this model") }
        return texts[0]
    }

    // MARK: Writing

    static func head(
        _ id: String,
        _ model: String,
        _ created: Int?,
        _ context: AnswerContext,
        into json: inout JSONWriter
    ) {
        json.member("id", id.hasPrefix("cmpl-") ? id : "cmpl-" + (id.isEmpty ? context.id : id))
        json.member("object", "text_completion")
        json.member("created", created ?? context.created)
        json.member("model", model.isEmpty ? context.model : model)
    }

    static func choice(_ index: Int, _ text: String, _ finish: String?, into json: inout JSONWriter) {
        json.object { choice in
            choice.member("text", text)
            choice.member("index", index)
            choice.nullMember("logprobs")
            choice.member("finish_reason", orNull: finish)
        }
    }
}

extension StopReason {
    /// Completions know no tools.
    var ofCompletion: StopReason { self == .toolCalls ? .endOfTurn : self }
}
