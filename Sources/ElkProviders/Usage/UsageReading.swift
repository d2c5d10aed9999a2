import ElkWire

/// Reads what upstreams report into the one definition of `Usage`: input without cached tokens, output with reasoning.
///
/// `Usage` clamps what it is given, so that forged or absurd numbers stay harmless.
enum UsageReading {
    /// OpenAI's shape in all its spellings.
    ///
    /// `prompt_tokens` or `input_tokens`, details beside them, and the names under which compatible providers report cached
    /// input. nil where there is no count at all.
    static func openAI(_ object: JSONSlice) -> Usage? {
        guard object.kind == .object else { return nil }
        let input = object["prompt_tokens"]?.int ?? object["input_tokens"]?.int
        let output = object["completion_tokens"]?.int ?? object["output_tokens"]?.int
        guard input != nil || output != nil || object["total_tokens"]?.int != nil else { return nil }
        let inputDetails =
            object["prompt_tokens_details"] ?? object["input_tokens_details"] ?? object["input_token_details"]
        let outputDetails =
            object["completion_tokens_details"] ?? object["output_tokens_details"] ?? object["output_token_details"]
        let cached =
            inputDetails?["cached_tokens"]?.int
            ?? object["prompt_cache_hit_tokens"]?.int  // DeepSeek
            ?? object["cached_tokens"]?.int  // Moonshot
            ?? 0
        let written = inputDetails?["cache_write_tokens"]?.int ?? 0
        let all = max(0, input ?? max(0, (object["total_tokens"]?.int ?? 0) - max(0, output ?? 0)))
        var usage = Usage()
        usage.cacheReadTokens = min(max(0, cached), all)
        usage.cacheWriteTokens = min(max(0, written), all - usage.cacheReadTokens)
        usage.inputTokens = all - usage.cacheReadTokens - usage.cacheWriteTokens
        // Audio and pictures that a cache served are among the cached tokens already; realtime models say how many.
        func fresh(_ name: String) -> Int {
            let all = max(0, min(inputDetails?[name]?.int ?? 0, Usage.limit))
            let cached = max(0, min(inputDetails?["cached_tokens_details", name]?.int ?? 0, Usage.limit))
            return max(0, all - cached)
        }
        usage.audioInputTokens = min(fresh("audio_tokens"), usage.inputTokens)
        usage.imageInputTokens = min(fresh("image_tokens"), usage.inputTokens - usage.audioInputTokens)
        usage.outputTokens = max(0, output ?? 0)
        usage.reasoningTokens = min(
            max(0, outputDetails?["reasoning_tokens"]?.int ?? object["reasoning_tokens"]?.int ?? 0),
            usage.outputTokens
        )
        usage.audioOutputTokens = min(max(0, outputDetails?["audio_tokens"]?.int ?? 0), usage.outputTokens)
        usage.imageOutputTokens = min(max(0, outputDetails?["image_tokens"]?.int ?? 0), usage.outputTokens)
        usage.source = .reported
        return usage
    }

    /// Anthropic's: counts exclude cached input already.
    ///
    /// Later reports replace earlier ones, member by member.
    static func anthropic(_ object: JSONSlice, after earlier: Usage?) -> Usage? {
        guard object.kind == .object else { return earlier }
        var usage = earlier ?? Usage()
        usage.source = .reported
        if let value = object["input_tokens"]?.int { usage.inputTokens = max(0, value) }
        if let value = object["cache_read_input_tokens"]?.int { usage.cacheReadTokens = max(0, value) }
        if let value = object["cache_creation_input_tokens"]?.int {
            let long = max(0, object["cache_creation", "ephemeral_1h_input_tokens"]?.int ?? 0)
            usage.cacheWriteLongTokens = min(long, max(0, value))
            usage.cacheWriteTokens = max(0, value) - usage.cacheWriteLongTokens
        }
        if let value = object["output_tokens"]?.int { usage.outputTokens = max(0, value) }
        if let value = object["output_tokens_details", "thinking_tokens"]?.int {
            usage.reasoningTokens = min(max(0, value), usage.outputTokens)
        }
        if let value = object["server_tool_use", "web_search_requests"]?.int { usage.searches = max(0, value) }
        return usage
    }

    /// Gemini's: thoughts stand beside the candidates' tokens, tool use beside the prompt's, cached input inside it.
    static func gemini(_ object: JSONSlice) -> Usage? {
        guard object.kind == .object else { return nil }
        func count(_ name: String, _ snake: String) -> Int {
            max(0, min(object[name]?.int ?? object[snake]?.int ?? 0, Usage.limit))
        }
        let prompt =
            count("promptTokenCount", "prompt_token_count")
            + count("toolUsePromptTokenCount", "tool_use_prompt_token_count")
        var usage = Usage()
        usage.cacheReadTokens = min(count("cachedContentTokenCount", "cached_content_token_count"), prompt)
        usage.inputTokens = prompt - usage.cacheReadTokens
        usage.reasoningTokens = count("thoughtsTokenCount", "thoughts_token_count")
        usage.outputTokens = count("candidatesTokenCount", "candidates_token_count") + usage.reasoningTokens
        if let details = object["promptTokensDetails"] {
            usage.audioInputTokens = min(tokens(of: "AUDIO", in: details), usage.inputTokens)
            usage.imageInputTokens = min(tokens(of: "IMAGE", in: details), usage.inputTokens - usage.audioInputTokens)
        }
        if let details = object["candidatesTokensDetails"] {
            usage.imageOutputTokens = min(tokens(of: "IMAGE", in: details), usage.outputTokens)
            usage.audioOutputTokens = min(tokens(of: "AUDIO", in: details), usage.outputTokens)
        }
        usage.source = .reported
        return usage
    }

    /// Cohere's `meta.billed_units`.
    static func cohere(_ meta: JSONSlice) -> Usage? {
        guard let units = meta["billed_units"] else { return nil }
        var usage = Usage()
        usage.inputTokens = max(0, units["input_tokens"]?.int ?? 0)
        usage.outputTokens = max(0, units["output_tokens"]?.int ?? 0)
        usage.searches = max(0, units["search_units"]?.int ?? 0)
        usage.images = max(0, units["images"]?.int ?? 0)
        usage.source = .reported
        return usage
    }

    /// Transcription usage in seconds, `{"type":"duration","seconds":12.5}`, rounded up to milliseconds.
    static func audio(_ object: JSONSlice) -> Usage? {
        guard let seconds = object["seconds"]?.double else { return nil }
        return audio(seconds: seconds)
    }

    static func audio(seconds: Double) -> Usage? {
        guard seconds.isFinite, seconds >= 0 else { return nil }
        var usage = Usage()
        usage.audioMilliseconds = Int(min(seconds * 1000, Double(Usage.limit)).rounded(.up))
        usage.source = .reported
        return usage
    }

    private static func tokens(of modality: String, in details: JSONSlice) -> Int {
        for detail in details.elements where detail["modality"]?.string == modality {
            return max(0, detail["tokenCount"]?.int ?? 0)
        }
        return 0
    }
}
