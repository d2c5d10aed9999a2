package import ElkWire
package import NIOCore

/// Neutral events → the stream of a Responses client.
///
/// Every event is named and numbered. The last one repeats the whole answer, so its text is kept until then.
package struct ResponsesStreamWriter: StreamWriter {
    private let context: AnswerContext
    private var object: ResponsesObject
    private var sequence = 0
    private var items: [ResponsesItem] = []
    private var hasOpenItem = false
    private var hasSummary = false
    private var started = false
    private var usage: Usage?
    private var stop = StopReason.endOfTurn

    package init(_ context: AnswerContext) {
        self.context = context
        object = ResponsesObject(context, id: "", model: "", created: nil)
    }

    package mutating func write(_ event: AnswerEvent, into out: inout ByteBuffer) {
        switch event {
        case .start(let start): begin(start, into: &out)
        case .partStart(0, _, let start): begin(start, into: &out)
        case .partDelta(0, _, let delta): piece(delta, into: &out)
        case .partStop(0, _): close(into: &out)
        case .finish(0, let reason, _): stop = reason
        case .usage(let usage): self.usage = usage
        case .end: end(into: &out)
        // A second answer has no place here.
        case .partStart, .partDelta, .partStop, .finish: break
        }
    }

    package mutating func abort(_ failure: Failure, into out: inout ByteBuffer) {
        guard started else { return out.writeStreamError(failure, .responses, sequenceNumber: sequence) }
        let usage = usage
        respond("response.failed", status: "failed", usage: usage, failure: failure, into: &out)
    }

    package static func writeKeepAlive(into out: inout ByteBuffer) {
        out.writeSSEComment("keep-alive")
    }

    // MARK: Ends

    private mutating func begin(_ start: AnswerEvent.Start, into out: inout ByteBuffer) {
        started = true
        object = ResponsesObject(context, id: start.id, model: start.model, created: start.created)
        respond("response.created", status: "in_progress", usage: nil, into: &out)
        respond("response.in_progress", status: "in_progress", usage: nil, into: &out)
    }

    private mutating func end(into out: inout ByteBuffer) {
        close(into: &out)
        let incomplete = ResponsesObject.incompleteReason(stop)
        let usage = usage ?? Usage(inputTokens: context.countedInput)
        let name = incomplete == nil ? "completed" : "incomplete"
        respond("response.\(name)", status: name, usage: usage, incomplete: incomplete, into: &out)
    }

    private mutating func respond(
        _ type: String,
        status: String,
        usage: Usage?,
        incomplete: String? = nil,
        failure: Failure? = nil,
        into out: inout ByteBuffer
    ) {
        let (object, items) = (object, items)
        event(type, into: &out) { json in
            json.key("response")
            object.write(
                status: status,
                items: items,
                usage: usage,
                incomplete: incomplete,
                failure: failure,
                into: &json
            )
        }
    }

    // MARK: Items

    private mutating func begin(_ start: AnswerEvent.PartStart, into out: inout ByteBuffer) {
        close(into: &out)
        switch start {
        case .text:
            add(.text, into: &out)
            contentPart("added", isDone: false, into: &out)
        case .refusal:
            add(.refusal, into: &out)
            contentPart("added", isDone: false, into: &out)
        case .reasoning(let id, let seal):
            add(.reasoning, id: id, into: &out)
            if seal != nil { items[items.count - 1].seal = seal }
        case .toolCall(let id, let name, let isCustom, let seal):
            if let seal {
                add(.reasoning, into: &out)
                items[items.count - 1].seal = seal
                close(into: &out)
            }
            add(.toolCall(callID: id, name: name, isCustom: isCustom), into: &out)
        case .media(let part):
            for item in ResponsesItem.items(of: [part], answerID: context.id) {
                add(item.kind, into: &out)
                items[items.count - 1].text = item.text
            }
        case .foreign(.openAIResponses, let value): add(.whole(value), into: &out)
        case .foreign: break
        }
    }

    private mutating func add(_ kind: ResponsesItem.Kind, id: String? = nil, into out: inout ByteBuffer) {
        let item = ResponsesItem(kind, answerID: context.id, position: items.count, id: id)
        items.append(item)
        hasOpenItem = true
        hasSummary = false
        let position = items.count - 1
        event("response.output_item.added", into: &out) { json in
            json.member("output_index", position)
            json.key("item")
            item.write(isDone: false, into: &json)
        }
    }

    private mutating func piece(_ piece: AnswerEvent.PartDelta, into out: inout ByteBuffer) {
        guard hasOpenItem, let item = items.last else { return }
        let position = items.count - 1
        switch piece {
        case .text(let text):
            items[items.count - 1].text += text
            self.text(text, of: item, into: &out)
        case .seal(let seal): items[items.count - 1].seal = seal
        case .logprobs(let logprobs):
            guard let content = logprobs["content"] else { return }
            items[items.count - 1].logprobs += Array(content.elements)
        case .citation(let citation):
            let number = item.citations.count
            items[items.count - 1].citations.append(citation)
            event("response.output_text.annotation.added", into: &out) { json in
                Self.place(item, at: position, content: true, into: &json)
                json.member("annotation_index", number)
                json.key("annotation")
                ResponsesItem.annotation(citation, into: &json)
            }
        }
    }

    private mutating func text(_ text: String, of item: ResponsesItem, into out: inout ByteBuffer) {
        let position = items.count - 1
        switch item.kind {
        case .text:
            event("response.output_text.delta", into: &out) { json in
                Self.place(item, at: position, content: true, into: &json)
                json.member("delta", text)
                json.array("logprobs") { _ in }
            }
        case .refusal:
            event("response.refusal.delta", into: &out) { json in
                Self.place(item, at: position, content: true, into: &json)
                json.member("delta", text)
            }
        case .reasoning:
            if !hasSummary { summaryPart("added", "", of: item, into: &out) }
            hasSummary = true
            event("response.reasoning_summary_text.delta", into: &out) { json in
                Self.place(item, at: position, summary: true, into: &json)
                json.member("delta", text)
            }
        case .toolCall(_, _, let isCustom):
            let name = isCustom ? "custom_tool_call_input" : "function_call_arguments"
            event("response.\(name).delta", into: &out) { json in
                Self.place(item, at: position, into: &json)
                json.member("delta", text)
            }
        case .image, .whole: break
        }
    }

    private mutating func close(into out: inout ByteBuffer) {
        guard hasOpenItem, let last = items.last else { return }
        if case .toolCall(_, _, false) = last.kind, last.text.isEmpty { items[items.count - 1].text = "{}" }
        let position = items.count - 1
        let item = items[position]
        switch item.kind {
        case .text:
            event("response.output_text.done", into: &out) { json in
                Self.place(item, at: position, content: true, into: &json)
                json.member("text", item.text)
                json.array("logprobs") { list in
                    for slice in item.logprobs { list.raw(slice) }
                }
            }
            contentPart("done", isDone: true, into: &out)
        case .refusal:
            event("response.refusal.done", into: &out) { json in
                Self.place(item, at: position, content: true, into: &json)
                json.member("refusal", item.text)
            }
            contentPart("done", isDone: true, into: &out)
        case .reasoning:
            guard hasSummary else { break }
            event("response.reasoning_summary_text.done", into: &out) { json in
                Self.place(item, at: position, summary: true, into: &json)
                json.member("text", item.text)
            }
            summaryPart("done", item.text, of: item, into: &out)
        case .toolCall(_, let name, let isCustom):
            let type = isCustom ? "custom_tool_call_input" : "function_call_arguments"
            event("response.\(type).done", into: &out) { json in
                Self.place(item, at: position, into: &json)
                if !isCustom { json.member("name", name) }
                json.member(isCustom ? "input" : "arguments", item.text)
            }
        case .image, .whole: break
        }
        event("response.output_item.done", into: &out) { json in
            json.member("output_index", position)
            json.key("item")
            item.write(isDone: true, into: &json)
        }
        hasOpenItem = false
    }

    // MARK: Events

    private mutating func contentPart(_ step: String, isDone: Bool, into out: inout ByteBuffer) {
        guard let item = items.last else { return }
        let position = items.count - 1
        event("response.content_part.\(step)", into: &out) { json in
            Self.place(item, at: position, content: true, into: &json)
            json.key("part")
            item.part(isDone: isDone, into: &json)
        }
    }

    private mutating func summaryPart(
        _ step: String,
        _ text: String,
        of item: ResponsesItem,
        into out: inout ByteBuffer
    ) {
        let position = items.count - 1
        event("response.reasoning_summary_part.\(step)", into: &out) { json in
            Self.place(item, at: position, summary: true, into: &json)
            json.key("part")
            item.summaryPart(text, into: &json)
        }
    }

    private static func place(
        _ item: ResponsesItem,
        at position: Int,
        content: Bool = false,
        summary: Bool = false,
        into json: inout JSONWriter
    ) {
        json.member("item_id", item.id)
        json.member("output_index", position)
        if content { json.member("content_index", 0) }
        if summary { json.member("summary_index", 0) }
    }

    private mutating func event(
        _ type: String,
        into out: inout ByteBuffer,
        _ members: (inout JSONWriter) -> Void
    ) {
        let number = sequence
        sequence += 1
        out.writeSSE(type: type) { json in
            json.beginObject()
            json.member("type", type)
            json.member("sequence_number", number)
            members(&json)
            json.endObject()
        }
    }
}
