import ElkWire
import NIOCore

/// Input items → turns.
///
/// Items that the model made one after the other are one turn.
struct ResponsesItemReader {
    mutating func read(
        _ item: JSONSlice,
        _ members: RequestMembers,
        into conversation: inout Conversation
    ) throws(Failure) {
        switch try members.string("type") ?? "message" {
        case "message": try message(members, into: &conversation)
        case "function_call":
            let call = Part.ToolCall(
                id: try members.requiredString("call_id"),
                name: try members.requiredString("name"),
                arguments: try members.string("arguments") ?? ""
            )
            append(.toolCall(call), to: &conversation)
        case "custom_tool_call":
            let call = Part.ToolCall(
                id: try members.requiredString("call_id"),
                name: try members.requiredString("name"),
                arguments: try members.string("input") ?? "",
                isCustom: true
            )
            append(.toolCall(call), to: &conversation)
        case "function_call_output", "custom_tool_call_output":
            let isCustom = try members.string("type") == "custom_tool_call_output"
            conversation.appendToolResult(
                .init(
                    id: try members.requiredString("call_id"),
                    parts: try content(members, "output"),
                    isCustom: isCustom
                )
            )
        case "reasoning": append(.reasoning(try reasoning(members)), to: &conversation)
        case "item_reference":
            throw .invalidRequest(
                "References to kept items cannot be carried to this model's provider.",
                parameter: members.name("id"),
                code: "unsupported_parameter"
            )
        default:
            append(.foreign(.openAIResponses, item), to: &conversation)
            conversation.dropped.append(members.path)
        }
    }

    private func append(_ part: Part, to conversation: inout Conversation) {
        if conversation.turns.last?.role == .assistant {
            conversation.turns[conversation.turns.count - 1].parts.append(part)
        } else {
            conversation.turns.append(.init(.assistant, [part]))
        }
    }

    private func message(_ members: RequestMembers, into conversation: inout Conversation) throws(Failure) {
        let parts = try content(members, "content")
        switch try members.requiredString("role") {
        case "user": conversation.turns.append(.init(.user, parts))
        case "system": conversation.turns.append(.init(.system, parts))
        case "developer": conversation.turns.append(.init(.developer, parts))
        case "assistant": for part in parts { append(part, to: &conversation) }
        case let role:
            throw members.wrong("role", "'user', 'assistant', 'system' or 'developer', not '\(role)'")
        }
    }

    private func reasoning(_ members: RequestMembers) throws(Failure) -> Part.Reasoning {
        var texts: [String] = []
        for key in ["summary", "content"] where texts.isEmpty {
            for (value, _) in try members.array(key) ?? [] {
                if let text = value["text"]?.string { texts.append(text) }
            }
        }
        let id = try members.string("id")
        let seal = ResponsesSeal.read(try members.string("encrypted_content"), id: id)
        return .init(texts.joined(separator: "\n\n"), seal: seal, id: id)
    }

    // MARK: Content

    private func content(_ members: RequestMembers, _ key: String) throws(Failure) -> [Part] {
        guard let value = members[key] else { return [] }
        if let text = value.string { return [.text(text)] }
        guard value.kind == .array else { throw members.wrong(key, "a string or an array of parts") }
        var parts: [Part] = []
        for (value, path) in try members.array(key) ?? [] {
            parts.append(try part(try RequestMembers(value, path: path)))
        }
        return parts
    }

    private func part(_ members: RequestMembers) throws(Failure) -> Part {
        switch try members.requiredString("type") {
        case "input_text", "output_text", "text": return .text(try members.requiredString("text"))
        case "refusal": return .refusal(try members.requiredString("refusal"))
        case "input_image":
            let detail = try members.string("detail")
            if let id = try members.string("file_id") { return .image(.init(.file(id), detail: detail)) }
            let url = try members.requiredString("image_url")
            guard let (type, data) = DataURI.parse(url) else { return .image(.init(.url(url), detail: detail)) }
            return .image(.init(.base64(data, mediaType: type), detail: detail))
        case "input_file":
            let name = try members.string("filename")
            if let id = try members.string("file_id") { return .document(.init(.file(id), name: name)) }
            if let url = try members.string("file_url") { return .document(.init(.url(url), name: name)) }
            let data = try members.requiredString("file_data")
            guard let (type, text) = DataURI.parse(data) else {
                return .document(.init(.base64(data, mediaType: "application/pdf"), name: name))
            }
            return .document(.init(.base64(text, mediaType: type), name: name))
        case "input_audio":
            guard let audio = try members.object("input_audio") else { throw members.missing("input_audio") }
            let type = "audio/\(try audio.string("format") ?? "wav")"
            return .audio(.init(.base64(try audio.requiredString("data"), mediaType: type)))
        case let type:
            throw .invalidRequest(
                "Content of type '\(type)' cannot be carried to this model's provider.",
                parameter: members.name("type"),
                code: "unsupported_content"
            )
        }
    }
}
