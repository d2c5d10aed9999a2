package import ElkWire
package import NIOCore

/// Neutral events → the stream of a chat client.
///
/// One id and one time for all chunks, tool indices that count calls only, the usage chunk only when the client asked
/// for it, and `[DONE]` only after a whole answer.
package struct ChatStreamWriter: StreamWriter {
    private let context: AnswerContext
    private let usesFunctions: Bool
    /// `{"id":…,"object":…,"created":…,"model":…,"choices":[`, the same in every chunk.
    private var head = ByteBuffer()
    private var choices: [Int: Choice] = [:]
    private var usage: Usage?
    private var scratch = ByteBuffer()

    private struct Choice: Sendable {
        var calls = 0
        var open: AnswerEvent.PartStart?
        var hasRole = false
    }

    package init(_ context: AnswerContext) {
        self.context = context
        usesFunctions = ChatAnswerWriter.usesFunctions(context)
    }

    package mutating func write(_ event: AnswerEvent, into out: inout ByteBuffer) {
        switch event {
        case .start(let start):
            makeHead(start)
            delta(0, into: &out) { $0.member("content", "") }
        case .partStart(let choice, _, let start): begin(choice, start, into: &out)
        case .partDelta(let choice, _, let delta): piece(choice, delta, into: &out)
        case .partStop(let choice, _): choices[choice]?.open = nil
        case .finish(let choice, let reason, _):
            let text = ChatStop.text(reason, usesFunctions: usesFunctions)
            chunk(choice, finish: text, into: &out) { _ in }
        case .usage(let usage): self.usage = usage
        case .end:
            if context.wantsStreamUsage { usageChunk(into: &out) }
            out.writeSSEDone()
        }
    }

    package mutating func abort(_ failure: Failure, into out: inout ByteBuffer) {
        failure.writeErrorEvent(.openAI, requestID: nil, into: &out)
    }

    package static func writeKeepAlive(into out: inout ByteBuffer) {
        out.writeSSEComment("keep-alive")
    }

    // MARK: Parts

    private mutating func begin(_ choice: Int, _ start: AnswerEvent.PartStart, into out: inout ByteBuffer) {
        choices[choice, default: Choice()].open = start
        switch start {
        case .toolCall(let id, let name, let isCustom, let seal):
            let index = choices[choice]?.calls ?? 0
            choices[choice]?.calls = index + 1
            if usesFunctions {
                // The old format knows one call.
                guard index == 0 else { return }
                delta(choice, into: &out) { json in
                    json.object("function_call") { function in
                        function.member("name", name)
                        function.member("arguments", "")
                    }
                }
                return
            }
            delta(choice, into: &out) { json in
                json.array("tool_calls") { calls in
                    calls.beginObject()
                    calls.member("index", index)
                    calls.member("id", id)
                    calls.member("type", isCustom ? "custom" : "function")
                    calls.object(isCustom ? "custom" : "function") { function in
                        function.member("name", name)
                        function.member(isCustom ? "input" : "arguments", "")
                    }
                    if let seal { ChatAnswerWriter.signature(seal, into: &calls) }
                    calls.endObject()
                }
            }
        case .reasoning(let id, .some(let seal)):
            sealed(choice, .init("", seal: seal, isRedacted: true, id: id), into: &out)
        case .media(.image(let media)):
            delta(choice, into: &out) { json in
                json.array("images") { ChatAnswerWriter.image(media, into: &$0) }
            }
        case .text, .reasoning, .refusal, .media, .foreign: break
        }
    }

    private mutating func piece(_ choice: Int, _ piece: AnswerEvent.PartDelta, into out: inout ByteBuffer) {
        switch (piece, choices[choice]?.open) {
        case (.text(let text), .text): delta(choice, into: &out) { $0.member("content", text) }
        case (.text(let text), .reasoning): delta(choice, into: &out) { $0.member("reasoning_content", text) }
        case (.text(let text), .refusal): delta(choice, into: &out) { $0.member("refusal", text) }
        case (.text(let text), .toolCall(_, _, let isCustom, _)):
            arguments(choice, text, isCustom: isCustom, into: &out)
        case (.seal(let seal), .reasoning(let id, _)):
            sealed(choice, .init("", seal: seal, id: id), into: &out)
        case (.citation(let citation), .text):
            delta(choice, into: &out) { json in
                json.array("annotations") { ChatAnswerWriter.citation(citation, into: &$0) }
            }
        case (.logprobs(let logprobs), _):
            chunk(choice, logprobs: logprobs, into: &out) { _ in }
        default: break
        }
    }

    private mutating func arguments(_ choice: Int, _ text: String, isCustom: Bool, into out: inout ByteBuffer) {
        let index = (choices[choice]?.calls ?? 1) - 1
        if usesFunctions {
            guard index == 0 else { return }
            delta(choice, into: &out) { json in json.object("function_call") { $0.member("arguments", text) } }
            return
        }
        delta(choice, into: &out) { json in
            json.array("tool_calls") { calls in
                calls.beginObject()
                calls.member("index", index)
                calls.object(isCustom ? "custom" : "function") { $0.member(isCustom ? "input" : "arguments", text) }
                calls.endObject()
            }
        }
    }

    private mutating func sealed(_ choice: Int, _ thought: Part.Reasoning, into out: inout ByteBuffer) {
        delta(choice, into: &out) { json in
            json.array("elk_reasoning") { ChatAnswerWriter.sealed(thought, into: &$0) }
        }
    }

    // MARK: Chunks

    private mutating func makeHead(_ start: AnswerEvent.Start) {
        var json = JSONWriter()
        json.beginObject()
        json.member("id", ChatAnswerWriter.id(start.id, context))
        json.member("object", "chat.completion.chunk")
        json.member("created", start.created ?? context.created)
        json.member("model", start.model.isEmpty ? context.model : start.model)
        json.key("choices")
        json.beginArray()
        head = json.buffer
    }

    private mutating func delta(_ choice: Int, into out: inout ByteBuffer, _ members: (inout JSONWriter) -> Void) {
        chunk(choice, into: &out, members)
    }

    private mutating func chunk(
        _ choice: Int,
        finish: String? = nil,
        logprobs: JSONSlice? = nil,
        into out: inout ByteBuffer,
        _ members: (inout JSONWriter) -> Void
    ) {
        let hasRole = choices[choice]?.hasRole ?? false
        choices[choice, default: Choice()].hasRole = true
        var json = JSONWriter()
        json.beginObject()
        json.member("index", choice)
        json.object("delta") { delta in
            if !hasRole { delta.member("role", "assistant") }
            members(&delta)
        }
        if let logprobs {
            json.key("logprobs")
            json.raw(logprobs)
        }
        json.key("finish_reason")
        if let finish { json.value(finish) } else { json.null() }
        json.endObject()
        scratch.clear()
        scratch.writeImmutableBuffer(head)
        scratch.writeImmutableBuffer(json.buffer)
        scratch.writeStaticString(context.wantsStreamUsage ? "],\"usage\":null}" : "]}")
        out.writeSSE(type: nil, data: scratch)
    }

    private mutating func usageChunk(into out: inout ByteBuffer) {
        guard let usage else { return }
        var json = JSONWriter()
        json.beginObject()
        ChatUsage.write(usage, into: &json)
        json.endObject()
        scratch.clear()
        scratch.writeImmutableBuffer(head)
        scratch.writeStaticString("],")
        // The members of the object just written, without its opening brace.
        scratch.writeImmutableBuffer(
            json.buffer.getSlice(at: json.buffer.readerIndex + 1, length: json.buffer.readableBytes - 1) ?? ByteBuffer()
        )
        out.writeSSE(type: nil, data: scratch)
    }
}
