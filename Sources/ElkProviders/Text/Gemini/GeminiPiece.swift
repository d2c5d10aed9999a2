import ElkWire
import NIOCore

/// One part of a candidate, told apart.
enum GeminiPiece {
    case text(String, Seal?)
    case thought(String, Seal?)
    case call(Part.ToolCall)
    case media(Part)
    case foreign(JSONSlice)

    /// nil for a part that says nothing.
    ///
    /// `calls` counts the calls so far; `callID` names the next one.
    init?(_ part: JSONSlice, callID: (Int) -> String, _ calls: inout Int) {
        let seal = GeminiSeal.read(part.both("thoughtSignature", "thought_signature")?.string)
        if let text = part["text"]?.string {
            guard !text.isEmpty || seal != nil else { return nil }
            self = part["thought"]?.bool == true ? .thought(text, seal) : .text(text, seal)
        } else if let call = part.both("functionCall", "function_call") {
            let id = call["id"]?.string ?? callID(calls)
            calls += 1
            self = .call(
                .init(
                    id: id,
                    name: call["name"]?.string ?? "",
                    arguments: call["args"].map { String(buffer: $0.bytes) } ?? "{}",
                    seal: seal
                )
            )
        } else if let data = part.both("inlineData", "inline_data"), let text = data["data"]?.string {
            let type = data.both("mimeType", "mime_type")?.string ?? "application/octet-stream"
            let media = Part.Media(.base64(text, mediaType: type))
            self = .media(type.hasPrefix("audio/") ? .audio(media) : .image(media))
        } else if part.kind == .object, part.both("executableCode", "codeExecutionResult") != nil {
            self = .foreign(part)
        } else {
            return nil
        }
    }

    /// Adds it to the parts of a whole answer; text that goes on is one part.
    func append(to parts: inout [Part]) {
        switch self {
        case .text(let text, let seal):
            if case .text(var last)? = parts.last {
                last.content += text
                last.seal = seal ?? last.seal
                parts[parts.count - 1] = .text(last)
            } else {
                parts.append(.text(.init(text, seal: seal)))
            }
        case .thought(let text, let seal):
            if case .reasoning(var last)? = parts.last {
                last.text += text
                last.seal = seal ?? last.seal
                parts[parts.count - 1] = .reasoning(last)
            } else {
                parts.append(.reasoning(.init(text, seal: seal)))
            }
        case .call(let call): parts.append(.toolCall(call))
        case .media(let part): parts.append(part)
        case .foreign(let part): parts.append(.foreign(.geminiGenerate, part))
        }
    }
}
