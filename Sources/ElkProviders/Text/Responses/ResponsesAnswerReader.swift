import ElkWire
import NIOCore

/// A whole answer of a Responses upstream → `Answer`.
enum ResponsesAnswerReader {
    static func read(_ body: JSONSlice) throws(Failure) -> Answer {
        if let error = body["error"], !error.isNull { throw FailureReading.standard.read(body).failure }
        guard let output = body["output"], output.kind == .array else {
            throw ClientFailure.badAnswer("an answer without output")
        }
        var parts: [Part] = []
        for item in output.elements { parts += self.parts(item) }
        let hasCalls = parts.contains { if case .toolCall = $0 { true } else { false } }
        return Answer(
            id: body["id"]?.string ?? "",
            model: body["model"]?.string ?? "",
            created: body["created_at"]?.double.flatMap { Int(exactly: $0.rounded(.down)) },
            choices: [.init(parts, stop: stop(body, hasCalls: hasCalls))],
            usage: body["usage"].flatMap(UsageReading.openAI),
            serviceTier: body["service_tier"]?.string
        )
    }

    static func stop(_ response: JSONSlice, hasCalls: Bool) -> StopReason {
        if response["status"]?.string == "incomplete" {
            return response["incomplete_details", "reason"]?.string == "content_filter" ? .contentFilter : .maxTokens
        }
        return hasCalls ? .toolCalls : .endOfTurn
    }

    private static func parts(_ item: JSONSlice) -> [Part] {
        switch item["type"]?.string {
        case "message":
            guard let content = item["content"] else { return [] }
            return content.elements.compactMap(content(part:))
        case "function_call", "custom_tool_call": return toolCall(item).map { [.toolCall($0)] } ?? []
        case "reasoning": return [.reasoning(reasoning(item))]
        case "image_generation_call":
            guard let data = item["result"]?.string else { return [] }
            return [.image(.init(.base64(data, mediaType: imageType(item))))]
        default: return [.foreign(.openAIResponses, item)]
        }
    }

    private static func content(part: JSONSlice) -> Part? {
        switch part["type"]?.string {
        case "output_text":
            let citations = part["annotations"].map { $0.elements.compactMap(citation) } ?? []
            return .text(.init(part["text"]?.string ?? "", citations: citations))
        case "refusal": return .refusal(part["refusal"]?.string ?? "")
        default: return nil
        }
    }

    static func citation(_ annotation: JSONSlice) -> Part.Citation? {
        guard annotation["type"]?.string == "url_citation", let url = annotation["url"]?.string else { return nil }
        return Part.Citation(
            url: url,
            title: annotation["title"]?.string,
            start: annotation["start_index"]?.int,
            end: annotation["end_index"]?.int
        )
    }

    static func toolCall(_ item: JSONSlice) -> Part.ToolCall? {
        guard let name = item["name"]?.string, let id = item["call_id"]?.string ?? item["id"]?.string else {
            return nil
        }
        let isCustom = item["type"]?.string == "custom_tool_call"
        let text = item[isCustom ? "input" : "arguments"]?.string ?? ""
        return .init(id: id, name: name, arguments: text, isCustom: isCustom)
    }

    static func reasoning(_ item: JSONSlice) -> Part.Reasoning {
        var texts: [String] = []
        for key in ["summary", "content"] where texts.isEmpty {
            guard let list = item[key] else { continue }
            texts = list.elements.compactMap { $0["text"]?.string }
        }
        return .init(
            texts.joined(separator: ResponsesStreamReader.betweenSummaries),
            seal: ResponsesSeal.read(item),
            id: item["id"]?.string
        )
    }

    static func imageType(_ item: JSONSlice) -> String { "image/\(item["output_format"]?.string ?? "png")" }
}
