/// What a request consumed, in counts; the meaning of each is that of the gateway's `Usage`.
package struct UsageCounts: Sendable, Hashable {
    package var inputTokens = 0
    package var cacheReadTokens = 0
    package var cacheWriteTokens = 0
    package var cacheWriteLongTokens = 0
    package var audioInputTokens = 0
    package var imageInputTokens = 0
    package var outputTokens = 0
    package var reasoningTokens = 0
    package var audioOutputTokens = 0
    package var imageOutputTokens = 0
    package var audioMilliseconds = 0
    package var characters = 0
    package var images = 0
    package var requests = 0
    package var searches = 0

    package init() {}
}
