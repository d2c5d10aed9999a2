package import ElkWire
package import NIOCore

/// Neutral events → the stream of a Messages client.
///
/// The start event waits for the first thing to say, so that it can show the input that the upstream reported; where
/// it reports none before the end, our own count stands in, for clients take their cost from it. Blocks are counted
/// here, so that their indices have no gaps, and one that would stay empty is never opened.
package struct MessagesStreamWriter: StreamWriter {
    private enum Open: Sendable {
        case text, thinking
        case tool(isCustom: Bool, isEmpty: Bool)
    }

    private let context: AnswerContext
    private var start: AnswerEvent.Start?
    private var usage: Usage?
    private var open: Open?
    /// What the open part is to become once it has content.
    private var pending: AnswerEvent.PartStart?
    private var blocks = 0
    private var stop: (reason: StopReason, sequence: String?)?
    /// Bytes of output written, to count by where the upstream does not.
    private var outputBytes = 0

    package init(_ context: AnswerContext) {
        self.context = context
    }

    package mutating func write(_ event: AnswerEvent, into out: inout ByteBuffer) {
        switch event {
        case .start(let start): self.start = start
        case .usage(let usage): self.usage = usage
        case .partStart(0, _, let part): begin(part, into: &out)
        case .partDelta(0, _, let delta): piece(delta, into: &out)
        case .partStop(0, _): close(into: &out)
        case .finish(0, let reason, let sequence):
            close(into: &out)
            stop = (reason, sequence)
        case .end: end(into: &out)
        // A second answer has no place here.
        case .partStart, .partDelta, .partStop, .finish: break
        }
    }

    package mutating func abort(_ failure: Failure, into out: inout ByteBuffer) {
        failure.writeErrorEvent(.anthropic, requestID: nil, into: &out)
    }

    package static func writeKeepAlive(into out: inout ByteBuffer) {
        out.writeSSE(type: "ping") { json in
            json.object { $0.member("type", "ping") }
        }
    }

    // MARK: Blocks

    private mutating func begin(_ part: AnswerEvent.PartStart, into out: inout ByteBuffer) {
        switch part {
        case .text, .refusal: pending = part
        case .reasoning(_, nil): pending = part
        case .reasoning(_, .some(let seal)):
            block(into: &out) { MessagesContentWriter.reasoning(.init("", seal: seal, isRedacted: true), into: &$0) }
            stopBlock(into: &out)
        case .toolCall(let id, let name, let isCustom, let seal):
            if let seal {
                block(into: &out) { MessagesContentWriter.reasoning(.init(""), into: &$0) }
                signature(seal, into: &out)
                stopBlock(into: &out)
            }
            block(into: &out) { json in
                json.object { block in
                    block.member("type", "tool_use")
                    block.member("id", id)
                    block.member("name", name)
                    block.object("input") { _ in }
                }
            }
            open = .tool(isCustom: isCustom, isEmpty: true)
        case .media(.image(let media)):
            block(into: &out, Self.emptyText)
            delta("text_delta", "text", media.markdown, into: &out)
            stopBlock(into: &out)
        case .media, .foreign: break
        }
    }

    /// Opens the block of a part that was begun, now that it has something to hold.
    private mutating func openPending(into out: inout ByteBuffer) {
        switch pending {
        case .text, .refusal:
            block(into: &out, Self.emptyText)
            open = .text
        case .reasoning:
            block(into: &out) { MessagesContentWriter.reasoning(.init(""), into: &$0) }
            open = .thinking
        default: break
        }
        pending = nil
    }

    private mutating func piece(_ piece: AnswerEvent.PartDelta, into out: inout ByteBuffer) {
        openPending(into: &out)
        if case .text(let text) = piece { outputBytes += text.utf8.count }
        switch (piece, open) {
        case (.text(let text), .text): delta("text_delta", "text", text, into: &out)
        case (.text(let text), .thinking): delta("thinking_delta", "thinking", text, into: &out)
        case (.text(let text), .tool(false, _)):
            delta("input_json_delta", "partial_json", text, into: &out)
            open = .tool(isCustom: false, isEmpty: false)
        case (.text(let text), .tool(true, let isEmpty)):
            delta("input_json_delta", "partial_json", (isEmpty ? #"{"input":""# : "") + text.jsonEscaped, into: &out)
            open = .tool(isCustom: true, isEmpty: false)
        case (.seal(let seal), .thinking): signature(seal, into: &out)
        case (.citation(let citation), .text):
            event("content_block_delta", into: &out) { json in
                json.member("index", self.blocks - 1)
                json.object("delta") { delta in
                    delta.member("type", "citations_delta")
                    delta.object("citation") { MessagesAnswerWriter.citation(citation, into: &$0) }
                }
            }
        default: break
        }
    }

    private mutating func close(into out: inout ByteBuffer) {
        pending = nil
        guard let open else { return }
        if case .tool(let isCustom, let isEmpty) = open {
            switch (isCustom, isEmpty) {
            case (false, true): delta("input_json_delta", "partial_json", "", into: &out)
            case (false, false): break
            case (true, true): delta("input_json_delta", "partial_json", #"{"input":""}"#, into: &out)
            case (true, false): delta("input_json_delta", "partial_json", #""}"#, into: &out)
            }
        }
        stopBlock(into: &out)
    }

    private mutating func end(into out: inout ByteBuffer) {
        writeStart(into: &out)
        close(into: &out)
        event("message_delta", into: &out) { json in
            json.object("delta") { delta in
                delta.member("stop_reason", MessagesStop.text(self.stop?.reason ?? .endOfTurn))
                delta.member("stop_sequence", orNull: self.stop?.sequence)
            }
            MessagesUsage.write(self.usage ?? .counted(self.context, outputBytes: self.outputBytes), into: &json)
        }
        event("message_stop", into: &out) { _ in }
    }

    // MARK: Events

    /// At least one input token: an empty count breaks the cost display of Claude Code.
    private mutating func writeStart(into out: inout ByteBuffer) {
        guard let start else { return }
        self.start = nil
        var usage = self.usage ?? Usage()
        if usage.totalInput == 0 { usage.inputTokens = max(context.countedInput, 1) }
        usage.outputTokens = max(usage.outputTokens, 1)
        event("message_start", into: &out) { json in
            json.object("message") { message in
                message.member("id", MessagesAnswerWriter.id(start.id, self.context))
                message.member("type", "message")
                message.member("role", "assistant")
                message.member("model", start.model.isEmpty ? self.context.model : start.model)
                message.array("content") { _ in }
                message.nullMember("stop_reason")
                message.nullMember("stop_sequence")
                MessagesUsage.write(usage, into: &message)
            }
        }
    }

    private static func emptyText(_ json: inout JSONWriter) {
        MessagesContentWriter.text(.init(""), into: &json)
    }

    private mutating func block(into out: inout ByteBuffer, _ content: (inout JSONWriter) -> Void) {
        writeStart(into: &out)
        event("content_block_start", into: &out) { json in
            json.member("index", self.blocks)
            json.key("content_block")
            content(&json)
        }
        blocks += 1
    }

    private mutating func stopBlock(into out: inout ByteBuffer) {
        open = nil
        event("content_block_stop", into: &out) { $0.member("index", self.blocks - 1) }
    }

    private func signature(_ seal: Seal, into out: inout ByteBuffer) {
        delta("signature_delta", "signature", seal.carried(by: .anthropicMessages), into: &out)
    }

    private func delta(_ type: String, _ key: String, _ text: String, into out: inout ByteBuffer) {
        event("content_block_delta", into: &out) { json in
            json.member("index", blocks - 1)
            json.object("delta") { delta in
                delta.member("type", type)
                delta.member(key, text)
            }
        }
    }

    private func event(_ type: String, into out: inout ByteBuffer, _ members: (inout JSONWriter) -> Void) {
        out.writeSSE(type: type) { json in
            json.beginObject()
            json.member("type", type)
            members(&json)
            json.endObject()
        }
    }
}

extension String {
    /// As it stands between the quotes of a JSON string.
    fileprivate var jsonEscaped: String {
        var buffer = ByteBuffer()
        buffer.writeJSONString(self)
        return String(decoding: buffer.readableBytesView.dropFirst().dropLast(), as: UTF8.self)
    }
}
