package import ElkStorage

/// What was used, as the admin API and `--json` show it.
package struct CountsView: Encodable, Sendable {
    package var input_tokens: Int
    package var cache_read_tokens: Int
    package var cache_write_tokens: Int
    package var output_tokens: Int
    package var reasoning_tokens: Int
    package var audio_seconds: Double
    package var characters: Int
    package var images: Int
    package var searches: Int

    package init(_ counts: UsageCounts) {
        input_tokens = counts.inputTokens
        cache_read_tokens = counts.cacheReadTokens
        cache_write_tokens = counts.cacheWriteTokens + counts.cacheWriteLongTokens
        output_tokens = counts.outputTokens
        reasoning_tokens = counts.reasoningTokens
        audio_seconds = Double(counts.audioMilliseconds) / 1000
        characters = counts.characters
        images = counts.images
        searches = counts.searches
    }
}

package struct UsageRowView: Encodable, Sendable {
    package var id: String
    package var user_id: String
    package var key_id: String?
    package var channel_id: String?
    package var model: String
    package var upstream_model: String?
    package var endpoint: String
    package var outcome: String
    package var status: Int
    package var stream: Bool
    package var usage: CountsView
    package var source: String
    package var cost: String
    package var group: String?
    /// JSON text.
    package var attempts: String
    /// JSON text.
    package var explanation: String
    package var started: Int64
    package var first_byte_ms: Int64?
    package var duration_ms: Int64
    package var address: String?

    package init(_ row: UsageRow) {
        id = row.id
        user_id = row.userID
        key_id = row.keyID
        channel_id = row.channelID
        model = row.model
        upstream_model = row.upstreamModel
        endpoint = row.endpoint
        outcome = row.outcome
        status = row.status
        stream = row.isStream
        usage = CountsView(row.counts)
        source = row.source
        cost = row.cost.description
        group = row.group
        attempts = row.attempts
        explanation = row.explanation
        started = row.started
        first_byte_ms = row.firstByte
        duration_ms = row.duration
        address = row.address
    }
}

package struct UsageSummaryView: Encodable, Sendable {
    package var label: String
    package var requests: Int
    package var usage: CountsView
    package var cost: String

    package init(_ summary: UsageSummary) {
        label = summary.label
        requests = summary.requests
        usage = CountsView(summary.counts)
        cost = summary.cost.description
    }
}
