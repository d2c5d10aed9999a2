import ElkWire
import NIOCore

/// Turns → input items.
enum ResponsesItemWriter {
    static func write(_ turn: Conversation.Turn, into json: inout JSONWriter) throws(Failure) {
        switch turn.role {
        case .system: try message("system", turn.parts, into: &json)
        case .developer: try message("developer", turn.parts, into: &json)
        case .user:
            var rest: [Part] = []
            for part in turn.parts {
                if case .toolResult(let result) = part {
                    try toolResult(result, into: &json)
                } else {
                    rest.append(part)
                }
            }
            if !rest.isEmpty { try message("user", rest, into: &json) }
        case .assistant: assistant(turn.parts, into: &json)
        }
    }

    private static func message(_ role: String, _ parts: [Part], into json: inout JSONWriter) throws(Failure) {
        json.beginObject()
        json.member("type", "message")
        json.member("role", role)
        json.key("content")
        json.beginArray()
        for part in parts { try input(part, into: &json) }
        json.endArray()
        json.endObject()
    }

    // MARK: What the model said

    private static func assistant(_ parts: [Part], into json: inout JSONWriter) {
        var said: [Part] = []
        for part in parts {
            switch part {
            case .text, .refusal: said.append(part)
            case .reasoning(let thought):
                guard let seal = thought.seal, seal.format == .openAIResponses else { continue }
                flush(&said, into: &json)
                reasoning(thought, seal, into: &json)
            case .toolCall(let call):
                flush(&said, into: &json)
                toolCall(call, into: &json)
            case .foreign(.openAIResponses, let item):
                flush(&said, into: &json)
                json.raw(item)
            case .image, .audio, .document, .toolResult, .foreign: break
            }
        }
        flush(&said, into: &json)
    }

    private static func flush(_ said: inout [Part], into json: inout JSONWriter) {
        guard !said.isEmpty else { return }
        json.object { item in
            item.member("type", "message")
            item.member("role", "assistant")
            item.array("content") { content in
                for part in said {
                    content.object { object in
                        switch part {
                        case .text(let text):
                            object.member("type", "output_text")
                            object.member("text", text.content)
                        case .refusal(let text):
                            object.member("type", "refusal")
                            object.member("refusal", text)
                        default: break
                        }
                    }
                }
            }
        }
        said = []
    }

    private static func reasoning(_ thought: Part.Reasoning, _ seal: Seal, into json: inout JSONWriter) {
        let (id, content) = ResponsesSeal.split(seal)
        json.object { item in
            item.member("type", "reasoning")
            if let id = id ?? thought.id { item.member("id", id) }
            item.array("summary") { summary in
                guard !thought.text.isEmpty else { return }
                summary.object { part in
                    part.member("type", "summary_text")
                    part.member("text", thought.text)
                }
            }
            item.member("encrypted_content", content)
        }
    }

    private static func toolCall(_ call: Part.ToolCall, into json: inout JSONWriter) {
        json.object { item in
            item.member("type", call.isCustom ? "custom_tool_call" : "function_call")
            item.member("call_id", call.id)
            item.member("name", call.name)
            item.member(
                call.isCustom ? "input" : "arguments",
                call.arguments.isEmpty && !call.isCustom ? "{}" : call.arguments
            )
        }
    }

    // MARK: What it was told

    private static func toolResult(_ result: Part.ToolResult, into json: inout JSONWriter) throws(Failure) {
        let isText = result.parts.allSatisfy { if case .text = $0 { true } else { false } }
        json.beginObject()
        json.member("type", result.isCustom ? "custom_tool_call_output" : "function_call_output")
        json.member("call_id", result.id)
        json.key("output")
        if isText {
            json.value(result.isError ? "Error: " + result.text : result.text)
        } else {
            json.beginArray()
            for part in result.parts { try input(part, into: &json) }
            json.endArray()
        }
        json.endObject()
    }

    private static func input(_ part: Part, into json: inout JSONWriter) throws(Failure) {
        switch part {
        case .text(let text): self.text(text.content, into: &json)
        case .refusal(let text): self.text(text, into: &json)
        case .image(let media): image(media, into: &json)
        case .document(let media): document(media, into: &json)
        case .audio:
            throw .invalidRequest(
                "Audio cannot be carried to this model's provider.",
                parameter: "messages",
                code: "unsupported_content"
            )
        case .foreign(.openAIResponses, let value): json.raw(value)
        case .reasoning, .toolCall, .toolResult, .foreign: break
        }
    }

    private static func text(_ text: String, into json: inout JSONWriter) {
        json.object { part in
            part.member("type", "input_text")
            part.member("text", text)
        }
    }

    private static func image(_ media: Part.Media, into json: inout JSONWriter) {
        json.object { part in
            part.member("type", "input_image")
            switch media.source {
            case .url(let address), .text(let address): part.member("image_url", address)
            case .base64(let data, let type): part.member("image_url", DataURI.text(mediaType: type, base64: data))
            case .file(let id): part.member("file_id", id)
            }
            if let detail = media.detail { part.member("detail", detail) }
        }
    }

    private static func document(_ media: Part.Media, into json: inout JSONWriter) {
        if case .text(let text) = media.source { return self.text(text, into: &json) }
        json.object { part in
            part.member("type", "input_file")
            switch media.source {
            case .url(let address): part.member("file_url", address)
            case .file(let id): part.member("file_id", id)
            case .base64(let data, let type):
                part.member("filename", media.name ?? (type == "application/pdf" ? "document.pdf" : "document.txt"))
                part.member("file_data", DataURI.text(mediaType: type, base64: data))
            case .text: break
            }
        }
    }
}
