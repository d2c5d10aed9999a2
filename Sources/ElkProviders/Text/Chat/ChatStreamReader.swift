package import ElkWire
import NIOCore

/// The stream of a chat upstream → neutral events.
///
/// Servers of this family differ in what they leave out, so little is demanded: the role chunk, ids of calls and their
/// indices may be missing; `[DONE]` may too, when every choice that began has ended.
package struct ChatStreamReader: StreamReader {
    private var started = false
    private var choices: [Int: ChoiceState] = [:]
    private var callsMade = 0
    package private(set) var isComplete = false

    package init() {}

    package mutating func read(_ event: SSEEvent, into events: inout [AnswerEvent]) throws(Failure) {
        guard !isComplete else { return }
        if event.isDone {
            try end(into: &events)
            return
        }
        guard event.data.readableBytes > 0 else { return }
        let chunk: JSONSlice
        do throws(JSONError) { chunk = try JSONSlice(validating: event.data) } catch {
            throw ClientFailure.badAnswer("a chunk that is not JSON: \(error)")
        }
        if let error = chunk["error"], !error.isNull { throw FailureReading.standard.read(chunk).failure }
        // Some servers announce errors by the event's name.
        if event.type == "error" { throw FailureReading.standard.read(chunk).failure }
        if !started {
            started = true
            let id = chunk["id"]?.string ?? ""
            events.append(.start(.init(id: id, model: chunk["model"]?.string ?? "", created: chunk["created"]?.int)))
        }
        if let list = chunk["choices"], list.kind == .array {
            for choice in list.elements {
                try read(choice: choice, into: &events)
                // Kimi's place for it.
                if let usage = ChatUsage.read(choice["usage"]) { events.append(.usage(usage)) }
            }
        }
        if let usage = ChatUsage.read(chunk["usage"]) { events.append(.usage(usage)) }
    }

    package mutating func finish(into events: inout [AnswerEvent]) throws(Failure) {
        guard !isComplete else { return }
        guard !choices.isEmpty, choices.values.allSatisfy(\.isFinished) else { throw ClientFailure.cutStream }
        try end(into: &events)
    }

    /// `[DONE]`: choices without a finish reason have ended too.
    private mutating func end(into events: inout [AnswerEvent]) throws(Failure) {
        guard started else { throw ClientFailure.badAnswer("a stream of nothing but its terminator") }
        isComplete = true
        for index in choices.keys.sorted() where choices[index]?.isFinished == false {
            choices[index]?.finish(index, .endOfTurn, into: &events)
        }
        events.append(.end)
    }

    private mutating func read(choice: JSONSlice, into events: inout [AnswerEvent]) throws(Failure) {
        let index = min(max(choice["index"]?.int ?? 0, 0), 127)
        var state = choices[index] ?? ChoiceState()
        defer { choices[index] = state }
        guard !state.isFinished else { return }
        if let delta = choice["delta"] ?? choice["message"] {
            try read(delta: delta, of: index, &state, into: &events)
        }
        if let logprobs = choice["logprobs"], logprobs.kind == .object, case .text? = state.open {
            events.append(.partDelta(choice: index, index: state.parts - 1, .logprobs(logprobs)))
        }
        if let reason = choice["finish_reason"]?.string, !reason.isEmpty {
            state.finish(index, ChatStop.read(reason), into: &events)
        }
    }

    private mutating func read(
        delta: JSONSlice,
        of index: Int,
        _ state: inout ChoiceState,
        into events: inout [AnswerEvent]
    ) throws(Failure) {
        if let text = delta["reasoning_content"]?.string ?? delta["reasoning"]?.string, !text.isEmpty {
            state.append(text, to: .reasoning, index, into: &events)
        }
        if let blocks = delta["elk_reasoning"], blocks.kind == .array {
            for block in blocks.elements { state.seal(block, index, into: &events) }
        }
        for (text, isThought) in ChatContent.pieces(delta["content"]) where !text.isEmpty {
            state.append(text, to: isThought ? .reasoning : .text, index, into: &events)
        }
        for citation in ChatAnswerReader.citations(delta["annotations"]) where state.open == .text {
            events.append(.partDelta(choice: index, index: state.parts - 1, .citation(citation)))
        }
        if let text = delta["refusal"]?.string, !text.isEmpty {
            state.append(text, to: .refusal, index, into: &events)
        }
        for image in ChatAnswerReader.images(delta["images"]) {
            state.begin(.media(image), as: .media, index, into: &events)
        }
        if let calls = delta["tool_calls"], calls.kind == .array {
            for call in calls.elements { try read(call: call, of: index, &state, into: &events) }
        }
        if let function = delta["function_call"], function.kind == .object {
            try read(piece: function, call: nil, id: "", at: 0, of: index, &state, into: &events)
        }
    }

    private mutating func read(
        call: JSONSlice,
        of index: Int,
        _ state: inout ChoiceState,
        into events: inout [AnswerEvent]
    ) throws(Failure) {
        let piece = call["function"] ?? call["custom"] ?? call
        let id = call["id"]?.string ?? ""
        try read(piece: piece, call: call, id: id, at: call["index"]?.int, of: index, &state, into: &events)
    }

    /// A call begins with a new index, or with a new id where the server counts wrongly (Gemini's chat face sends all calls
    /// with index 0).
    ///
    /// Repeated ids and names of the open call are no new call.
    private mutating func read(
        piece: JSONSlice,
        call: JSONSlice?,
        id: String,
        at position: Int?,
        of index: Int,
        _ state: inout ChoiceState,
        into events: inout [AnswerEvent]
    ) throws(Failure) {
        let arguments = ChatAnswerReader.arguments(piece["arguments"] ?? piece["input"])
        if !state.isOpen(callID: id, position: position) {
            guard let name = piece["name"]?.string, !name.isEmpty else {
                throw ClientFailure.badAnswer("a piece of a tool call that is not the last one begun")
            }
            callsMade += 1
            let isCustom = call?["custom"] != nil
            let known = id.isEmpty ? "call_\(callsMade)" : id
            let seal = call?["extra_content", "google", "thought_signature"]?.string.map {
                Seal($0, of: .geminiGenerate)
            }
            let start = AnswerEvent.PartStart.toolCall(id: known, name: name, isCustom: isCustom, seal: seal)
            state.begin(start, as: .toolCall(id: known, position: position), index, into: &events)
        }
        if !arguments.isEmpty {
            events.append(.partDelta(choice: index, index: state.parts - 1, .text(arguments)))
        }
    }
}

