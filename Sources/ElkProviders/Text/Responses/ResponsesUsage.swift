import ElkWire

/// `usage` of the Responses format: input includes what came from the cache.
enum ResponsesUsage {
    static func write(_ usage: Usage?, into json: inout JSONWriter) {
        guard let usage else { return json.nullMember("usage") }
        json.object("usage") { object in
            object.member("input_tokens", usage.totalInput)
            object.object("input_tokens_details") { details in
                details.member("cached_tokens", usage.cacheReadTokens)
                let written = usage.cacheWriteTokens + usage.cacheWriteLongTokens
                if written > 0 { details.member("cache_write_tokens", written) }
            }
            object.member("output_tokens", usage.outputTokens)
            object.object("output_tokens_details") { $0.member("reasoning_tokens", usage.reasoningTokens) }
            object.member("total_tokens", usage.totalTokens)
        }
    }
}
