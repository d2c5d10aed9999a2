package import ElkWire
package import NIOCore

/// Neutral events → the stream of a client of legacy completions: its text, and nothing else.
package struct CompletionsStreamWriter: StreamWriter {
    private let context: AnswerContext
    private var start = AnswerEvent.Start(id: "", model: "")
    /// The open part of each choice is text.
    private var texts: Set<Int> = []
    private var usage: Usage?

    package init(_ context: AnswerContext) {
        self.context = context
    }

    package mutating func write(_ event: AnswerEvent, into out: inout ByteBuffer) {
        switch event {
        case .start(let start): self.start = start
        case .partStart(let choice, _, .text): texts.insert(choice)
        case .partStart(let choice, _, _), .partStop(let choice, _): texts.remove(choice)
        case .partDelta(let choice, _, .text(let text)):
            if texts.contains(choice) { chunk(choice, text, nil, into: &out) }
        case .partDelta: break
        case .finish(let choice, let reason, _): chunk(choice, "", ChatStop.text(reason.ofCompletion), into: &out)
        case .usage(let usage): self.usage = usage
        case .end:
            if context.wantsStreamUsage, let usage {
                emit(into: &out) { json in
                    json.array("choices") { _ in }
                    ChatUsage.write(usage, into: &json)
                }
            }
            out.writeSSEDone()
        }
    }

    package mutating func abort(_ failure: Failure, into out: inout ByteBuffer) {
        failure.writeErrorEvent(.openAI, requestID: nil, into: &out)
    }

    package static func writeKeepAlive(into out: inout ByteBuffer) {
        out.writeSSEComment("keep-alive")
    }

    private func chunk(_ choice: Int, _ text: String, _ finish: String?, into out: inout ByteBuffer) {
        emit(into: &out) { json in
            json.array("choices") { CompletionsFormat.choice(choice, text, finish, into: &$0) }
            if context.wantsStreamUsage { json.nullMember("usage") }
        }
    }

    private func emit(into out: inout ByteBuffer, _ members: (inout JSONWriter) -> Void) {
        out.writeSSE { json in
            json.beginObject()
            CompletionsFormat.head(start.id, start.model, start.created, context, into: &json)
            members(&json)
            json.endObject()
        }
    }
}
