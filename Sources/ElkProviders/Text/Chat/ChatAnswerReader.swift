import ElkWire
import NIOCore

/// A whole chat answer → `Answer`.
enum ChatAnswerReader {
    static func read(_ body: JSONSlice) throws(Failure) -> Answer {
        if let error = body["error"], !error.isNull { throw FailureReading.standard.read(body).failure }
        guard let list = body["choices"], list.kind == .array else {
            throw ClientFailure.badAnswer("a chat answer without choices")
        }
        var choices: [Answer.Choice] = []
        for choice in list.elements { choices.append(read(choice: choice)) }
        guard !choices.isEmpty else { throw ClientFailure.badAnswer("a chat answer without choices") }
        return Answer(
            id: body["id"]?.string ?? "",
            model: body["model"]?.string ?? "",
            created: body["created"]?.int,
            choices: choices,
            usage: ChatUsage.read(body["usage"]),
            serviceTier: body["service_tier"]?.string
        )
    }

    private static func read(choice: JSONSlice) -> Answer.Choice {
        var parts: [Part] = []
        if let message = choice["message"] {
            parts += reasoning(message)
            let content = ChatContent.pieces(message["content"])
            let thought = content.filter(\.isThought).map(\.text).joined()
            if !thought.isEmpty { parts.append(.reasoning(.init(thought))) }
            let text = content.filter { !$0.isThought }.map(\.text).joined()
            if !text.isEmpty { parts.append(.text(.init(text, citations: citations(message["annotations"])))) }
            if let refusal = message["refusal"]?.string, !refusal.isEmpty { parts.append(.refusal(refusal)) }
            parts += images(message["images"])
            if let calls = message["tool_calls"], calls.kind == .array {
                for call in calls.elements { parts.append(.toolCall(toolCall(call))) }
            }
            if let call = message["function_call"], call.kind == .object {
                parts.append(.toolCall(toolCall(named: call, id: "call_function", seal: nil)))
            }
        }
        var stop = choice["finish_reason"]?.string.map(ChatStop.read) ?? .endOfTurn
        let hasCalls = parts.contains { if case .toolCall = $0 { true } else { false } }
        // Several servers say `stop` although the model called a tool, and clients then drop the call.
        if hasCalls, stop == .endOfTurn { stop = .toolCalls }
        let logprobs = choice["logprobs"].flatMap { $0.kind == .object ? $0 : nil }
        return .init(parts, stop: stop, logprobs: logprobs)
    }

    private static func reasoning(_ message: JSONSlice) -> [Part] {
        if let blocks = message["elk_reasoning"], blocks.kind == .array {
            return blocks.elements.map { block in
                .reasoning(
                    .init(
                        block["text"]?.string ?? "",
                        seal: block["signature"]?.string.flatMap { Seal(carried: $0, by: .openAIChat) },
                        isRedacted: block["redacted"]?.bool ?? false
                    )
                )
            }
        }
        let text = message["reasoning_content"]?.string ?? message["reasoning"]?.string ?? ""
        return text.isEmpty ? [] : [.reasoning(.init(text))]
    }

    static func citations(_ list: JSONSlice?) -> [Part.Citation] {
        guard let list, list.kind == .array else { return [] }
        return list.elements.compactMap { annotation in
            guard let citation = annotation["url_citation"], let url = citation["url"]?.string else { return nil }
            return Part.Citation(
                url: url,
                title: citation["title"]?.string,
                start: citation["start_index"]?.int,
                end: citation["end_index"]?.int
            )
        }
    }

    /// `images[{type, image_url{url}}]`, as OpenRouter and Gemini's own chat face send them.
    static func images(_ list: JSONSlice?) -> [Part] {
        guard let list, list.kind == .array else { return [] }
        return list.elements.compactMap { image in
            guard let url = image["image_url", "url"]?.string else { return nil }
            guard let (type, data) = DataURI.parse(url) else { return .image(.init(.url(url))) }
            return .image(.init(.base64(data, mediaType: type)))
        }
    }

    private static func toolCall(_ call: JSONSlice) -> Part.ToolCall {
        let id = call["id"]?.string ?? ""
        let seal = call["extra_content", "google", "thought_signature"]?.string.map { Seal($0, of: .geminiGenerate) }
        if let custom = call["custom"], custom.kind == .object {
            let input = custom["input"]?.string ?? ""
            return .init(id: id, name: custom["name"]?.string ?? "", arguments: input, isCustom: true, seal: seal)
        }
        return toolCall(named: call["function"] ?? call, id: id, seal: seal)
    }

    private static func toolCall(named function: JSONSlice, id: String, seal: Seal?) -> Part.ToolCall {
        .init(id: id, name: function["name"]?.string ?? "", arguments: arguments(function["arguments"]), seal: seal)
    }

    /// A string by the book; an object from some servers.
    static func arguments(_ slice: JSONSlice?) -> String {
        guard let slice, !slice.isNull else { return "" }
        return slice.string ?? String(buffer: slice.bytes)
    }
}
