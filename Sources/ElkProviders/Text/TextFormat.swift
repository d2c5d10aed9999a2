/// The four formats in which clients and upstreams speak of text.
///
/// Every format is a view on the same neutral types, so there are four readers and four writers and not twelve
/// translators:
///
///     request   client body ─ readRequest ─► Conversation ─ writeRequest ─► upstream body
///     answer    upstream body ─ readAnswer ─► Answer ─ writeAnswer ─► client body
///     stream    upstream SSEEvent ─ StreamReader ─► AnswerEvent … ─ StreamWriter ─► client bytes
///
/// Where both sides speak one format none of this runs: bytes pass as they are.
package enum TextFormat: String, Sendable, Hashable, CaseIterable {
    /// `POST /v1/chat/completions`.
    case openAIChat
    /// `POST /v1/responses`.
    case openAIResponses
    /// `POST /v1/messages`.
    case anthropicMessages
    /// `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent`.
    case geminiGenerate
}
