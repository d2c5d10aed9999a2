import ElkWire

/// `usage` of the chat format and of legacy completions, read and written.
///
/// Here the prompt count includes what came from the cache and what was put there; in `Usage` it does not.
enum ChatUsage {
    /// Nil for null, and for an object without counts (some servers send `{}` in each chunk).
    static func read(_ slice: JSONSlice?) -> Usage? { slice.flatMap(UsageReading.openAI) }

    static func write(_ usage: Usage, into json: inout JSONWriter) {
        json.object("usage") { object in
            object.member("prompt_tokens", usage.totalInput)
            object.member("completion_tokens", usage.outputTokens)
            object.member("total_tokens", usage.totalInput + usage.outputTokens)
            object.object("prompt_tokens_details") { details in
                details.member("cached_tokens", usage.cacheReadTokens)
                let written = usage.cacheWriteTokens + usage.cacheWriteLongTokens
                if written > 0 { details.member("cache_write_tokens", written) }
                if usage.audioInputTokens > 0 { details.member("audio_tokens", usage.audioInputTokens) }
                if usage.imageInputTokens > 0 { details.member("image_tokens", usage.imageInputTokens) }
            }
            object.object("completion_tokens_details") { details in
                details.member("reasoning_tokens", usage.reasoningTokens)
                if usage.audioOutputTokens > 0 { details.member("audio_tokens", usage.audioOutputTokens) }
                if usage.imageOutputTokens > 0 { details.member("image_tokens", usage.imageOutputTokens) }
            }
        }
    }
}
