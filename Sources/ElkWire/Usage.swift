/// What one request consumed, in one definition for all formats (contract 6.3).
///
/// Counts are clamped to 0...10¹²: they come from upstreams, which are not trusted with them.
package struct Usage: Sendable, Hashable {
    /// Where the counts come from, the most trustworthy first.
    package enum Source: String, Sendable, Hashable {
        /// The upstream said so.
        case reported
        /// We counted what went by.
        case counted
        /// Guessed from sizes.
        case estimated
    }

    /// Input that no cache served, audio and images included.
    @Count package var inputTokens: Int
    @Count package var cacheReadTokens: Int
    /// Written to a cache for five minutes, or for a time not said.
    @Count package var cacheWriteTokens: Int
    /// Written to a cache for an hour.
    @Count package var cacheWriteLongTokens: Int
    /// Part of `inputTokens`.
    @Count package var audioInputTokens: Int
    /// Part of `inputTokens`.
    @Count package var imageInputTokens: Int
    /// All output, reasoning included.
    @Count package var outputTokens: Int
    /// Part of `outputTokens`.
    @Count package var reasoningTokens: Int
    /// Part of `outputTokens`.
    @Count package var audioOutputTokens: Int
    /// Part of `outputTokens`.
    @Count package var imageOutputTokens: Int
    @Count package var audioMilliseconds: Int
    /// Of text turned into speech.
    @Count package var characters: Int
    @Count package var images: Int
    @Count package var requests: Int
    @Count package var searches: Int
    package var source: Source

    package init(
        inputTokens: Int = 0,
        cacheReadTokens: Int = 0,
        cacheWriteTokens: Int = 0,
        cacheWriteLongTokens: Int = 0,
        audioInputTokens: Int = 0,
        imageInputTokens: Int = 0,
        outputTokens: Int = 0,
        reasoningTokens: Int = 0,
        audioOutputTokens: Int = 0,
        imageOutputTokens: Int = 0,
        audioMilliseconds: Int = 0,
        characters: Int = 0,
        images: Int = 0,
        requests: Int = 0,
        searches: Int = 0,
        source: Source = .reported
    ) {
        self.inputTokens = inputTokens
        self.cacheReadTokens = cacheReadTokens
        self.cacheWriteTokens = cacheWriteTokens
        self.cacheWriteLongTokens = cacheWriteLongTokens
        self.audioInputTokens = audioInputTokens
        self.imageInputTokens = imageInputTokens
        self.outputTokens = outputTokens
        self.reasoningTokens = reasoningTokens
        self.audioOutputTokens = audioOutputTokens
        self.imageOutputTokens = imageOutputTokens
        self.audioMilliseconds = audioMilliseconds
        self.characters = characters
        self.images = images
        self.requests = requests
        self.searches = searches
        self.source = source
    }

    /// All input, whether a cache served it or not.
    package var totalInput: Int { inputTokens + cacheReadTokens + cacheWriteTokens + cacheWriteLongTokens }

    package var totalTokens: Int { totalInput + outputTokens }

    /// The greater of both in every count: streams report totals so far, some of them several times.
    package mutating func merge(_ later: Usage) {
        inputTokens = max(inputTokens, later.inputTokens)
        cacheReadTokens = max(cacheReadTokens, later.cacheReadTokens)
        cacheWriteTokens = max(cacheWriteTokens, later.cacheWriteTokens)
        cacheWriteLongTokens = max(cacheWriteLongTokens, later.cacheWriteLongTokens)
        audioInputTokens = max(audioInputTokens, later.audioInputTokens)
        imageInputTokens = max(imageInputTokens, later.imageInputTokens)
        outputTokens = max(outputTokens, later.outputTokens)
        reasoningTokens = max(reasoningTokens, later.reasoningTokens)
        audioOutputTokens = max(audioOutputTokens, later.audioOutputTokens)
        imageOutputTokens = max(imageOutputTokens, later.imageOutputTokens)
        audioMilliseconds = max(audioMilliseconds, later.audioMilliseconds)
        characters = max(characters, later.characters)
        images = max(images, later.images)
        requests = max(requests, later.requests)
        searches = max(searches, later.searches)
    }

    /// Both together: what several answers of one request used.
    ///
    /// As trustworthy as the less trustworthy of them.
    package mutating func add(_ other: Usage) {
        inputTokens += other.inputTokens
        cacheReadTokens += other.cacheReadTokens
        cacheWriteTokens += other.cacheWriteTokens
        cacheWriteLongTokens += other.cacheWriteLongTokens
        audioInputTokens += other.audioInputTokens
        imageInputTokens += other.imageInputTokens
        outputTokens += other.outputTokens
        reasoningTokens += other.reasoningTokens
        audioOutputTokens += other.audioOutputTokens
        imageOutputTokens += other.imageOutputTokens
        audioMilliseconds += other.audioMilliseconds
        characters += other.characters
        images += other.images
        requests += other.requests
        searches += other.searches
        if other.source != .reported { source = other.source }
    }

    /// The greatest count that is believed.
    package static let limit = 1_000_000_000_000

    /// A count that cannot be negative or absurd.
    @propertyWrapper
    package struct Count: Sendable, Hashable {
        private var value: Int

        package init(wrappedValue: Int) {
            value = min(max(wrappedValue, 0), Usage.limit)
        }

        package var wrappedValue: Int {
            get { value }
            set { value = min(max(newValue, 0), Usage.limit) }
        }
    }
}
