import ElkWire

/// How to read one answer: fixed when the request is translated, before the answer comes.
struct ReplyPlan: Sendable {
    enum Shape: Sendable {
        /// Bytes pass. The usage is what the request itself says; `countsBytes`: they are generated text.
        case bytes(Usage?, countsBytes: Bool)
        /// One JSON document.
        case whole(any WholeTranslation)
        /// A stream of events, which passes but for its errors.
        case pass(StreamMeter)
        /// A stream of events in another format than the client's.
        case translate(StreamTranslation)
    }

    var shape: Shape
    var failures: FailureReading
    var clientFormat: ClientStreamFormat
    /// Gemini's way to stream without events.
    var asArray = false
    /// For the document of an upstream that ignores the wish to stream, as it may for media; nil where it may not.
    var unstreamed: (any WholeTranslation)?
}

/// The formats of streams as clients know them: how an error looks inside one.
enum ClientStreamFormat: Sendable, Hashable {
    /// `data: {"error":…}`.
    case openAI
    /// `event: error` with a `type` and a `sequence_number`.
    case responses
    /// `event: error`.
    case anthropic
    /// `data: {"error":{"code","message","status"}}`.
    case gemini
}
