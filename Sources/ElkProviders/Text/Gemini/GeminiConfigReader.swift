import ElkWire
import NIOCore

/// `generationConfig`: sampling, limits, shape of the output, thinking.
enum GeminiConfigReader {
    static func read(_ config: RequestMembers, into conversation: inout Conversation) throws(Failure) {
        conversation.sampling.temperature = try config.double("temperature")
        conversation.sampling.topP = try config.double(config.spelling("topP"))
        conversation.sampling.topK = try config.double(config.spelling("topK")).flatMap { Int(exactly: $0.rounded()) }
        conversation.sampling.seed = try config.int("seed")
        conversation.sampling.presencePenalty = try config.double(config.spelling("presencePenalty"))
        conversation.sampling.frequencyPenalty = try config.double(config.spelling("frequencyPenalty"))
        conversation.sampling.stop = try config.strings(config.spelling("stopSequences"))
        conversation.sampling.n = try config.int(config.spelling("candidateCount"))
        conversation.sampling.logprobs = try config.bool(config.spelling("responseLogprobs"))
        conversation.sampling.topLogprobs = try config.int("logprobs")
        let limit = config.spelling("maxOutputTokens")
        if let count = try config.int(limit) {
            guard count > 0 else { throw config.wrong(limit, "at least 1") }
            conversation.maxOutputTokens = count
        }
        conversation.modalities = try config.strings(config.spelling("responseModalities"))
            .map { $0.lowercased() }.filter { $0 != "text" }
        try output(config, into: &conversation)
        conversation.reasoning = try reasoning(config)
        conversation.dropped += config.unreadInBothSpellings(besides: known)
    }

    private static let known: Set<String> = [
        "temperature", "topP", "topK", "seed", "presencePenalty", "frequencyPenalty", "stopSequences", "candidateCount",
        "responseLogprobs", "logprobs", "maxOutputTokens", "responseModalities", "responseMimeType", "responseSchema",
        "responseJsonSchema", "thinkingConfig",
    ]

    private static func output(_ config: RequestMembers, into conversation: inout Conversation) throws(Failure) {
        guard try config.string(config.spelling("responseMimeType")) == "application/json" else { return }
        let schema =
            config.both("responseJsonSchema") ?? config.both("responseSchema").flatMap(GeminiSchema.jsonSchema)
        guard let schema else {
            conversation.output = .jsonObject
            return
        }
        conversation.output = .jsonSchema(name: nil, description: nil, schema: schema, strict: nil)
    }

    private static func reasoning(_ config: RequestMembers) throws(Failure) -> Conversation.ReasoningWish? {
        guard let thinking = try config.object(config.spelling("thinkingConfig")) else { return nil }
        let text = try thinking.bool(thinking.spelling("includeThoughts"))
        if let level = try thinking.string(thinking.spelling("thinkingLevel"))?.lowercased() {
            return .init(.on, effort: .init(rawValue: level) ?? .medium, wantsText: text)
        }
        switch try thinking.int(thinking.spelling("thinkingBudget")) {
        case 0: return .init(.off)
        case .some(let budget) where budget > 0: return .init(.on, budget: budget, wantsText: text)
        // -1: the model decides.
        default: return .init(.adaptive, wantsText: text)
        }
    }
}
