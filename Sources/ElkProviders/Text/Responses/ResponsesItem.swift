import ElkWire
import NIOCore

/// One item of the output, as clients see it: while it grows and when it is done.
struct ResponsesItem: Sendable {
    enum Kind: Sendable {
        case text, refusal
        case reasoning
        case toolCall(callID: String, name: String, isCustom: Bool)
        case image(String)
        /// An item of the format itself.
        case whole(JSONSlice)
    }

    let kind: Kind
    let id: String
    var text = ""
    var citations: [Part.Citation] = []
    var seal: Seal?
    var logprobs: [JSONSlice] = []

    /// `position` in the output makes the id, where the part has none.
    init(_ kind: Kind, answerID: String, position: Int, id: String? = nil) {
        self.kind = kind
        let prefix =
            switch kind {
            case .text, .refusal: "msg_"
            case .reasoning: "rs_"
            case .toolCall(_, _, let isCustom): isCustom ? "ctc_" : "fc_"
            case .image: "ig_"
            case .whole: "item_"
            }
        self.id = id.flatMap { $0.hasPrefix(prefix) ? $0 : nil } ?? "\(prefix)\(answerID)_\(position)"
    }

    /// The parts of a whole answer as items.
    static func items(of parts: [Part], answerID: String) -> [ResponsesItem] {
        var items: [ResponsesItem] = []
        for part in parts {
            var item: ResponsesItem
            switch part {
            case .text(let text):
                item = ResponsesItem(.text, answerID: answerID, position: items.count)
                item.text = text.content
                item.citations = text.citations
            case .refusal(let text):
                item = ResponsesItem(.refusal, answerID: answerID, position: items.count)
                item.text = text
            case .reasoning(let thought):
                item = ResponsesItem(.reasoning, answerID: answerID, position: items.count, id: thought.id)
                item.text = thought.text
                item.seal = thought.seal
            case .toolCall(let call):
                if let seal = call.seal { items.append(.sealed(seal, answerID: answerID, position: items.count)) }
                let kind = Kind.toolCall(callID: call.id, name: call.name, isCustom: call.isCustom)
                item = ResponsesItem(kind, answerID: answerID, position: items.count)
                item.text = call.arguments.isEmpty && !call.isCustom ? "{}" : call.arguments
            case .image(let media):
                guard case .base64(let data, _) = media.source else {
                    item = ResponsesItem(.text, answerID: answerID, position: items.count)
                    item.text = media.markdown
                    break
                }
                item = ResponsesItem(.image(data), answerID: answerID, position: items.count)
            case .foreign(.openAIResponses, let value):
                item = ResponsesItem(.whole(value), answerID: answerID, position: items.count)
            case .audio, .document, .toolResult, .foreign: continue
            }
            items.append(item)
        }
        return items
    }

    /// A seal of another format has no place in a call: a thought without words before it carries it.
    static func sealed(_ seal: Seal, answerID: String, position: Int) -> ResponsesItem {
        var item = ResponsesItem(.reasoning, answerID: answerID, position: position)
        item.seal = seal
        return item
    }

    // MARK: Writing

    /// `isDone` false: as it is when it begins, without content.
    func write(isDone: Bool, status: String? = nil, into json: inout JSONWriter) {
        if case .whole(let value) = kind { return json.raw(value) }
        json.object { item in
            item.member("type", type)
            item.member("id", id)
            switch kind {
            case .reasoning:
                item.array("summary") { if isDone, !text.isEmpty { summaryPart(text, into: &$0) } }
                if isDone, let seal { item.member("encrypted_content", ResponsesSeal.content(seal)) }
                return
            case .text, .refusal:
                item.member("status", status ?? (isDone ? "completed" : "in_progress"))
                item.member("role", "assistant")
                item.array("content") { if isDone { part(isDone: true, into: &$0) } }
            case .toolCall(let callID, let name, let isCustom):
                item.member("status", status ?? (isDone ? "completed" : "in_progress"))
                item.member("call_id", callID)
                item.member("name", name)
                item.member(isCustom ? "input" : "arguments", isDone ? text : "")
            case .image(let data):
                item.member("status", isDone ? "completed" : "in_progress")
                if isDone { item.member("result", data) } else { item.nullMember("result") }
            case .whole: break
            }
        }
    }

    /// The content part of a message.
    func part(isDone: Bool, into json: inout JSONWriter) {
        json.object { part in
            if case .refusal = kind {
                part.member("type", "refusal")
                part.member("refusal", isDone ? text : "")
                return
            }
            part.member("type", "output_text")
            part.member("text", isDone ? text : "")
            part.array("annotations") { list in
                guard isDone else { return }
                for citation in citations { Self.annotation(citation, into: &list) }
            }
            part.array("logprobs") { list in
                guard isDone else { return }
                for slice in logprobs { list.raw(slice) }
            }
        }
    }

    func summaryPart(_ text: String, into json: inout JSONWriter) {
        json.object { part in
            part.member("type", "summary_text")
            part.member("text", text)
        }
    }

    static func annotation(_ citation: Part.Citation, into json: inout JSONWriter) {
        json.object { object in
            object.member("type", "url_citation")
            object.member("url", citation.url)
            object.member("title", citation.title ?? "")
            object.member("start_index", citation.start ?? 0)
            object.member("end_index", citation.end ?? 0)
        }
    }

    private var type: String {
        switch kind {
        case .text, .refusal: "message"
        case .reasoning: "reasoning"
        case .toolCall(_, _, let isCustom): isCustom ? "custom_tool_call" : "function_call"
        case .image: "image_generation_call"
        case .whole: ""
        }
    }
}
