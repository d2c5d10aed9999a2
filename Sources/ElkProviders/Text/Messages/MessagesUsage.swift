import ElkWire

/// `usage` of the Messages format.
///
/// Here, as in `Usage`, input does not include what the cache served or took.
enum MessagesUsage {
    /// Reads counts over those of an earlier report, for a stream repeats only some of them.
    static func read(_ slice: JSONSlice?, after earlier: Usage?) -> Usage? {
        slice.map { UsageReading.anthropic($0, after: earlier) } ?? earlier
    }

    static func write(_ usage: Usage, into json: inout JSONWriter) {
        json.object("usage") { object in
            object.member("input_tokens", usage.inputTokens)
            object.member("cache_creation_input_tokens", usage.cacheWriteTokens + usage.cacheWriteLongTokens)
            object.member("cache_read_input_tokens", usage.cacheReadTokens)
            if usage.cacheWriteLongTokens > 0 {
                object.object("cache_creation") { creation in
                    creation.member("ephemeral_5m_input_tokens", usage.cacheWriteTokens)
                    creation.member("ephemeral_1h_input_tokens", usage.cacheWriteLongTokens)
                }
            }
            object.member("output_tokens", usage.outputTokens)
            if usage.reasoningTokens > 0 {
                object.object("output_tokens_details") { $0.member("thinking_tokens", usage.reasoningTokens) }
            }
            if usage.searches > 0 {
                object.object("server_tool_use") { $0.member("web_search_requests", usage.searches) }
            }
        }
    }
}
