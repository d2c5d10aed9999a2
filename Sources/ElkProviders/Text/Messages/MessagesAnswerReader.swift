import ElkWire
import NIOCore

/// A whole answer of a Messages upstream → `Answer`.
enum MessagesAnswerReader {
    static func read(_ body: JSONSlice) throws(Failure) -> Answer {
        if let error = body["error"], error.kind == .object { throw FailureReading.standard.read(body).failure }
        guard let content = body["content"], content.kind == .array else {
            throw ClientFailure.badAnswer("a message without content")
        }
        var choice = Answer.Choice(
            content.elements.map(part),
            stop: MessagesStop.read(body["stop_reason"]?.string ?? ""),
            stopSequence: body["stop_sequence"]?.string
        )
        let hasCalls = choice.parts.contains { if case .toolCall = $0 { true } else { false } }
        if hasCalls, choice.stop == .endOfTurn { choice.stop = .toolCalls }
        return Answer(
            id: body["id"]?.string ?? "",
            model: body["model"]?.string ?? "",
            choices: [choice],
            usage: MessagesUsage.read(body["usage"], after: nil),
            serviceTier: body["usage", "service_tier"]?.string
        )
    }

    private static func part(_ block: JSONSlice) -> Part {
        switch block["type"]?.string {
        case "text":
            let citations = block["citations"].map { $0.elements.compactMap(citation) } ?? []
            return .text(.init(block["text"]?.string ?? "", citations: citations))
        case "thinking":
            let seal = block["signature"]?.string.flatMap { Seal(carried: $0, by: .anthropicMessages) }
            return .reasoning(.init(block["thinking"]?.string ?? "", seal: seal))
        case "redacted_thinking":
            let seal = block["data"]?.string.flatMap { Seal(carried: $0, by: .anthropicMessages) }
            return .reasoning(.init("", seal: seal, isRedacted: true))
        case "tool_use":
            let arguments = block["input"].map { String(buffer: $0.bytes) } ?? ""
            return .toolCall(
                .init(id: block["id"]?.string ?? "", name: block["name"]?.string ?? "", arguments: arguments)
            )
        default: return .foreign(.anthropicMessages, block)
        }
    }

    static func citation(_ slice: JSONSlice) -> Part.Citation? {
        slice["url"]?.string.map { Part.Citation(url: $0, title: slice["title"]?.string) }
    }
}
