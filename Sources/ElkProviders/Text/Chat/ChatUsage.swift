import ElkWire

/// `usage` of the chat format and of legacy completions, read and written.
///
/// Here the prompt count includes what came from the cache and what was put there; in `Usage` it does not.
enum ChatUsage {
    /// Nil for null, a non-object, and for an object without counts (some servers send `{}` in each chunk).
    static func read(_ slice: JSONSlice?) -> Usage? {
        guard let slice, slice.kind == .object else { return nil }
        guard let prompt = count(slice["prompt_tokens"]) ?? count(slice["input_tokens"]) else { return nil }
        let completion = count(slice["completion_tokens"]) ?? count(slice["output_tokens"]) ?? 0
        let input = slice["prompt_tokens_details"] ?? slice["input_tokens_details"]
        let output = slice["completion_tokens_details"] ?? slice["output_tokens_details"]
        let cached =
            count(input?["cached_tokens"])
            // DeepSeek and Kimi have their own places.
            ?? count(slice["prompt_cache_hit_tokens"]) ?? count(slice["cached_tokens"]) ?? 0
        let written = count(input?["cache_write_tokens"]) ?? count(input?["cache_creation_tokens"]) ?? 0
        var usage = Usage()
        usage.cacheReadTokens = min(cached, prompt)
        usage.cacheWriteTokens = min(written, prompt - usage.cacheReadTokens)
        usage.inputTokens = prompt - usage.cacheReadTokens - usage.cacheWriteTokens
        usage.audioInputTokens = count(input?["audio_tokens"]) ?? 0
        usage.imageInputTokens = count(input?["image_tokens"]) ?? 0
        usage.reasoningTokens = count(output?["reasoning_tokens"]) ?? 0
        usage.audioOutputTokens = count(output?["audio_tokens"]) ?? 0
        usage.imageOutputTokens = count(output?["image_tokens"]) ?? 0
        usage.outputTokens = completion
        // xAI leaves the thoughts out of the completion count, but not out of the total.
        if usage.reasoningTokens > 0, count(slice["total_tokens"]) == prompt + completion + usage.reasoningTokens {
            usage.outputTokens = completion + usage.reasoningTokens
        }
        usage.searches = count(slice["num_sources_used"]) ?? 0
        usage.source = .reported
        return usage
    }

    /// A count that cannot do harm: negative, fractional and absurd numbers are clamped, anything else is no count.
    static func count(_ slice: JSONSlice?) -> Int? {
        guard let slice, slice.kind == .number else { return nil }
        if let whole = slice.int { return min(max(whole, 0), most) }
        guard let number = slice.double else { return slice.numberText?.hasPrefix("-") == true ? 0 : most }
        return Int(min(max(number, 0), Double(most)))
    }

    /// As `Usage` clamps.
    private static let most = 1_000_000_000_000

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
