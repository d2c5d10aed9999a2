import ElkWire
import NIOCore

/// Parts → content blocks of the Messages format.
enum MessagesContentWriter {
    static func block(_ part: Part, into json: inout JSONWriter) throws(Failure) {
        switch part {
        case .text(let text): self.text(text, into: &json)
        case .refusal(let text): self.text(.init(text), into: &json)
        case .image(let media): try self.media("image", media, into: &json)
        case .document(let media): try self.media("document", media, into: &json)
        case .audio: throw cannotCarry("Audio")
        case .toolCall(let call): toolCall(call, into: &json)
        case .toolResult(let result): try toolResult(result, into: &json)
        case .reasoning(let thought): reasoning(thought, into: &json)
        case .foreign(_, let block): json.raw(block)
        }
    }

    static func text(_ text: Part.Text, into json: inout JSONWriter) {
        json.beginObject()
        json.member("type", "text")
        json.member("text", text.content)
        cache(text.cache, into: &json)
        json.endObject()
    }

    static func cache(_ marker: CacheMarker?, into json: inout JSONWriter) {
        guard let marker else { return }
        json.object("cache_control") { control in
            control.member("type", "ephemeral")
            if let ttl = marker.ttl { control.member("ttl", ttl) }
        }
    }

    private static func media(_ type: String, _ media: Part.Media, into json: inout JSONWriter) throws(Failure) {
        if case .base64(_, let mediaType) = media.source, type == "document", mediaType != "application/pdf",
            !mediaType.hasPrefix("text/")
        {
            throw cannotCarry("A file of type \(mediaType)")
        }
        json.beginObject()
        json.member("type", type)
        json.object("source") { source in
            switch media.source {
            case .url(let address):
                source.member("type", "url")
                source.member("url", address)
            case .base64(let data, let mediaType) where type == "document" && mediaType.hasPrefix("text/"):
                source.member("type", "text")
                source.member("media_type", "text/plain")
                source.member("data", utf8: Base64.decode(data) ?? ByteBuffer())
            case .base64(let data, let mediaType):
                source.member("type", "base64")
                source.member("media_type", mediaType)
                source.member("data", data)
            case .text(let text):
                source.member("type", "text")
                source.member("media_type", "text/plain")
                source.member("data", text)
            case .file(let id):
                source.member("type", "file")
                source.member("file_id", id)
            }
        }
        if type == "document", let name = media.name { json.member("title", name) }
        cache(media.cache, into: &json)
        json.endObject()
    }

    static func toolCall(_ call: Part.ToolCall, into json: inout JSONWriter) {
        json.beginObject()
        json.member("type", "tool_use")
        json.member("id", call.id)
        json.member("name", call.name)
        json.member("input", json: call.argumentsObject)
        cache(call.cache, into: &json)
        json.endObject()
    }

    private static func toolResult(_ result: Part.ToolResult, into json: inout JSONWriter) throws(Failure) {
        json.beginObject()
        json.member("type", "tool_result")
        json.member("tool_use_id", result.id)
        let parts = result.parts.filter { if case .text(let text) = $0 { !text.content.isEmpty } else { true } }
        if parts.count == 1, case .text(let text) = parts[0] {
            json.member("content", text.content)
        } else if !parts.isEmpty {
            json.key("content")
            json.beginArray()
            for part in parts { try block(part, into: &json) }
            json.endArray()
        }
        if result.isError { json.member("is_error", true) }
        cache(result.cache, into: &json)
        json.endObject()
    }

    /// A thought as the client's or the upstream's format shows it.
    ///
    /// Without a seal the signature is empty.
    static func reasoning(_ thought: Part.Reasoning, into json: inout JSONWriter) {
        let signature = thought.seal?.carried(by: .anthropicMessages) ?? ""
        json.beginObject()
        if thought.isRedacted, thought.seal?.format == .anthropicMessages {
            json.member("type", "redacted_thinking")
            json.member("data", signature)
        } else {
            json.member("type", "thinking")
            json.member("thinking", thought.text)
            json.member("signature", signature)
        }
        json.endObject()
    }

    private static func cannotCarry(_ what: String) -> Failure {
        .invalidRequest("\(what) cannot be carried to this model's provider.", code: "unsupported_content")
    }
}
