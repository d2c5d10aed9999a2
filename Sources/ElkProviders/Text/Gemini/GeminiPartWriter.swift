import ElkWire
import NIOCore

/// Parts of one content.
///
/// A thought's signature goes on the part that follows it, which is where Gemini put it.
struct GeminiPartWriter {
    private let conversation: Conversation
    private let traits: GeminiModelTraits
    /// The signature of the thought before.
    private var pending: String?
    private var calls = 0

    /// Google's documented value for calls that no Gemini model made: histories of other models, and of clients that lost
    /// the signature.
    private static let unsigned = "skip_thought_signature_validator"

    init(_ conversation: Conversation, _ traits: GeminiModelTraits) {
        (self.conversation, self.traits) = (conversation, traits)
    }

    mutating func write(_ part: Part, into json: inout JSONWriter) throws(Failure) {
        switch part {
        case .text(let text): self.text(text.content, signature(text.seal), into: &json)
        case .refusal(let text): self.text(text, signature(nil), into: &json)
        case .reasoning(let thought): pending = thought.seal?.value ?? pending
        case .image(let media): try self.media(media, fallback: "image/jpeg", into: &json)
        case .audio(let media): try self.media(media, fallback: "audio/wav", into: &json)
        case .document(let media): try self.media(media, fallback: "application/pdf", into: &json)
        case .toolCall(let call): toolCall(call, into: &json)
        case .toolResult(let result): try toolResult(result, into: &json)
        case .foreign(_, let part): json.raw(part)
        }
    }

    /// A signature that nothing followed.
    mutating func finish(into json: inout JSONWriter) {
        if let left = pending { text("", left, into: &json) }
        pending = nil
    }

    private mutating func signature(_ seal: Seal?) -> String? {
        defer { pending = nil }
        return seal?.format == .geminiGenerate ? seal?.value : pending
    }

    private func text(_ text: String, _ signature: String?, into json: inout JSONWriter) {
        json.beginObject()
        json.member("text", text)
        if let signature { json.member("thoughtSignature", signature) }
        json.endObject()
    }

    private mutating func toolCall(_ call: Part.ToolCall, into json: inout JSONWriter) {
        let signature = signature(call.seal)
        calls += 1
        json.beginObject()
        json.object("functionCall") { function in
            function.member("id", call.id)
            function.member("name", call.name)
            function.member("args", json: call.argumentsObject)
        }
        if let signature {
            json.member("thoughtSignature", signature)
        } else if traits.isThirdGeneration, calls == 1 {
            // Of parallel calls only the first has one.
            json.member("thoughtSignature", Self.unsigned)
        }
        json.endObject()
    }

    private func toolResult(_ result: Part.ToolResult, into json: inout JSONWriter) throws(Failure) {
        guard let name = result.name ?? conversation.toolName(ofCall: result.id) else {
            throw .invalidRequest(
                "The result of the call '\(result.id)' has no call before it.",
                parameter: "messages",
                code: "unknown_tool_call"
            )
        }
        json.beginObject()
        json.object("functionResponse") { response in
            response.member("id", result.id)
            response.member("name", name)
            response.key("response")
            Self.response(result, into: &response)
        }
        json.endObject()
        // Before the third generation a response holds no media: they follow it.
        for part in result.parts {
            switch part {
            case .image(let media): try self.media(media, fallback: "image/jpeg", into: &json)
            case .document(let media): try self.media(media, fallback: "application/pdf", into: &json)
            default: break
            }
        }
    }

    /// An object as it is; anything else in the member that Google names for it.
    private static func response(_ result: Part.ToolResult, into json: inout JSONWriter) {
        let text = result.text
        if !result.isError, let value = try? JSONSlice(validating: ByteBuffer(string: text)), value.kind == .object {
            return json.raw(value)
        }
        json.object { $0.member(result.isError ? "error" : "output", text) }
    }

    private func media(_ media: Part.Media, fallback: String, into json: inout JSONWriter) throws(Failure) {
        switch media.source {
        case .base64(let data, let type):
            json.object { part in
                part.object("inlineData") { inline in
                    inline.member("mimeType", type)
                    inline.member("data", data)
                }
            }
        case .url(let address), .file(let address):
            // Google fetches addresses by itself; ids of other providers' files lead nowhere.
            guard address.hasPrefix("https://") || address.hasPrefix("http://") || address.hasPrefix("gs://") else {
                throw .invalidRequest(
                    "Files of another provider cannot be carried to this model's provider.",
                    parameter: "file_id",
                    code: "unsupported_content"
                )
            }
            json.object { part in
                part.object("fileData") { file in
                    file.member("mimeType", Self.type(of: address) ?? fallback)
                    file.member("fileUri", address)
                }
            }
        case .text(let text): self.text(text, nil, into: &json)
        }
    }

    private static func type(of address: String) -> String? {
        let path = address.prefix { $0 != "?" && $0 != "#" }.lowercased()
        let types = [
            ".png": "image/png", ".webp": "image/webp", ".gif": "image/gif", ".jpg": "image/jpeg",
            ".jpeg": "image/jpeg", ".heic": "image/heic", ".pdf": "application/pdf", ".mp3": "audio/mp3",
            ".wav": "audio/wav", ".mp4": "video/mp4", ".txt": "text/plain",
        ]
        return types.first { path.hasSuffix($0.key) }?.value
    }
}
