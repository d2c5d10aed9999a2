package import ElkWire
import NIOCore

/// The stream of a Gemini upstream → neutral events.
///
/// Every chunk is a whole answer with what is new in it; calls come whole; usage is cumulative, so the last counts. There is
/// no terminal event: the stream is whole when it ends after every candidate gave its reason.
package struct GeminiStreamReader: StreamReader {
    private var started = false
    private var id = ""
    private var candidates: [Int: Candidate] = [:]
    package private(set) var isComplete = false

    package init() {}

    package mutating func read(_ event: SSEEvent, into events: inout [AnswerEvent]) throws(Failure) {
        guard !isComplete, event.data.readableBytes > 0, !event.isDone else { return }
        let chunk: JSONSlice
        do throws(JSONError) { chunk = try JSONSlice(validating: event.data) } catch {
            throw ClientFailure.badAnswer("a chunk that is not JSON: \(error)")
        }
        if let error = chunk["error"], !error.isNull { throw FailureReading.standard.read(chunk).failure }
        if !started {
            started = true
            id = chunk["responseId"]?.string ?? ""
            events.append(.start(.init(id: id, model: chunk["modelVersion"]?.string ?? "")))
        }
        for candidate in GeminiAnswerReader.elements(chunk["candidates"]) { read(candidate, into: &events) }
        if chunk["promptFeedback", "blockReason"]?.kind == .string, candidates.isEmpty {
            candidates[0] = Candidate()
            candidates[0]?.finish(0, .contentFilter, into: &events)
        }
        if let usage = chunk["usageMetadata"].flatMap(UsageReading.gemini) { events.append(.usage(usage)) }
    }

    package mutating func finish(into events: inout [AnswerEvent]) throws(Failure) {
        guard !isComplete else { return }
        guard !candidates.isEmpty, candidates.values.allSatisfy(\.isFinished) else { throw ClientFailure.cutStream }
        isComplete = true
        events.append(.end)
    }

    private mutating func read(_ slice: JSONSlice, into events: inout [AnswerEvent]) {
        let index = min(max(slice["index"]?.int ?? 0, 0), 127)
        var candidate = candidates[index] ?? Candidate()
        defer { candidates[index] = candidate }
        guard !candidate.isFinished else { return }
        for part in GeminiAnswerReader.elements(slice["content", "parts"]) {
            let answer = id
            let name = { GeminiAnswerReader.callID(answer, index, $0) }
            guard let piece = GeminiPiece(part, callID: name, &candidate.calls) else { continue }
            candidate.append(piece, index, into: &events)
        }
        for citation in GeminiAnswerReader.citations(slice) { candidate.cite(citation, index, into: &events) }
        if let reason = slice["finishReason"]?.string, reason != "FINISH_REASON_UNSPECIFIED" {
            candidate.finish(index, GeminiStop.read(reason), into: &events)
        }
    }
}

/// What of one candidate is open.
private struct Candidate: Sendable {
    private enum Open: Sendable { case text, thought }

    var calls = 0
    private var open: Open?
    private var parts = 0
    private(set) var isFinished = false

    mutating func append(_ piece: GeminiPiece, _ choice: Int, into events: inout [AnswerEvent]) {
        switch piece {
        case .text(let text, let seal): append(text, seal, to: .text, .text, choice, into: &events)
        case .thought(let text, let seal):
            append(text, seal, to: .thought, .reasoning(id: nil, redacted: nil), choice, into: &events)
        case .call(let call):
            let start = AnswerEvent.PartStart.toolCall(id: call.id, name: call.name, isCustom: false, seal: call.seal)
            whole(start, call.arguments, choice, into: &events)
        case .media(let part): whole(.media(part), "", choice, into: &events)
        case .foreign(let part): whole(.foreign(.geminiGenerate, part), "", choice, into: &events)
        }
    }

    mutating func cite(_ citation: Part.Citation, _ choice: Int, into events: inout [AnswerEvent]) {
        guard open == .text else { return }
        events.append(.partDelta(choice: choice, index: parts - 1, .citation(citation)))
    }

    mutating func finish(_ choice: Int, _ reason: StopReason, into events: inout [AnswerEvent]) {
        close(choice, into: &events)
        isFinished = true
        let honest = calls > 0 && reason == .endOfTurn ? .toolCalls : reason
        events.append(.finish(choice: choice, honest, stopSequence: nil))
    }

    private mutating func append(
        _ text: String,
        _ seal: Seal?,
        to kind: Open,
        _ start: AnswerEvent.PartStart,
        _ choice: Int,
        into events: inout [AnswerEvent]
    ) {
        if open != kind {
            close(choice, into: &events)
            events.append(.partStart(choice: choice, index: parts, start))
            parts += 1
            open = kind
        }
        if !text.isEmpty { events.append(.partDelta(choice: choice, index: parts - 1, .text(text))) }
        if let seal { events.append(.partDelta(choice: choice, index: parts - 1, .seal(seal))) }
    }

    private mutating func whole(
        _ start: AnswerEvent.PartStart,
        _ text: String,
        _ choice: Int,
        into events: inout [AnswerEvent]
    ) {
        close(choice, into: &events)
        events.append(.partStart(choice: choice, index: parts, start))
        if !text.isEmpty { events.append(.partDelta(choice: choice, index: parts, .text(text))) }
        events.append(.partStop(choice: choice, index: parts))
        parts += 1
    }

    private mutating func close(_ choice: Int, into events: inout [AnswerEvent]) {
        guard open != nil else { return }
        open = nil
        events.append(.partStop(choice: choice, index: parts - 1))
    }
}
