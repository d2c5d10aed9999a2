package import ElkWire

/// One piece of a turn or of an answer, in no provider's terms.
package enum Part: Sendable {
    case text(Text)
    case image(Media)
    case audio(Media)
    /// A PDF, a text or another file.
    case document(Media)
    case toolCall(ToolCall)
    case toolResult(ToolResult)
    case reasoning(Reasoning)
    case refusal(String)
    /// Something only `format` knows (a server tool's call, an item reference): written back by that format as it is,
    /// dropped by all others.
    case foreign(TextFormat, JSONSlice)

    /// A plain text part.
    package static func text(_ content: String) -> Part { .text(Text(content)) }
}

extension Part {
    package struct Text: Sendable {
        package var content: String
        package var citations: [Citation]
        package var cache: CacheMarker?
        /// Gemini signs text parts too.
        package var seal: Seal?

        package init(_ content: String, citations: [Citation] = [], cache: CacheMarker? = nil, seal: Seal? = nil) {
            self.content = content
            self.citations = citations
            self.cache = cache
            self.seal = seal
        }
    }

    /// A source of a statement, as web search gives it.
    ///
    /// Offsets count characters of the text part, where known.
    package struct Citation: Sendable, Hashable {
        package var url: String
        package var title: String?
        package var start: Int?
        package var end: Int?

        package init(url: String, title: String? = nil, start: Int? = nil, end: Int? = nil) {
            self.url = url
            self.title = title
            self.start = start
            self.end = end
        }
    }

    package struct Media: Sendable {
        package enum Source: Sendable, Hashable {
            case url(String)
            /// Base64 text, without the `data:` head.
            case base64(String, mediaType: String)
            /// A plain text document.
            case text(String)
            /// The upstream's own id of an uploaded file.
            case file(String)
        }

        package var source: Source
        /// `auto`, `low`, `high`.
        package var detail: String?
        package var name: String?
        package var cache: CacheMarker?

        package init(_ source: Source, detail: String? = nil, name: String? = nil, cache: CacheMarker? = nil) {
            self.source = source
            self.detail = detail
            self.name = name
            self.cache = cache
        }
    }

    package struct ToolCall: Sendable {
        package var id: String
        package var name: String
        /// JSON text; free text where `isCustom`.
        ///
        /// May be empty, which means `{}`.
        package var arguments: String
        package var isCustom: Bool
        package var seal: Seal?
        package var cache: CacheMarker?

        package init(
            id: String,
            name: String,
            arguments: String,
            isCustom: Bool = false,
            seal: Seal? = nil,
            cache: CacheMarker? = nil
        ) {
            self.id = id
            self.name = name
            self.arguments = arguments
            self.isCustom = isCustom
            self.seal = seal
            self.cache = cache
        }
    }

    package struct ToolResult: Sendable {
        /// The id of the call.
        package var id: String
        /// The tool's name, where the format says it; else find it through `Conversation.toolName(ofCall:)`.
        package var name: String?
        /// Text, images, documents.
        package var parts: [Part]
        package var isError: Bool
        package var isCustom: Bool
        package var cache: CacheMarker?

        package init(
            id: String,
            name: String? = nil,
            parts: [Part],
            isError: Bool = false,
            isCustom: Bool = false,
            cache: CacheMarker? = nil
        ) {
            self.id = id
            self.name = name
            self.parts = parts
            self.isError = isError
            self.isCustom = isCustom
            self.cache = cache
        }

        /// The texts of the result, joined by line ends.
        package var text: String {
            parts.compactMap { if case .text(let text) = $0 { text.content } else { nil } }.joined(separator: "\n")
        }
    }

    package struct Reasoning: Sendable {
        /// Empty where the upstream hides it.
        package var text: String
        /// Anthropic's signature, or the data of a redacted block; the encrypted content of a Responses item; Gemini's
        /// thought signature.
        package var seal: Seal?
        /// The seal is all there is: a `redacted_thinking` block.
        package var isRedacted: Bool
        /// The item's id, where the format has one.
        package var id: String?

        package init(_ text: String, seal: Seal? = nil, isRedacted: Bool = false, id: String? = nil) {
            self.text = text
            self.seal = seal
            self.isRedacted = isRedacted
            self.id = id
        }
    }
}

/// "Keep the prompt up to here in the cache", as Anthropic has it.
package struct CacheMarker: Sendable, Hashable {
    /// `5m` or `1h`; nil is the upstream's default.
    package var ttl: String?

    package init(ttl: String? = nil) {
        self.ttl = ttl
    }
}

/// The opaque token by which an upstream knows its own reasoning again.
///
/// It is worth something only to the format that made it: another upstream refuses the request for it. A client of
/// another format keeps it for us in `carried(by:)`'s spelling and sends it back with the history.
package struct Seal: Sendable, Hashable {
    package var format: TextFormat
    package var value: String

    package init(_ value: String, of format: TextFormat) {
        self.value = value
        self.format = format
    }

    /// Reads what a client of `format` sent in the place of its own signature; nil for an empty one.
    package init?(carried text: String, by format: TextFormat) {
        guard !text.isEmpty else { return nil }
        for other in TextFormat.allCases where other != format {
            if text.hasPrefix(Self.head(other)) {
                self.init(String(text.dropFirst(Self.head(other).count)), of: other)
                return
            }
        }
        self.init(text, of: format)
    }

    /// The text that stands for this seal in an answer of `format`: the value itself in its own format, else marked
    /// with the format it belongs to.
    package func carried(by format: TextFormat) -> String {
        format == self.format ? value : Self.head(self.format) + value
    }

    private static func head(_ format: TextFormat) -> String { "elk.\(format.rawValue)." }
}
