import ElkWire

/// The messages of a chat body.
enum ChatMessageWriter {
    static func write(
        _ conversation: Conversation,
        _ traits: ChatModelTraits,
        into json: inout JSONWriter,
        dropped: inout [String]
    ) throws(Failure) {
        json.beginArray()
        for turn in conversation.turns {
            switch turn.role {
            // `system` is understood by all, `developer` by OpenAI only, where both mean the same.
            case .system, .developer: try message("system", turn.parts, turn.name, into: &json)
            case .user: try user(turn, into: &json)
            case .assistant: try assistant(turn, traits, into: &json, dropped: &dropped)
            }
        }
        json.endArray()
    }

    // MARK: User

    /// Tool results come first, each a message of its own; images cannot stand in them, so they follow in a message of
    /// the user.
    private static func user(_ turn: Conversation.Turn, into json: inout JSONWriter) throws(Failure) {
        var rest: [Part] = []
        var shown: [Part] = []
        for part in turn.parts {
            guard case .toolResult(let result) = part else {
                rest.append(part)
                continue
            }
            let (text, media) = split(result)
            json.beginObject()
            json.member("role", "tool")
            json.member("tool_call_id", result.id)
            json.member("content", text)
            json.endObject()
            if !media.isEmpty {
                shown.append(.text("Shown by the tool call \(result.id):"))
                shown += media
            }
        }
        let parts = shown + rest
        if !parts.isEmpty { try message("user", parts, turn.name, into: &json) }
    }

    private static func split(_ result: Part.ToolResult) -> (text: String, media: [Part]) {
        var media: [Part] = []
        for part in result.parts {
            switch part {
            case .image, .document, .audio: media.append(part)
            default: break
            }
        }
        var text = result.text
        if text.isEmpty, !media.isEmpty { text = "The result is shown in the next message." }
        // The format has no flag for it, and a model that does not see the failure goes on as if all were well.
        if result.isError { text = text.isEmpty ? "Error" : "Error: " + text }
        return (text, media)
    }

    private static func message(
        _ role: String,
        _ parts: [Part],
        _ name: String?,
        into json: inout JSONWriter
    ) throws(Failure) {
        json.beginObject()
        json.member("role", role)
        json.key("content")
        if parts.count == 1, case .text(let text) = parts[0] {
            json.value(text.content)
        } else if parts.isEmpty {
            json.value("")
        } else {
            json.beginArray()
            for part in parts { try content(part, into: &json) }
            json.endArray()
        }
        if let name { json.member("name", name) }
        json.endObject()
    }

    private static func content(_ part: Part, into json: inout JSONWriter) throws(Failure) {
        switch part {
        case .text(let text):
            json.beginObject()
            json.member("type", "text")
            json.member("text", text.content)
            json.endObject()
        case .image(let media): try image(media, into: &json)
        case .audio(let media): try audio(media, into: &json)
        case .document(let media): try document(media, into: &json)
        case .refusal(let text):
            json.beginObject()
            json.member("type", "text")
            json.member("text", text)
            json.endObject()
        case .toolCall, .toolResult, .reasoning, .foreign: break
        }
    }

    private static func image(_ media: Part.Media, into json: inout JSONWriter) throws(Failure) {
        let url: String
        switch media.source {
        case .url(let address): url = address
        case .base64(let data, let type): url = DataURI.text(mediaType: type, base64: data)
        case .file, .text: throw cannotCarry("An image by its file id")
        }
        json.beginObject()
        json.member("type", "image_url")
        json.object("image_url") { image in
            image.member("url", url)
            if let detail = media.detail { image.member("detail", detail) }
        }
        json.endObject()
    }

    private static func audio(_ media: Part.Media, into json: inout JSONWriter) throws(Failure) {
        guard case .base64(let data, let type) = media.source else { throw cannotCarry("Audio by its address") }
        json.beginObject()
        json.member("type", "input_audio")
        json.object("input_audio") { audio in
            audio.member("data", data)
            audio.member("format", format(ofAudio: type))
        }
        json.endObject()
    }

    private static func format(ofAudio type: String) -> String {
        switch type {
        case "audio/mpeg", "audio/mp3": "mp3"
        case "audio/x-wav", "audio/wave", "audio/wav": "wav"
        default: type.split(separator: "/").last.map(String.init) ?? "wav"
        }
    }

    private static func document(_ media: Part.Media, into json: inout JSONWriter) throws(Failure) {
        if case .url = media.source { throw cannotCarry("A document by its address") }
        json.beginObject()
        switch media.source {
        case .text(let text):
            json.member("type", "text")
            json.member("text", media.name.map { "\($0):\n\(text)" } ?? text)
        case .url: break
        case .base64(let data, let type):
            json.member("type", "file")
            json.object("file") { file in
                file.member("filename", media.name ?? (type == "application/pdf" ? "document.pdf" : "document"))
                file.member("file_data", DataURI.text(mediaType: type, base64: data))
            }
        case .file(let id):
            json.member("type", "file")
            json.object("file") { $0.member("file_id", id) }
        }
        json.endObject()
    }

    private static func cannotCarry(_ what: String) -> Failure {
        .invalidRequest("\(what) cannot be carried to this model's provider.", code: "unsupported_content")
    }

    // MARK: Assistant

    private static func assistant(
        _ turn: Conversation.Turn,
        _ traits: ChatModelTraits,
        into json: inout JSONWriter,
        dropped: inout [String]
    ) throws(Failure) {
        var texts: [String] = []
        var thoughts: [String] = []
        var refusals: [String] = []
        var calls: [Part.ToolCall] = []
        for part in turn.parts {
            switch part {
            case .text(let text): texts.append(text.content)
            case .reasoning(let reasoning): if !reasoning.text.isEmpty { thoughts.append(reasoning.text) }
            case .refusal(let text): refusals.append(text)
            case .toolCall(let call): calls.append(call)
            case .image, .audio, .document: dropped.append("messages.assistant.media")
            case .toolResult, .foreign: break
            }
        }
        if texts.isEmpty, calls.isEmpty, refusals.isEmpty, !traits.wantsReasoningBack || thoughts.isEmpty { return }
        json.beginObject()
        json.member("role", "assistant")
        json.key("content")
        if texts.isEmpty {
            // Some servers refuse null without calls.
            if calls.isEmpty { json.value("") } else { json.null() }
        } else {
            json.value(texts.joined())
        }
        if traits.wantsReasoningBack, !thoughts.isEmpty { json.member("reasoning_content", thoughts.joined()) }
        if !refusals.isEmpty { json.member("refusal", refusals.joined()) }
        if !calls.isEmpty {
            json.key("tool_calls")
            json.beginArray()
            for call in calls { ChatAnswerWriter.toolCall(call, into: &json) }
            json.endArray()
        }
        if let name = turn.name { json.member("name", name) }
        json.endObject()
    }
}