/// What of one choice is open, and how many parts began.
private struct ChoiceState: Sendable {
    enum Open: Sendable, Hashable {
        case text, reasoning, refusal, media
        case toolCall(id: String, position: Int?)
    }

    private(set) var open: Open?
    private(set) var parts = 0
    private(set) var isFinished = false
    private var hasCalls = false

    func isOpen(callID id: String, position: Int?) -> Bool {
        guard case .toolCall(let openID, let openPosition)? = open else { return false }
        if !id.isEmpty, id != openID { return false }
        return position == nil || position == openPosition
    }

    mutating func begin(_ start: AnswerEvent.PartStart, as kind: Open, _ choice: Int, into events: inout [AnswerEvent])
    {
        close(choice, into: &events)
        events.append(.partStart(choice: choice, index: parts, start))
        parts += 1
        open = kind
        if case .toolCall = kind { hasCalls = true }
    }

    mutating func append(_ text: String, to kind: Open, _ choice: Int, into events: inout [AnswerEvent]) {
        if open != kind {
            let start: AnswerEvent.PartStart =
                switch kind {
                case .reasoning: .reasoning(id: nil, redacted: nil)
                case .refusal: .refusal
                default: .text
                }
            begin(start, as: kind, choice, into: &events)
        }
        events.append(.partDelta(choice: choice, index: parts - 1, .text(text)))
    }

    /// Another Elk's `elk_reasoning`: the seal of the open thought, or a redacted one.
    mutating func seal(_ block: JSONSlice, _ choice: Int, into events: inout [AnswerEvent]) {
        guard let seal = block["signature"]?.string.flatMap({ Seal(carried: $0, by: .openAIChat) }) else { return }
        if block["redacted"]?.bool == true {
            begin(.reasoning(id: nil, redacted: seal), as: .media, choice, into: &events)
            return
        }
        if open != .reasoning { begin(.reasoning(id: nil, redacted: nil), as: .reasoning, choice, into: &events) }
        events.append(.partDelta(choice: choice, index: parts - 1, .seal(seal)))
    }

    mutating func close(_ choice: Int, into events: inout [AnswerEvent]) {
        guard open != nil else { return }
        events.append(.partStop(choice: choice, index: parts - 1))
        open = nil
    }

    mutating func finish(_ choice: Int, _ reason: StopReason, into events: inout [AnswerEvent]) {
        close(choice, into: &events)
        isFinished = true
        let honest = hasCalls && reason == .endOfTurn ? .toolCalls : reason
        events.append(.finish(choice: choice, honest, stopSequence: nil))
    }
}
