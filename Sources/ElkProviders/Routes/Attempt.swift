import ElkWire
import NIOCore

/// What every translation of one call needs: the call, where it goes and how.
struct Attempt: Sendable {
    let call: Call
    let target: ChannelTarget
    let route: Route
    /// Milliseconds since 1970.
    let now: Int64

    var provider: Provider { target.provider }
    var service: Service { route.service }

    /// The JSON body of the client.
    func json() throws(Failure) -> JSONSlice {
        guard case .json(let root) = call.body, root.kind == .object else {
            throw .invalidRequest("This endpoint takes a JSON object")
        }
        return root
    }

    func form() throws(Failure) -> MultipartForm {
        guard case .form(let form) = call.body else {
            throw .invalidRequest("This endpoint takes multipart/form-data")
        }
        return form
    }

    /// The request with this body.
    func request(
        _ body: ByteBuffer,
        contentType: String = "application/json",
        method: UpstreamRequest.Method = .post
    ) throws(Failure) -> UpstreamRequest {
        UpstreamRequest(
            method: method,
            isSecure: target.address.isSecure,
            host: target.address.host,
            port: target.address.port,
            path: try path(),
            headers: headers(contentType: method == .get ? nil : contentType),
            body: body
        )
    }

    /// The exchange with this body and this way to read the answer.
    func exchange(
        _ body: ByteBuffer,
        contentType: String = "application/json",
        dropped: [String] = [],
        _ shape: ReplyPlan.Shape
    ) throws(Failure) -> Exchange {
        Exchange(
            request: try request(body, contentType: contentType),
            dropped: dropped,
            plan: ReplyPlan(
                shape: shape,
                failures: provider.failures,
                clientFormat: call.endpoint.streamFormat,
                asArray: call.endpoint == .geminiGenerate && call.streams && !call.wantsEvents,
                unstreamed: unstreamed(shape)
            )
        )
    }

    /// Models for media that cannot stream ignore the wish and answer with a document, which their clients expect.
    private func unstreamed(_ shape: ReplyPlan.Shape) -> (any WholeTranslation)? {
        guard case .pass(let meter) = shape, meter.format == .typed else { return nil }
        return switch call.endpoint {
        case .transcriptions, .translations: WholePass(format: .transcription, base: meter.base)
        case .imageGenerations, .imageEdits, .imageVariations: WholePass(format: .images, base: meter.base)
        default: nil
        }
    }

    private func path() throws(Failure) -> String {
        var template = call.streams ? service.streamPath ?? service.path : service.path
        // Gemini has a method of its own for one text; a client's body says which it means.
        if call.endpoint == .geminiEmbed, case .json(let root) = call.body, root["requests"] == nil {
            template = service.singlePath ?? template
        }
        var path = try template.path(
            on: target.address,
            model: target.model,
            apiVersion: target.apiVersion ?? provider.apiVersion
        )
        // Claude Code's switch for beta features; nothing else of a client's query goes up.
        if case .text(.anthropicMessages, _) = service.format, route.isNative, call.queryContains("beta=true") {
            path += "?beta=true"
        }
        if case .realtime(let quirks) = service.format { path += query(of: quirks) }
        return path
    }

    private func headers(contentType: String?) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(8 + call.headers.count + target.headers.count)
        func set(_ name: String, _ value: String) {
            headers.removeAll { $0.name == name }
            headers.append((name, value))
        }
        if let contentType { headers.append(("content-type", contentType)) }
        headers.append(("accept", call.streams ? "text/event-stream" : "application/json"))
        headers.append(("user-agent", "elk"))
        headers += provider.headers
        for header in call.headers where passesUp(header.name) && HeaderSafety.isValue(header.value) {
            set(header.name, header.value)
        }
        if let organization = target.organization { set("openai-organization", organization) }
        if let project = target.project { set("openai-project", project) }
        for header in target.headers { set(header.name, header.value) }
        if let credential = provider.authorization.header(for: target.key) { set(credential.name, credential.value) }
        return headers
    }

    /// A client's header goes up where the upstream is of the family that knows it.
    private func passesUp(_ name: String) -> Bool {
        switch name {
        case "traceparent", "tracestate", "x-elk-hops": true
        case "anthropic-version", "anthropic-beta": route.isNative && call.dialect == .anthropic
        case "openai-beta": route.isNative && call.dialect == .openAI
        default: false
        }
    }
}

extension Call {
    /// Gemini's clients say whether they want events; without it they get an array.
    var wantsEvents: Bool { queryContains("alt=sse") }

    func queryContains(_ item: String) -> Bool {
        guard let query else { return false }
        return query.split(separator: "&").contains { $0 == item }
    }
}
