import ElkWire
import NIOCore

/// `Answer` → a whole chat answer.
enum ChatAnswerWriter {
    static func write(_ answer: Answer, _ context: AnswerContext) -> ByteBuffer {
        var json = JSONWriter()
        let usesFunctions = ChatAnswerWriter.usesFunctions(context)
        json.beginObject()
        json.member("id", id(answer.id, context))
        json.member("object", "chat.completion")
        json.member("created", answer.created ?? context.created)
        json.member("model", answer.model.isEmpty ? context.model : answer.model)
        json.key("choices")
        json.beginArray()
        for (index, choice) in answer.choices.enumerated() {
            json.beginObject()
            json.member("index", index)
            message(choice, usesFunctions: usesFunctions, into: &json)
            json.key("logprobs")
            if let logprobs = choice.logprobs { json.raw(logprobs) } else { json.null() }
            json.member("finish_reason", ChatStop.text(choice.stop, usesFunctions: usesFunctions))
            json.endObject()
        }
        json.endArray()
        if let usage = answer.usage { ChatUsage.write(usage, into: &json) }
        if let tier = answer.serviceTier { json.member("service_tier", tier) }
        json.endObject()
        return json.buffer
    }

    /// Chat clients expect the prefix; an id of another format is kept behind it, so that logs can be matched.
    static func id(_ id: String, _ context: AnswerContext) -> String {
        id.hasPrefix("chatcmpl") ? id : "chatcmpl-" + (id.isEmpty ? context.id : id)
    }

    /// The client speaks the format of 2023: `functions` in, `function_call` out.
    static func usesFunctions(_ context: AnswerContext) -> Bool {
        context.request["functions"].map { !$0.isNull } ?? false
    }

    private static func message(_ choice: Answer.Choice, usesFunctions: Bool, into json: inout JSONWriter) {
        var texts: [Part.Text] = []
        var thoughts: [Part.Reasoning] = []
        var calls: [Part.ToolCall] = []
        var refusal = ""
        var images: [Part.Media] = []
        for part in choice.parts {
            switch part {
            case .text(let text): texts.append(text)
            case .reasoning(let reasoning): thoughts.append(reasoning)
            case .toolCall(let call): calls.append(call)
            case .refusal(let text): refusal += text
            case .image(let media): images.append(media)
            case .audio, .document, .toolResult, .foreign: break
            }
        }
        json.key("message")
        json.beginObject()
        json.member("role", "assistant")
        json.key("content")
        if texts.isEmpty { json.null() } else { json.value(texts.map(\.content).joined()) }
        json.key("refusal")
        if refusal.isEmpty { json.null() } else { json.value(refusal) }
        reasoning(thoughts, into: &json)
        annotations(texts, into: &json)
        self.images(images, into: &json)
        if usesFunctions, let call = calls.first {
            json.object("function_call") { function in
                function.member("name", call.name)
                function.member("arguments", call.arguments.isEmpty ? "{}" : call.arguments)
            }
        } else if !calls.isEmpty {
            json.key("tool_calls")
            json.beginArray()
            for call in calls { toolCall(call, into: &json) }
            json.endArray()
        }
        json.endObject()
    }

    /// `reasoning_content` for all to read, `elk_reasoning` with the seals for clients that send the message back.
    private static func reasoning(_ thoughts: [Part.Reasoning], into json: inout JSONWriter) {
        guard !thoughts.isEmpty else { return }
        let text = thoughts.map(\.text).joined()
        if !text.isEmpty { json.member("reasoning_content", text) }
        guard thoughts.contains(where: { $0.seal != nil }) else { return }
        json.key("elk_reasoning")
        json.beginArray()
        for thought in thoughts { sealed(thought, into: &json) }
        json.endArray()
    }

    static func sealed(_ thought: Part.Reasoning, into json: inout JSONWriter) {
        json.beginObject()
        if let id = thought.id { json.member("id", id) }
        if !thought.text.isEmpty { json.member("text", thought.text) }
        if let seal = thought.seal { json.member("signature", seal.carried(by: .openAIChat)) }
        if thought.isRedacted { json.member("redacted", true) }
        json.endObject()
    }

    private static func annotations(_ texts: [Part.Text], into json: inout JSONWriter) {
        guard texts.contains(where: { !$0.citations.isEmpty }) else { return }
        json.key("annotations")
        json.beginArray()
        for text in texts {
            for citation in text.citations { self.citation(citation, into: &json) }
        }
        json.endArray()
    }

    static func citation(_ citation: Part.Citation, into json: inout JSONWriter) {
        json.beginObject()
        json.member("type", "url_citation")
        json.object("url_citation") { object in
            if let start = citation.start { object.member("start_index", start) }
            if let end = citation.end { object.member("end_index", end) }
            object.member("url", citation.url)
            if let title = citation.title { object.member("title", title) }
        }
        json.endObject()
    }

    private static func images(_ images: [Part.Media], into json: inout JSONWriter) {
        guard !images.isEmpty else { return }
        json.key("images")
        json.beginArray()
        for image in images { self.image(image, into: &json) }
        json.endArray()
    }

    static func image(_ media: Part.Media, into json: inout JSONWriter) {
        let url: String
        switch media.source {
        case .url(let address): url = address
        case .base64(let data, let type): url = DataURI.text(mediaType: type, base64: data)
        case .file(let text), .text(let text): url = text
        }
        json.beginObject()
        json.member("type", "image_url")
        json.object("image_url") { $0.member("url", url) }
        json.endObject()
    }

    static func toolCall(_ call: Part.ToolCall, into json: inout JSONWriter) {
        json.beginObject()
        json.member("id", call.id)
        if call.isCustom {
            json.member("type", "custom")
            json.object("custom") { custom in
                custom.member("name", call.name)
                custom.member("input", call.arguments)
            }
        } else {
            json.member("type", "function")
            json.object("function") { function in
                function.member("name", call.name)
                function.member("arguments", call.arguments.isEmpty ? "{}" : call.arguments)
            }
        }
        if let seal = call.seal { signature(seal, into: &json) }
        json.endObject()
    }

    static func signature(_ seal: Seal, into json: inout JSONWriter) {
        guard seal.format == .geminiGenerate else { return }
        json.object("extra_content") { extra in
            extra.object("google") { $0.member("thought_signature", seal.value) }
        }
    }
}
