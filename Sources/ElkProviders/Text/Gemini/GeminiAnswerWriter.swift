import ElkWire
import NIOCore

/// `Answer` → a whole answer for a Gemini client.
enum GeminiAnswerWriter {
    static func write(_ answer: Answer, _ context: AnswerContext) -> ByteBuffer {
        var json = JSONWriter()
        json.beginObject()
        json.key("candidates")
        json.beginArray()
        for (index, choice) in answer.choices.enumerated() {
            json.beginObject()
            json.object("content") { content in
                content.member("role", "model")
                content.array("parts") { parts in
                    for part in choice.parts { self.part(part, into: &parts) }
                }
            }
            json.member("finishReason", GeminiStop.text(choice.stop))
            json.member("index", index)
            grounding(choice.parts, into: &json)
            json.endObject()
        }
        json.endArray()
        GeminiUsage.write(answer.usage ?? Usage(inputTokens: context.countedInput), into: &json)
        tail(id: answer.id, model: answer.model, context, into: &json)
        json.endObject()
        return json.buffer
    }

    static func tail(id: String, model: String, _ context: AnswerContext, into json: inout JSONWriter) {
        json.member("modelVersion", model.isEmpty ? context.model : model)
        json.member("responseId", id.isEmpty ? context.id : id)
    }

    static func part(_ part: Part, into json: inout JSONWriter) {
        switch part {
        case .text(let text): self.text(text.content, seal: text.seal, into: &json)
        case .refusal(let text): self.text(text, seal: nil, into: &json)
        case .reasoning(let thought): self.text(thought.text, seal: thought.seal, isThought: true, into: &json)
        case .toolCall(let call): toolCall(call, into: &json)
        case .image(let media), .audio(let media), .document(let media): self.media(media, into: &json)
        case .foreign(.geminiGenerate, let part): json.raw(part)
        case .foreign, .toolResult: break
        }
    }

    static func text(_ text: String, seal: Seal?, isThought: Bool = false, into json: inout JSONWriter) {
        json.object { part in
            part.member("text", text)
            if isThought { part.member("thought", true) }
            if let seal { part.member("thoughtSignature", GeminiSeal.text(seal)) }
        }
    }

    static func toolCall(_ call: Part.ToolCall, into json: inout JSONWriter) {
        json.object { part in
            part.object("functionCall") { function in
                function.member("id", call.id)
                function.member("name", call.name)
                function.member("args", json: call.argumentsObject)
            }
            if let seal = call.seal { part.member("thoughtSignature", GeminiSeal.text(seal)) }
        }
    }

    private static func media(_ media: Part.Media, into json: inout JSONWriter) {
        guard case .base64(let data, let type) = media.source else {
            return text(media.markdown, seal: nil, into: &json)
        }
        json.object { part in
            part.object("inlineData") { inline in
                inline.member("mimeType", type)
                inline.member("data", data)
            }
        }
    }

    private static func grounding(_ parts: [Part], into json: inout JSONWriter) {
        var citations: [Part.Citation] = []
        for case .text(let text) in parts { citations += text.citations }
        grounding(citations, into: &json)
    }

    static func grounding(_ citations: [Part.Citation], into json: inout JSONWriter) {
        guard !citations.isEmpty else { return }
        json.object("groundingMetadata") { metadata in
            metadata.array("groundingChunks") { chunks in
                for citation in citations {
                    chunks.object { chunk in
                        chunk.object("web") { web in
                            web.member("uri", citation.url)
                            if let title = citation.title { web.member("title", title) }
                        }
                    }
                }
            }
        }
    }
}
