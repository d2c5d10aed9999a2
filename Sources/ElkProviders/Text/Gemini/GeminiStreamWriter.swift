package import ElkWire
package import NIOCore

/// Neutral events → the stream of a Gemini client.
///
/// A chunk for every piece of text; a call when all of it is there, for the format has no pieces of calls. The reasons to
/// finish wait for the last chunk, which has the usage: the format's end is that chunk.
package struct GeminiStreamWriter: StreamWriter {
    private let context: AnswerContext
    private var start: AnswerEvent.Start?
    private var open: [Int: AnswerEvent.PartStart] = [:]
    private var arguments: [Int: String] = [:]
    private var citations: [Int: [Part.Citation]] = [:]
    private var finished: [(choice: Int, reason: StopReason)] = []
    private var usage: Usage?

    package init(_ context: AnswerContext) {
        self.context = context
    }

    package mutating func write(_ event: AnswerEvent, into out: inout ByteBuffer) {
        switch event {
        case .start(let start): self.start = start
        case .partStart(let choice, _, let start): begin(choice, start, into: &out)
        case .partDelta(let choice, _, let delta): piece(choice, delta, into: &out)
        case .partStop(let choice, _): close(choice, into: &out)
        case .finish(let choice, let reason, _): finished.append((choice, reason))
        case .usage(let usage): self.usage = usage
        case .end: end(into: &out)
        }
    }

    package mutating func abort(_ failure: Failure, into out: inout ByteBuffer) {
        failure.writeErrorEvent(.gemini, requestID: nil, into: &out)
    }

    package static func writeKeepAlive(into out: inout ByteBuffer) {
        out.writeSSEComment("keep-alive")
    }

    private mutating func begin(_ choice: Int, _ start: AnswerEvent.PartStart, into out: inout ByteBuffer) {
        open[choice] = start
        switch start {
        case .toolCall: arguments[choice] = ""
        case .reasoning(_, .some(let seal)):
            chunk(choice, into: &out) { GeminiAnswerWriter.text("", seal: seal, isThought: true, into: &$0) }
        case .media(let part): chunk(choice, into: &out) { GeminiAnswerWriter.part(part, into: &$0) }
        case .foreign(.geminiGenerate, let part): chunk(choice, into: &out) { $0.raw(part) }
        case .text, .reasoning, .refusal, .foreign: break
        }
    }

    private mutating func piece(_ choice: Int, _ piece: AnswerEvent.PartDelta, into out: inout ByteBuffer) {
        switch (piece, open[choice]) {
        case (.text(let text), .toolCall): arguments[choice, default: ""] += text
        case (.text(let text), .reasoning):
            chunk(choice, into: &out) { GeminiAnswerWriter.text(text, seal: nil, isThought: true, into: &$0) }
        case (.text(let text), _):
            chunk(choice, into: &out) { GeminiAnswerWriter.text(text, seal: nil, into: &$0) }
        case (.seal(let seal), .toolCall(let id, let name, let isCustom, _)):
            open[choice] = .toolCall(id: id, name: name, isCustom: isCustom, seal: seal)
        case (.seal(let seal), let part):
            let isThought = if case .reasoning? = part { true } else { false }
            chunk(choice, into: &out) { GeminiAnswerWriter.text("", seal: seal, isThought: isThought, into: &$0) }
        case (.citation(let citation), _): citations[choice, default: []].append(citation)
        case (.logprobs, _): break
        }
    }

    private mutating func close(_ choice: Int, into out: inout ByteBuffer) {
        guard case .toolCall(let id, let name, let isCustom, let seal)? = open.removeValue(forKey: choice) else {
            return
        }
        let text = arguments.removeValue(forKey: choice) ?? ""
        let call = Part.ToolCall(id: id, name: name, arguments: text, isCustom: isCustom, seal: seal)
        chunk(choice, into: &out) { GeminiAnswerWriter.toolCall(call, into: &$0) }
    }

    private mutating func end(into out: inout ByteBuffer) {
        out.writeSSE { json in
            json.object { root in
                root.array("candidates") { candidates in
                    for (choice, reason) in finished {
                        candidates.object { candidate in
                            candidate.object("content") { content in
                                content.member("role", "model")
                                content.array("parts") { parts in parts.object { $0.member("text", "") } }
                            }
                            candidate.member("finishReason", GeminiStop.text(reason))
                            candidate.member("index", choice)
                            GeminiAnswerWriter.grounding(citations[choice] ?? [], into: &candidate)
                        }
                    }
                }
                GeminiUsage.write(usage ?? Usage(inputTokens: context.countedInput), into: &root)
                tail(into: &root)
            }
        }
    }

    /// A chunk with one part of one candidate.
    private func chunk(_ choice: Int, into out: inout ByteBuffer, _ part: (inout JSONWriter) -> Void) {
        out.writeSSE { json in
            json.object { root in
                root.array("candidates") { candidates in
                    candidates.object { candidate in
                        candidate.object("content") { content in
                            content.member("role", "model")
                            content.array("parts", part)
                        }
                        candidate.member("index", choice)
                    }
                }
                tail(into: &root)
            }
        }
    }

    private func tail(into json: inout JSONWriter) {
        GeminiAnswerWriter.tail(id: start?.id ?? "", model: start?.model ?? "", context, into: &json)
    }
}
