import ElkWire
import NIOCore

/// `Answer` → a whole answer for a Messages client.
enum MessagesAnswerWriter {
    static func write(_ answer: Answer, _ context: AnswerContext) -> ByteBuffer {
        // The format has one answer a request, and readers refuse more than one.
        let choice = answer.choices.first
        var json = JSONWriter()
        json.beginObject()
        json.member("id", id(answer.id, context))
        json.member("type", "message")
        json.member("role", "assistant")
        json.member("model", answer.model.isEmpty ? context.model : answer.model)
        json.key("content")
        json.beginArray()
        for part in choice?.parts ?? [] { block(part, into: &json) }
        json.endArray()
        json.member("stop_reason", MessagesStop.text(choice?.stop ?? .endOfTurn))
        json.member("stop_sequence", orNull: choice?.stopSequence)
        MessagesUsage.write(answer.usage ?? .counted(context, outputBytes: answer.outputBytes), into: &json)
        json.endObject()
        return json.buffer
    }

    /// Messages clients expect the prefix; an id of another format is kept behind it, so that logs can be matched.
    static func id(_ id: String, _ context: AnswerContext) -> String {
        id.hasPrefix("msg_") ? id : "msg_" + (id.isEmpty ? context.id : id)
    }

    private static func block(_ part: Part, into json: inout JSONWriter) {
        switch part {
        case .text(let text): if !text.content.isEmpty { self.text(text, into: &json) }
        case .refusal(let text): self.text(.init(text), into: &json)
        case .reasoning(let thought): MessagesContentWriter.reasoning(thought, into: &json)
        case .toolCall(let call):
            // A seal of another format has no place in a call; a thought without text carries it.
            if let seal = call.seal { MessagesContentWriter.reasoning(.init("", seal: seal), into: &json) }
            MessagesContentWriter.toolCall(call, into: &json)
        case .image(let media): self.text(.init(media.markdown), into: &json)
        case .audio, .document, .toolResult, .foreign: break
        }
    }

    private static func text(_ text: Part.Text, into json: inout JSONWriter) {
        json.beginObject()
        json.member("type", "text")
        json.member("text", text.content)
        if !text.citations.isEmpty {
            json.array("citations") { array in
                for citation in text.citations { array.object { MessagesAnswerWriter.citation(citation, into: &$0) } }
            }
        }
        json.endObject()
    }

    /// The members of a citation.
    static func citation(_ citation: Part.Citation, into json: inout JSONWriter) {
        json.member("type", "web_search_result_location")
        json.member("url", citation.url)
        json.member("title", orNull: citation.title)
        json.member("encrypted_index", "")
        json.member("cited_text", "")
    }
}

extension Part.Media {
    /// An image as Markdown, for formats whose answers hold only text.
    package var markdown: String {
        switch source {
        case .url(let address): "![image](\(address))"
        case .base64(let data, let type): "![image](\(DataURI.text(mediaType: type, base64: data)))"
        case .file(let text), .text(let text): text
        }
    }
}
