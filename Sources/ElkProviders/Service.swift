/// How a provider serves one endpoint: where, and in which shape.
package struct Service: Sendable {
    /// The shape of the upstream's requests and answers.
    package enum Format: Sendable {
        case text(TextFormat, TextQuirks)
        /// OpenAI's legacy completions.
        case completions(TextQuirks)
        case countTokens(TextFormat)
        case embeddings(EmbeddingsFormat)
        case rerank(RerankFormat)
        case moderation
        case imageGeneration(ImageQuirks)
        /// A multipart form in, JSON, plain text or events out: image edits and variations, transcriptions, translations.
        case form
        /// JSON in, audio out.
        case speech
        /// A WebSocket of OpenAI's events.
        case realtime(RealtimeQuirks)
        case models
    }

    package let path: ServicePath
    /// For streams, where they have a path of their own.
    package let streamPath: ServicePath?
    /// For one input, where that has a path of its own.
    package let singlePath: ServicePath?
    package let format: Format

    init(
        _ path: ServicePath,
        stream streamPath: ServicePath? = nil,
        single singlePath: ServicePath? = nil,
        _ format: Format
    ) {
        (self.path, self.streamPath, self.singlePath, self.format) = (path, streamPath, singlePath, format)
    }
}

/// Where an upstream of a text format differs from the format's original.
package struct TextQuirks: Sendable, Hashable {
    package enum OutputLimit: Sendable, Hashable {
        /// Both names are understood, or the format has only one.
        case any
        /// Only `max_tokens`.
        case maxTokens
        /// `max_completion_tokens` for reasoning models (which refuse the other), `max_tokens` for others.
        case byModel
    }

    /// Members of the request that this upstream refuses.
    package var dropping: [String]
    /// Members that this upstream has under another name.
    package var renamed: [String: String]
    /// Roles under the names that this upstream knows, such as developer → system.
    package var renamedRoles: [String: String]
    package var outputLimit: OutputLimit
    /// Whether `stream_options.include_usage` is understood.
    ///
    /// Where it is not, usage comes unasked or not at all.
    package var reportsStreamUsage: Bool
    /// Whether `response_format` takes a JSON schema.
    package var takesJSONSchema: Bool

    package init(
        dropping: [String] = [],
        renamed: [String: String] = [:],
        renamedRoles: [String: String] = [:],
        outputLimit: OutputLimit = .any,
        reportsStreamUsage: Bool = true,
        takesJSONSchema: Bool = true
    ) {
        (self.dropping, self.renamed, self.renamedRoles) = (dropping, renamed, renamedRoles)
        self.outputLimit = outputLimit
        self.reportsStreamUsage = reportsStreamUsage
        self.takesJSONSchema = takesJSONSchema
    }

    package static let none = TextQuirks()
}

package struct RealtimeQuirks: Sendable, Hashable {
    /// Whether the address of a session that only transcribes names a model too.
    ///
    /// OpenAI refuses one there: the session names it.
    package var namesTranscriber: Bool

    package init(namesTranscriber: Bool = false) {
        self.namesTranscriber = namesTranscriber
    }

    package static let none = RealtimeQuirks()
}

package enum EmbeddingsFormat: Sendable, Hashable {
    /// `base64`: whether `encoding_format: base64` is understood; where not, floats are fetched and packed here.
    case openAI(base64: Bool)
    case gemini
    case cohere
}

package enum RerankFormat: Sendable, Hashable {
    /// `documents` as strings or objects, `return_documents`; `results[].document`; usage in tokens. Elk's own shape too.
    case jina
    /// v2: strings only, no `return_documents`; usage in search units.
    case cohere
}

package struct ImageQuirks: Sendable, Hashable {
    package var dropping: [String]

    package init(dropping: [String] = []) {
        self.dropping = dropping
    }

    package static let none = ImageQuirks()
}
