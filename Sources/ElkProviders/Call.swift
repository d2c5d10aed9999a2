package import ElkWire

/// One client request after the little parsing that is needed to admit, plan and meter it.
///
/// It knows nothing about providers or accounts. The edge makes it; nobody changes it afterwards.
package struct Call: Sendable {
    package enum Body: Sendable {
        case json(JSONSlice)
        /// A multipart upload. The edge has refused a form in which `model` appears more than once.
        case form(MultipartForm)
    }

    package var id: RequestID
    package var endpoint: Endpoint
    /// The dialect of the client's path: how errors look.
    package var dialect: Dialect
    /// As the client wrote it, before aliases and channel mappings.
    package var model: String
    package var streams: Bool
    package var body: Body
    /// Only those that may go up: `anthropic-version`, `anthropic-beta`, `openai-beta`, `traceparent`, `tracestate`.
    ///
    /// Names are lower-case.
    package var headers: [(name: String, value: String)]
    /// The client's query without credentials, such as `beta=true`, `alt=sse` or `intent=transcription`.
    package var query: String?

    package init(
        id: RequestID,
        endpoint: Endpoint,
        dialect: Dialect,
        model: String,
        streams: Bool,
        body: Body,
        headers: [(name: String, value: String)] = [],
        query: String? = nil
    ) {
        self.id = id
        self.endpoint = endpoint
        self.dialect = dialect
        self.model = model
        self.streams = streams
        self.body = body
        self.headers = headers
        self.query = query
    }
}
