import ElkWire
import NIOCore

/// The messages of a chat body, one after the other.
struct ChatMessageReader {
    private(set) var dropped: [String] = []
    /// Calls by the old `function_call`, which have no ids: name → the id we gave the last of them.
    private var functionCalls: [String: String] = [:]

    mutating func read(_ message: RequestMembers, into conversation: inout Conversation) throws(Failure) {
        let name = try message.string("name")
        switch try message.requiredString("role") {
        case "system": conversation.turns.append(.init(.system, try content(message), name: name))
        case "developer": conversation.turns.append(.init(.developer, try content(message), name: name))
        case "user": conversation.turns.append(.init(.user, try content(message), name: name))
        case "assistant": conversation.turns.append(.init(.assistant, try assistant(message), name: name))
        case "tool":
            conversation.appendToolResult(
                .init(
                    id: try message.requiredString("tool_call_id"),
                    name: name,
                    parts: try content(message),
                    cache: try Self.cacheMarker(message)
                )
            )
        case "function":
            let function = try message.requiredString("name")
            let id = functionCalls[function] ?? "call_\(function)"
            conversation.appendToolResult(.init(id: id, name: function, parts: try content(message)))
        case let role:
            throw message.wrong("role", "'system', 'developer', 'user', 'assistant' or 'tool', not '\(role)'")
        }
    }

    // MARK: What the assistant said

    private mutating func assistant(_ message: RequestMembers) throws(Failure) -> [Part] {
        var parts = try reasoning(message)
        parts += try content(message)
        if let refusal = try message.string("refusal"), !refusal.isEmpty { parts.append(.refusal(refusal)) }
        for (value, path) in try message.array("tool_calls") ?? [] {
            parts.append(.toolCall(try toolCall(try RequestMembers(value, path: path))))
        }
        if let call = try message.object("function_call") {
            let name = try call.requiredString("name")
            let id = "call_\(functionCalls.count)_\(name)"
            functionCalls[name] = id
            parts.append(.toolCall(.init(id: id, name: name, arguments: try call.string("arguments") ?? "")))
        }
        if message["audio"] != nil { dropped.append(message.name("audio")) }
        return parts
    }

    /// `elk_reasoning` is what we gave the client in an earlier answer, seals and all; other servers have only text.
    private func reasoning(_ message: RequestMembers) throws(Failure) -> [Part] {
        if let blocks = try message.array("elk_reasoning") {
            var parts: [Part] = []
            for (value, path) in blocks {
                let block = try RequestMembers(value, path: path)
                let seal = try block.string("signature").flatMap { Seal(carried: $0, by: .openAIChat) }
                let text = try block.string("text") ?? ""
                parts.append(
                    .reasoning(
                        .init(
                            text,
                            seal: seal,
                            isRedacted: try block.bool("redacted") ?? false,
                            id: try block.string("id")
                        )
                    )
                )
            }
            return parts
        }
        for key in ["reasoning_content", "reasoning"] {
            if let text = message[key]?.string, !text.isEmpty { return [.reasoning(.init(text))] }
        }
        return []
    }

    private func toolCall(_ members: RequestMembers) throws(Failure) -> Part.ToolCall {
        let id = try members.requiredString("id")
        if let custom = try members.object("custom") {
            let input = try custom.string("input") ?? ""
            return .init(id: id, name: try custom.requiredString("name"), arguments: input, isCustom: true)
        }
        guard let function = try members.object("function") else { throw members.missing("function") }
        let arguments: String
        if let value = function["arguments"], value.kind == .object {
            // Not by the book, but some clients send the object itself.
            arguments = String(buffer: value.bytes)
        } else {
            arguments = try function.string("arguments") ?? ""
        }
        return .init(id: id, name: try function.requiredString("name"), arguments: arguments, seal: try seal(members))
    }

    /// Google's own place for its signature in chat messages.
    private func seal(_ members: RequestMembers) throws(Failure) -> Seal? {
        guard let google = try members.object("extra_content")?.object("google") else { return nil }
        return try google.string("thought_signature").map { Seal($0, of: .geminiGenerate) }
    }

    // MARK: Content

    private mutating func content(_ message: RequestMembers) throws(Failure) -> [Part] {
        guard let value = message["content"] else { return [] }
        if let text = value.string {
            return [.text(.init(text, cache: try Self.cacheMarker(message)))]
        }
        guard let elements = try? message.array("content") else {
            throw message.wrong("content", "a string or an array of parts")
        }
        var parts: [Part] = []
        for (value, path) in elements {
            parts.append(try part(try RequestMembers(value, path: path)))
        }
        return parts
    }

    private func part(_ members: RequestMembers) throws(Failure) -> Part {
        let cache = try Self.cacheMarker(members)
        switch try members.requiredString("type") {
        case "text": return .text(.init(try members.requiredString("text"), cache: cache))
        case "refusal": return .refusal(try members.requiredString("refusal"))
        case "image_url":
            if let url = members["image_url"]?.string { return .image(try image(url, cache: cache, members)) }
            guard let image = try members.object("image_url") else { throw members.missing("image_url") }
            var media = try self.image(try image.requiredString("url"), cache: cache, members)
            media.detail = try image.string("detail")
            return .image(media)
        case "input_audio":
            guard let audio = try members.object("input_audio") else { throw members.missing("input_audio") }
            let type = "audio/\(try audio.string("format") ?? "wav")"
            return .audio(.init(.base64(try audio.requiredString("data"), mediaType: type), cache: cache))
        case "file":
            guard let file = try members.object("file") else { throw members.missing("file") }
            return .document(try self.file(file, cache: cache))
        case let type:
            throw .invalidRequest(
                "Content of type '\(type)' cannot be carried to this model's provider.",
                parameter: members.name("type"),
                code: "unsupported_content"
            )
        }
    }

    private func image(_ url: String, cache: CacheMarker?, _ members: RequestMembers) throws(Failure) -> Part.Media {
        guard url.utf8.prefix(5).elementsEqual("data:".utf8) else { return .init(.url(url), cache: cache) }
        guard let (type, base64) = DataURI.parse(url) else {
            throw members.wrong("image_url", "an address or a base64 data URI")
        }
        return .init(.base64(base64, mediaType: type), cache: cache)
    }

    private func file(_ file: RequestMembers, cache: CacheMarker?) throws(Failure) -> Part.Media {
        let name = try file.string("filename")
        if let id = try file.string("file_id") { return .init(.file(id), name: name, cache: cache) }
        let data = try file.requiredString("file_data")
        if let (type, base64) = DataURI.parse(data) {
            return .init(.base64(base64, mediaType: type), name: name, cache: cache)
        }
        return .init(.base64(data, mediaType: "application/pdf"), name: name, cache: cache)
    }

    static func cacheMarker(_ members: RequestMembers) throws(Failure) -> CacheMarker? {
        guard let marker = try members.object("cache_control") else { return nil }
        return CacheMarker(ttl: try marker.string("ttl"))
    }
}
