import ElkProviders
import ElkWire
import NIOCore
import Testing

/// Calls and targets of tests, and answers run through a translator.
func json(_ text: String) throws -> JSONSlice { try JSONSlice(validating: ByteBuffer(string: text)) }

func call(
    _ endpoint: Endpoint,
    _ body: String,
    model: String = "client-model",
    streams: Bool = false,
    headers: [(name: String, value: String)] = [],
    query: String? = nil
) throws -> Call {
    Call(
        id: try #require(RequestID(client: "req_test1")),
        endpoint: endpoint,
        dialect: endpoint.dialect,
        model: model,
        streams: streams,
        body: .json(try json(body)),
        headers: headers,
        query: query
    )
}

func call(_ endpoint: Endpoint, form: MultipartForm, streams: Bool = false) throws -> Call {
    Call(
        id: try #require(RequestID(client: "req_test1")),
        endpoint: endpoint,
        dialect: endpoint.dialect,
        model: "client-model",
        streams: streams,
        body: .form(form)
    )
}

func target(
    _ provider: String,
    model: String = "up-model",
    baseURL: String? = nil,
    overrides: [ChannelTarget.Override] = []
) throws -> ChannelTarget {
    let provider = try #require(Provider.named(provider))
    let url = baseURL ?? (provider.baseURL == nil ? "https://channel.example" : nil)
    return try ChannelTarget(provider: provider, baseURL: url, key: "secret-key", model: model, overrides: overrides)
}

func exchange(_ call: Call, _ target: ChannelTarget) throws -> Exchange {
    try target.provider.exchange(for: call, target: target, now: 1_700_000_000_000)
}

extension UpstreamRequest {
    var text: String { String(buffer: body) }
    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// What a translator made of an answer.
struct Outcome {
    var text = ""
    var failure: Failure?
    var upstream: UpstreamFailure?
    var usage: Usage?
    var isComplete = false
    var delivered = 0
    var contentType = ""
}

extension Exchange {
    /// Runs an answer through a fresh translator in pieces of `size` bytes; a failure is followed by `abort`.
    func answer(_ answer: String, type: String = "application/json", size: Int = Int.max) -> Outcome {
        var translator = reply(status: 200, headers: [("content-type", type)])
        var bytes = ByteBuffer(string: answer)
        var out = ByteBuffer()
        var outcome = Outcome(contentType: translator.contentType)
        do throws(Failure) {
            while let piece = bytes.readSlice(length: min(size, bytes.readableBytes)), piece.readableBytes > 0 {
                try translator.consume(piece, into: &out)
            }
            try translator.finish(into: &out)
        } catch {
            outcome.failure = error
            translator.abort(error, into: &out)
        }
        outcome.text = String(buffer: out)
        outcome.upstream = translator.upstreamFailure
        outcome.usage = translator.usage
        outcome.isComplete = translator.isComplete
        outcome.delivered = translator.deliveredOutput
        return outcome
    }

    func stream(_ events: String, size: Int = Int.max) -> Outcome {
        answer(events, type: "text/event-stream", size: size)
    }
}
