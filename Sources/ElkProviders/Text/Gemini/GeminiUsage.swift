import ElkWire

/// `usageMetadata`: cached input is part of the prompt, thoughts stand beside the candidates.
enum GeminiUsage {
    static func write(_ usage: Usage, into json: inout JSONWriter) {
        json.object("usageMetadata") { object in
            object.member("promptTokenCount", usage.totalInput)
            object.member("candidatesTokenCount", usage.outputTokens - min(usage.reasoningTokens, usage.outputTokens))
            object.member("totalTokenCount", usage.totalTokens)
            if usage.reasoningTokens > 0 { object.member("thoughtsTokenCount", usage.reasoningTokens) }
            if usage.cacheReadTokens > 0 { object.member("cachedContentTokenCount", usage.cacheReadTokens) }
        }
    }
}
