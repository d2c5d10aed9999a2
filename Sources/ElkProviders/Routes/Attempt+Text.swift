import ElkWire
import NIOCore

extension Attempt {
    /// Text in any format, to an upstream of `format`.
    func text(_ format: TextFormat, _ quirks: TextQuirks) throws(Failure) -> Exchange {
        if call.endpoint == .completions { return try completions(by: format, quirks) }
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
        let conversation = try client.readRequest(root)
        if own == .openAIResponses { try Self.refuseBuiltIns(conversation, format) }
        return try translated(root, conversation, to: format, quirks, writer: client) { client.makeWriter($0) }
    }

    /// Tools that OpenAI runs itself: an answer without them would look like one that did not need them.
    ///
    /// Others search too.
    private static func refuseBuiltIns(_ conversation: Conversation, _ format: TextFormat) throws(Failure) {
        for (index, tool) in conversation.tools.enumerated() {
            guard case .builtIn(let kind, _, _) = tool.kind else { continue }
            if kind == .webSearch, format == .anthropicMessages || format == .geminiGenerate { continue }
            throw .invalidRequest(
                "This model's provider has no tool '\(tool.name)'.",
                parameter: "tools[\(index)]",
                code: "unsupported_tool"
            )
        }
    }

    /// OpenAI's completions by a conversation of one turn.
    private func completions(by format: TextFormat, _ quirks: TextQuirks) throws(Failure) -> Exchange {
        let root = try json()
        let conversation = try CompletionsFormat.readRequest(root)
        return try translated(root, conversation, to: format, quirks, writer: CompletionsFormat.self) {
            CompletionsFormat.makeWriter($0)
        }
    }

    /// Writes a conversation for an upstream of `format`, and reads its answers for a client's writers.
    private func translated(
        _ root: JSONSlice,
        _ conversation: Conversation,
        to format: TextFormat,
        _ quirks: TextQuirks,
        writer: any AnswerWriter.Type,
        stream makeWriter: (AnswerContext) -> any StreamWriter
    ) throws(Failure) -> Exchange {
        let upstream = try format.requiredCodec()
        var conversation = conversation
        // Gemini's clients say both in the path.
        (conversation.model, conversation.streams) = (call.model, call.streams)
        let context = AnswerContext(
            model: call.model,
            id: String(decoding: call.id.description.utf8.filter(\.isLetterOrDigit), as: UTF8.self),
            created: Int(now / 1000),
            wantsStreamUsage: conversation.wantsStreamUsage,
            countedInput: conversation.estimatedTokens,
            request: root
        )
        let names = ToolNames(fitting: &conversation, to: format)
        var dropped = conversation.dropped
        let written = try upstream.writeRequest(conversation, WriteContext(model: target.model), dropped: &dropped)
        let body = try upstreamBody(written, format, quirks, &dropped)
        guard call.streams else {
            let whole = WholeTextTranslation(reader: upstream, writer: writer, names: names, context: context)
            return try exchange(body, dropped: dropped, .whole(whole))
        }
        let reader = names.restoring(upstream.makeReader())
        let stream = StreamTranslation(reader: reader, writer: makeWriter(context))
        return try exchange(body, dropped: dropped, .translate(stream))
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
