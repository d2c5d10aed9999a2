package import ElkWire
import NIOCore

/// The stream of a Messages upstream → neutral events.
package struct MessagesStreamReader: StreamReader {
    private var started = false
    private var finished = false
    private var usage: Usage?
    /// Parts begun; blocks that no other format knows are not counted.
    private var parts = 0
    private var isOpen = false
    /// The upstream's index of the open block.
    private var openBlock: Int?
    private var hasCalls = false
    package private(set) var isComplete = false

    package init() {}

    package mutating func read(_ event: SSEEvent, into events: inout [AnswerEvent]) throws(Failure) {
        guard !isComplete, event.data.readableBytes > 0, event.type != "ping" else { return }
        let data: JSONSlice
        do throws(JSONError) { data = try JSONSlice(validating: event.data) } catch {
            // Some servers of this format add the terminator of the other.
            if event.isDone { return }
            throw ClientFailure.badAnswer("an event that is not JSON: \(error)")
        }
        switch data["type"]?.string ?? event.type {
        case "message_start": start(data["message"], into: &events)
        case "content_block_start": begin(data["content_block"], at: data["index"]?.int, into: &events)
        case "content_block_delta": delta(data["delta"], at: data["index"]?.int, into: &events)
        case "content_block_stop": close(into: &events)
        case "message_delta": messageDelta(data, into: &events)
        case "message_stop": stop(into: &events)
        case "error": throw FailureReading.standard.read(data).failure
        default: break
        }
    }

    package mutating func finish(into events: inout [AnswerEvent]) throws(Failure) {
        guard isComplete else { throw ClientFailure.cutStream }
    }

    private mutating func start(_ message: JSONSlice?, into events: inout [AnswerEvent]) {
        guard !started else { return }
        started = true
        events.append(.start(.init(id: message?["id"]?.string ?? "", model: message?["model"]?.string ?? "")))
        report(message?["usage"], into: &events)
    }

    private mutating func report(_ slice: JSONSlice?, into events: inout [AnswerEvent]) {
        guard let slice, slice.kind == .object, let read = MessagesUsage.read(slice, after: usage) else { return }
        usage = read
        events.append(.usage(read))
    }

    private mutating func begin(_ block: JSONSlice?, at index: Int?, into events: inout [AnswerEvent]) {
        guard let block, !finished else { return }
        start(nil, into: &events)
        close(into: &events)
        openBlock = index
        var first = ""
        let part: AnswerEvent.PartStart
        switch block["type"]?.string {
        case "text":
            part = .text
            first = block["text"]?.string ?? ""
        case "thinking":
            part = .reasoning(id: nil, redacted: nil)
            first = block["thinking"]?.string ?? ""
        case "redacted_thinking":
            part = .reasoning(id: nil, redacted: Seal(carried: block["data"]?.string ?? "", by: .anthropicMessages))
        case "tool_use":
            hasCalls = true
            let name = block["name"]?.string ?? ""
            part = .toolCall(id: block["id"]?.string ?? "", name: name, isCustom: false, seal: nil)
            // Some servers send the whole input at once, here.
            if let input = block["input"], input.kind == .object, input.members.contains(where: { _ in true }) {
                first = String(buffer: input.bytes)
            }
        default:
            openBlock = nil
            return
        }
        events.append(.partStart(choice: 0, index: parts, part))
        parts += 1
        isOpen = true
        if !first.isEmpty { events.append(.partDelta(choice: 0, index: parts - 1, .text(first))) }
    }

    private mutating func delta(_ delta: JSONSlice?, at index: Int?, into events: inout [AnswerEvent]) {
        guard let delta, isOpen, index == openBlock else { return }
        let piece: AnswerEvent.PartDelta?
        switch delta["type"]?.string {
        case "text_delta": piece = delta["text"]?.string.flatMap(Self.text)
        case "thinking_delta": piece = delta["thinking"]?.string.flatMap(Self.text)
        case "input_json_delta": piece = delta["partial_json"]?.string.flatMap(Self.text)
        case "signature_delta":
            piece = delta["signature"]?.string.flatMap { Seal(carried: $0, by: .anthropicMessages) }.map { .seal($0) }
        case "citations_delta":
            piece = delta["citation"].flatMap(MessagesAnswerReader.citation).map { .citation($0) }
        default: piece = nil
        }
        if let piece { events.append(.partDelta(choice: 0, index: parts - 1, piece)) }
    }

    private static func text(_ text: String) -> AnswerEvent.PartDelta? { text.isEmpty ? nil : .text(text) }

    private mutating func close(into events: inout [AnswerEvent]) {
        guard isOpen else { return }
        isOpen = false
        openBlock = nil
        events.append(.partStop(choice: 0, index: parts - 1))
    }

    private mutating func messageDelta(_ data: JSONSlice, into events: inout [AnswerEvent]) {
        start(nil, into: &events)
        report(data["usage"], into: &events)
        guard let reason = data["delta", "stop_reason"]?.string else { return }
        finish(MessagesStop.read(reason), data["delta", "stop_sequence"]?.string, into: &events)
    }

    private mutating func finish(_ reason: StopReason, _ sequence: String?, into events: inout [AnswerEvent]) {
        guard !finished else { return }
        finished = true
        close(into: &events)
        let honest = hasCalls && reason == .endOfTurn ? .toolCalls : reason
        events.append(.finish(choice: 0, honest, stopSequence: sequence))
    }

    private mutating func stop(into events: inout [AnswerEvent]) {
        start(nil, into: &events)
        finish(.endOfTurn, nil, into: &events)
        isComplete = true
        events.append(.end)
    }
}
