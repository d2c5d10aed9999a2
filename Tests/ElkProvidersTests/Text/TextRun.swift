import ElkWire
import NIOCore

@testable import ElkProviders

/// One request and its answers on the way between two formats, by the parts that the gateway joins.
struct TextRun {
    let client: TextFormat
    let upstream: TextFormat
    /// The upstream's name of the model.
    var model = "m"
    let request: String

    init(_ client: TextFormat, to upstream: TextFormat, model: String = "m", _ request: String) {
        (self.client, self.upstream, self.model, self.request) = (client, upstream, model, request)
    }

    struct Sent {
        var body: String
        var dropped: [String]
        var names: ToolNames
    }

    /// What goes up.
    func sent() throws -> Sent {
        var conversation = try client.tested.readRequest(JSONSlice(request))
        let names = ToolNames(fitting: &conversation, to: upstream)
        var dropped = conversation.dropped
        let body = try upstream.tested.writeRequest(conversation, WriteContext(model: model), dropped: &dropped)
        return Sent(body: String(buffer: body), dropped: dropped, names: names)
    }

    /// What the client gets for a whole answer.
    func answer(_ text: String) throws -> String {
        var answer = try upstream.tested.readAnswer(JSONSlice(text))
        try sent().names.restore(&answer)
        return String(buffer: client.tested.writeAnswer(answer, try context))
    }

    struct Streamed {
        var text: String
        var usage: Usage?
        var isComplete: Bool
        var delivered: Int
        /// What consuming or finishing threw; the error event is in `text` then.
        var failure: Failure?
    }

    /// What the client gets for a stream that comes in pieces of at most `size` bytes, or in two, cut at `cut`.
    func stream(_ text: String, pieces size: Int = .max, cut: Int? = nil) throws -> Streamed {
        let names = try sent().names
        let translation = StreamTranslation(
            reader: names.restoring(upstream.tested.makeReader()),
            writer: client.tested.makeWriter(try context)
        )
        var reply = TranslatedReply(translation, failures: .standard)
        var out = ByteBuffer()
        var failure: Failure?
        do throws(Failure) {
            for piece in Self.pieces(ByteBuffer(string: text), size, cut) { try reply.consume(piece, into: &out) }
            try reply.finish(into: &out)
        } catch {
            failure = error
            reply.abort(error, into: &out)
        }
        return Streamed(
            text: String(buffer: out),
            usage: reply.usage,
            isComplete: reply.isComplete,
            delivered: reply.deliveredOutput,
            failure: failure
        )
    }

    private static func pieces(_ bytes: ByteBuffer, _ size: Int, _ cut: Int?) -> [ByteBuffer] {
        var rest = bytes
        var pieces: [ByteBuffer] = []
        if let cut, let first = rest.readSlice(length: cut) { pieces.append(first) }
        while rest.readableBytes > 0, let piece = rest.readSlice(length: min(size, rest.readableBytes)) {
            pieces.append(piece)
        }
        return pieces
    }

    private var context: AnswerContext {
        get throws {
            let root = try JSONSlice(request)
            let conversation = try client.tested.readRequest(root)
            return AnswerContext(
                model: conversation.model,
                id: "req1",
                created: 1_700_000_000,
                wantsStreamUsage: conversation.wantsStreamUsage,
                countedInput: conversation.estimatedTokens,
                request: root
            )
        }
    }
}

extension TextFormat {
    /// Every format under test has a codec; one without makes its tests fail by this trap of a test.
    var tested: any TextCodec.Type {
        guard let codec else { preconditionFailure("\(self) has no codec") }
        return codec
    }
}

extension JSONSlice {
    init(_ text: String) throws {
        try self.init(validating: ByteBuffer(string: text))
    }
}

/// Server-sent events of `data` lines, and of `event` lines where a name stands before the first space of a pair.
func events(_ data: String...) -> String {
    data.map { "data: \($0)\n\n" }.joined()
}

/// Events of the Messages format, named by their own type.
func typedEvents(_ data: String...) -> String {
    data.map { json in
        let type = (try? JSONSlice(json))?["type"]?.string ?? ""
        return "event: \(type)\ndata: \(json)\n\n"
    }.joined()
}
