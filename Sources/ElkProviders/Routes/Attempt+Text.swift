import ElkWire
import NIOCore

extension Attempt {
    /// Text in any format, to an upstream of `format`.
    func text(_ format: TextFormat, _ quirks: TextQuirks) throws(Failure) -> Exchange {
        if call.endpoint == .completions { throw Failure(.notImplemented, "This provider serves no completions") }
        guard let own = call.endpoint.textFormat else { throw Failure(.notFound, "This endpoint has no text format") }
        return own == format ? try passText(format, quirks) : try translateText(from: own, to: format, quirks)
    }

    /// The same format on both sides: bytes pass.
    private func passText(_ format: TextFormat, _ quirks: TextQuirks) throws(Failure) -> Exchange {
        var edit = BodyEdit(try json())
        // Gemini names the model and the stream in the path.
        if format != .geminiGenerate { edit.setModel(target.model) }
        edit.apply(quirks, model: target.model)
        var dropsUsage = false
        if format == .openAIChat, call.streams, quirks.reportsStreamUsage { dropsUsage = edit.askForStreamUsage() }
        edit.apply(target.overrides)
        let meter = StreamMeter.Format(format)
        return try exchange(
            edit.bytes(),
            dropped: edit.dropped,
            call.streams
                ? .pass(StreamMeter(meter, dropsUsageChunk: dropsUsage)) : .whole(WholePass(format: .text(meter)))
        )
    }

    private func translateText(from own: TextFormat, to format: TextFormat, _ quirks: TextQuirks) throws(Failure)
        -> Exchange
    {
        let root = try json()
        let client = try own.requiredCodec()
        var conversation = try client.readRequest(root)
        conversation.model = call.model
        conversation.streams = call.streams
        let context = answerContext(root, wantsStreamUsage: conversation.wantsStreamUsage)
        return try translated(
            conversation,
            to: format,
            quirks,
            whole: client,
            stream: { client.makeWriter(context) },
            context
        )
    }

    /// Writes a conversation for an upstream of `format`, and reads its answers for a client's writers.
    func translated(
        _ conversation: Conversation,
        to format: TextFormat,
        _ quirks: TextQuirks,
        whole writer: any AnswerWriter.Type,
        stream makeWriter: () -> any StreamWriter,
        _ context: AnswerContext
    ) throws(Failure) -> Exchange {
        let upstream = try format.requiredCodec()
        var dropped = conversation.dropped
        let written = try upstream.writeRequest(conversation, WriteContext(model: target.model), dropped: &dropped)
        let body = try upstreamBody(written, format, quirks, &dropped)
        return try exchange(
            body,
            dropped: dropped,
            call.streams
                ? .translate(StreamTranslation(reader: upstream.makeReader(), writer: makeWriter()))
                : .whole(WholeTextTranslation(reader: upstream, writer: writer, context: context))
        )
    }

    private func upstreamBody(
        _ written: ByteBuffer,
        _ format: TextFormat,
        _ quirks: TextQuirks,
        _ dropped: inout [String]
    ) throws(Failure) -> ByteBuffer {
        guard let root = try? JSONSlice(validating: written) else {
            throw Failure(
                .internal,
                "The request could not be translated",
                detail: "\(format.rawValue) body is no JSON"
            )
        }
        var edit = BodyEdit(root)
        edit.apply(quirks, model: target.model)
        if format == .openAIChat, call.streams {
            if quirks.reportsStreamUsage { _ = edit.askForStreamUsage() } else { edit.remove(["stream_options"]) }
        }
        edit.apply(target.overrides)
        dropped += edit.dropped
        return edit.bytes()
    }

    func answerContext(_ root: JSONSlice, wantsStreamUsage: Bool) -> AnswerContext {
        AnswerContext(
            model: call.model,
            id: String(call.id.description.utf8.filter(\.isLetterOrDigit).map { Character(UnicodeScalar($0)) }),
            created: Int(now / 1000),
            wantsStreamUsage: wantsStreamUsage,
            countedInput: TokenEstimate.tokens(inUTF8: root.range.count),
            request: root
        )
    }
}

extension TextFormat {
    func requiredCodec() throws(Failure) -> any TextCodec.Type {
        guard let codec else { throw Failure(.notImplemented, "This format cannot be translated") }
        return codec
    }
}

extension StreamMeter.Format {
    init(_ format: TextFormat) {
        self =
            switch format {
            case .openAIChat: .chat
            case .openAIResponses: .responses
            case .anthropicMessages: .messages
            case .geminiGenerate: .gemini
            }
    }
}
