import ElkWire
import NIOCore

/// A whole answer of a Gemini upstream → `Answer`.
enum GeminiAnswerReader {
    static func read(_ body: JSONSlice) throws(Failure) -> Answer {
        if let error = body["error"], !error.isNull { throw FailureReading.standard.read(body).failure }
        let id = body["responseId"]?.string ?? ""
        var choices: [Answer.Choice] = []
        for candidate in elements(body["candidates"]) {
            choices.append(choice(candidate, answerID: id, position: choices.count))
        }
        if choices.isEmpty {
            // The prompt itself was refused: an answer without words, as other providers have it.
            guard body["promptFeedback", "blockReason"]?.kind == .string else {
                throw ClientFailure.badAnswer("an answer without candidates")
            }
            choices = [.init([], stop: .contentFilter)]
        }
        return Answer(
            id: id,
            model: body["modelVersion"]?.string ?? "",
            choices: choices,
            usage: body["usageMetadata"].flatMap(UsageReading.gemini)
        )
    }

    private static func choice(_ candidate: JSONSlice, answerID: String, position: Int) -> Answer.Choice {
        var parts: [Part] = []
        var calls = 0
        for part in elements(candidate["content", "parts"]) {
            guard let piece = GeminiPiece(part, callID: { callID(answerID, position, $0) }, &calls) else { continue }
            piece.append(to: &parts)
        }
        let citations = citations(candidate)
        if !citations.isEmpty, let last = parts.lastIndex(where: { if case .text = $0 { true } else { false } }),
            case .text(var text) = parts[last]
        {
            text.citations = citations
            parts[last] = .text(text)
        }
        var stop = candidate["finishReason"]?.string.map(GeminiStop.read) ?? .endOfTurn
        if calls > 0, stop == .endOfTurn { stop = .toolCalls }
        return .init(parts, stop: stop, logprobs: nil)
    }

    static func elements(_ list: JSONSlice?) -> [JSONSlice] { list.map { Array($0.elements) } ?? [] }

    /// Unique in a conversation: later results are matched by it.
    static func callID(_ answer: String, _ choice: Int, _ call: Int) -> String {
        "call_" + (answer.isEmpty ? "gemini" : answer) + (choice == 0 ? "_" : "_\(choice)_") + String(call)
    }

    /// Sources of a search.
    ///
    /// Their offsets count bytes of the answer, so they are left out.
    static func citations(_ candidate: JSONSlice) -> [Part.Citation] {
        guard let chunks = candidate["groundingMetadata", "groundingChunks"] else { return [] }
        return chunks.elements.compactMap { chunk in
            guard let url = chunk["web", "uri"]?.string else { return nil }
            return Part.Citation(url: url, title: chunk["web", "title"]?.string)
        }
    }
}
