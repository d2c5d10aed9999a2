package import ElkWire
import NIOCore

/// The stream of a Responses upstream → neutral events.
///
/// Items come one after the other. Should a second one begin to speak while one is open, what it says is kept until it is
/// done, and then told as a whole.
package struct ResponsesStreamReader: StreamReader {
    private enum Kind: Sendable, Hashable { case text, refusal, reasoning, toolCall }

    /// The open part: which item and which of its contents it is.
    private struct Open: Sendable, Hashable {
        var item: Int
        var content: Int
        var kind: Kind
    }

    static let betweenSummaries = "\n\n"

    private var started = false
    private var open: Open?
    private var parts = 0
    /// Items of which a part was begun.
    private var told: Set<Int> = []
    private var summary = 0
    private var hasText = false
    private var hasCalls = false
    package private(set) var isComplete = false

    package init() {}

    package mutating func read(_ event: SSEEvent, into events: inout [AnswerEvent]) throws(Failure) {
        guard !isComplete, event.data.readableBytes > 0, !event.isDone else { return }
        let data: JSONSlice
        do throws(JSONError) { data = try JSONSlice(validating: event.data) } catch {
            throw ClientFailure.badAnswer("an event that is not JSON: \(error)")
        }
        let type = data["type"]?.string ?? event.type ?? ""
        switch type {
        case "error": throw FailureReading.standard.read(data).failure
        case "response.failed": throw FailureReading.standard.read(data["response"] ?? data).failure
        case "response.created", "response.in_progress", "response.queued": start(data["response"], into: &events)
        case "response.completed", "response.incomplete": end(data["response"], into: &events)
        default:
            start(nil, into: &events)
            read(type, data, at: data["output_index"]?.int ?? 0, into: &events)
        }
    }

    package mutating func finish(into events: inout [AnswerEvent]) throws(Failure) {
        guard isComplete else { throw ClientFailure.cutStream }
    }

    private mutating func start(_ response: JSONSlice?, into events: inout [AnswerEvent]) {
        guard !started else { return }
        started = true
        let created = response?["created_at"]?.double.flatMap { Int(exactly: $0.rounded(.down)) }
        let id = response?["id"]?.string ?? ""
        events.append(.start(.init(id: id, model: response?["model"]?.string ?? "", created: created)))
    }

    private mutating func end(_ response: JSONSlice?, into events: inout [AnswerEvent]) {
        start(response, into: &events)
        close(into: &events)
        if let usage = response?["usage"].flatMap(UsageReading.openAI) { events.append(.usage(usage)) }
        let stop = response.map { ResponsesAnswerReader.stop($0, hasCalls: hasCalls) } ?? .endOfTurn
        events.append(.finish(choice: 0, stop, stopSequence: nil))
        events.append(.end)
        isComplete = true
    }

    private mutating func read(_ type: String, _ data: JSONSlice, at item: Int, into events: inout [AnswerEvent]) {
        let content = data["content_index"]?.int ?? 0
        switch type {
        case "response.output_item.added": begin(data["item"], at: item, into: &events)
        case "response.output_text.delta": say(data, .text, item, content, into: &events)
        case "response.refusal.delta": say(data, .refusal, item, content, into: &events)
        case "response.reasoning_summary_part.added": nextSummary(data, item, into: &events)
        case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
            say(data, .reasoning, item, 0, into: &events)
        case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
            guard open?.item == item, open?.kind == .toolCall else { return }
            delta(data, into: &events)
        case "response.output_text.annotation.added":
            guard open?.item == item, open?.kind == .text,
                let citation = data["annotation"].flatMap(ResponsesAnswerReader.citation)
            else { return }
            events.append(.partDelta(choice: 0, index: parts - 1, .citation(citation)))
        case "response.content_part.done":
            if open?.item == item, open?.content == content { close(into: &events) }
        case "response.output_item.done": done(data["item"], at: item, into: &events)
        default: break
        }
    }

    // MARK: Parts

    private mutating func begin(_ item: JSONSlice?, at index: Int, into events: inout [AnswerEvent]) {
        guard let item, open == nil, let call = ResponsesAnswerReader.toolCall(item),
            ["function_call", "custom_tool_call"].contains(item["type"]?.string)
        else { return }
        begin(call, at: index, into: &events)
    }

    private mutating func begin(_ call: Part.ToolCall, at index: Int, into events: inout [AnswerEvent]) {
        hasCalls = true
        let start = AnswerEvent.PartStart.toolCall(id: call.id, name: call.name, isCustom: call.isCustom, seal: nil)
        begin(start, Open(item: index, content: 0, kind: .toolCall), into: &events)
        if !call.arguments.isEmpty { append(.text(call.arguments), into: &events) }
    }

    private mutating func begin(
        _ start: AnswerEvent.PartStart,
        _ next: Open,
        into events: inout [AnswerEvent]
    ) {
        close(into: &events)
        events.append(.partStart(choice: 0, index: parts, start))
        parts += 1
        open = next
        hasText = false
        told.insert(next.item)
    }

    private mutating func say(
        _ data: JSONSlice,
        _ kind: Kind,
        _ item: Int,
        _ content: Int,
        into events: inout [AnswerEvent]
    ) {
        let next = Open(item: item, content: content, kind: kind)
        if open != next {
            // Another item speaks: this one is told when it is done.
            if let open, open.item != item { return }
            let start: AnswerEvent.PartStart =
                switch kind {
                case .refusal: .refusal
                case .reasoning: .reasoning(id: data["item_id"]?.string, redacted: nil)
                case .text, .toolCall: .text
                }
            begin(start, next, into: &events)
        }
        delta(data, into: &events)
    }

    /// Summaries of one item are paragraphs of one thought.
    private mutating func nextSummary(_ data: JSONSlice, _ item: Int, into events: inout [AnswerEvent]) {
        guard open?.item == item, open?.kind == .reasoning, hasText else { return }
        append(.text(Self.betweenSummaries), into: &events)
    }

    private mutating func delta(_ data: JSONSlice, into events: inout [AnswerEvent]) {
        guard let text = data["delta"]?.string, !text.isEmpty else { return }
        append(.text(text), into: &events)
    }

    private mutating func append(_ delta: AnswerEvent.PartDelta, into events: inout [AnswerEvent]) {
        hasText = true
        events.append(.partDelta(choice: 0, index: parts - 1, delta))
    }

    private mutating func close(into events: inout [AnswerEvent]) {
        guard open != nil else { return }
        open = nil
        events.append(.partStop(choice: 0, index: parts - 1))
    }

    /// The item as a whole: what was not told piece by piece is told now, and the seal of a thought, which only this has.
    private mutating func done(_ item: JSONSlice?, at index: Int, into events: inout [AnswerEvent]) {
        guard let item else { return }
        let type = item["type"]?.string
        if type == "reasoning" {
            let thought = ResponsesAnswerReader.reasoning(item)
            if open?.item != index, !told.contains(index), !(thought.text.isEmpty && thought.seal == nil) {
                let start = AnswerEvent.PartStart.reasoning(id: thought.id, redacted: nil)
                begin(start, Open(item: index, content: 0, kind: .reasoning), into: &events)
                if !thought.text.isEmpty { append(.text(thought.text), into: &events) }
            }
            if open?.item == index, let seal = thought.seal { append(.seal(seal), into: &events) }
        } else if told.contains(index) {
            if open?.item == index, open?.kind == .toolCall, !hasText,
                let call = ResponsesAnswerReader.toolCall(item), !call.arguments.isEmpty
            {
                append(.text(call.arguments), into: &events)
            }
        } else {
            tell(item, at: index, into: &events)
        }
        if open?.item == index { close(into: &events) }
    }

    private mutating func tell(_ item: JSONSlice, at index: Int, into events: inout [AnswerEvent]) {
        switch item["type"]?.string {
        case "function_call", "custom_tool_call":
            if let call = ResponsesAnswerReader.toolCall(item) { begin(call, at: index, into: &events) }
        case "image_generation_call":
            guard let data = item["result"]?.string else { return }
            let media = Part.Media(.base64(data, mediaType: ResponsesAnswerReader.imageType(item)))
            begin(.media(.image(media)), Open(item: index, content: 0, kind: .text), into: &events)
        case "message":
            for part in item["content"].map({ Array($0.elements) }) ?? [] {
                let isRefusal = part["type"]?.string == "refusal"
                guard let text = part[isRefusal ? "refusal" : "text"]?.string, !text.isEmpty else { continue }
                let next = Open(item: index, content: 0, kind: isRefusal ? .refusal : .text)
                begin(isRefusal ? .refusal : .text, next, into: &events)
                append(.text(text), into: &events)
            }
        default:
            begin(.foreign(.openAIResponses, item), Open(item: index, content: 0, kind: .text), into: &events)
        }
    }
}
