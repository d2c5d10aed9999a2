import ElkWire
import NIOCore

/// Content blocks as clients send them → parts.
enum MessagesContentReader {
    /// A string, or an array of blocks; nothing where the member is absent.
    static func content(_ members: RequestMembers, _ key: String) throws(Failure) -> [Part] {
        guard let value = members[key] else { return [] }
        if let text = value.string { return text.isEmpty ? [] : [.text(text)] }
        guard value.kind == .array else { throw members.wrong(key, "a string or an array of blocks") }
        var parts: [Part] = []
        for (value, path) in try members.array(key) ?? [] {
            parts.append(try block(value, try RequestMembers(value, path: path)))
        }
        return parts
    }

    private static func block(_ value: JSONSlice, _ block: RequestMembers) throws(Failure) -> Part {
        let cache = try ChatMessageReader.cacheMarker(block)
        switch try block.requiredString("type") {
        case "text": return .text(.init(try block.requiredString("text"), cache: cache))
        case "image": return .image(try media(block, cache))
        case "document": return .document(try media(block, cache))
        case "tool_use":
            return .toolCall(
                .init(
                    id: try block.requiredString("id"),
                    name: try block.requiredString("name"),
                    arguments: block["input"].map { String(buffer: $0.bytes) } ?? "",
                    cache: cache
                )
            )
        case "tool_result":
            return .toolResult(
                .init(
                    id: try block.requiredString("tool_use_id"),
                    parts: try content(block, "content"),
                    isError: try block.bool("is_error") ?? false,
                    cache: cache
                )
            )
        case "thinking":
            let seal = try block.string("signature").flatMap { Seal(carried: $0, by: .anthropicMessages) }
            return .reasoning(.init(try block.string("thinking") ?? "", seal: seal))
        case "redacted_thinking":
            let seal = Seal(carried: try block.requiredString("data"), by: .anthropicMessages)
            return .reasoning(.init("", seal: seal, isRedacted: true))
        case "search_result": return .text(try searchResult(block, cache))
        default:
            // Server tools and what comes after them: only their own provider can use them.
            return .foreign(.anthropicMessages, value)
        }
    }

    private static func media(_ block: RequestMembers, _ cache: CacheMarker?) throws(Failure) -> Part.Media {
        guard let source = try block.object("source") else { throw block.missing("source") }
        let name = try block.string("title")
        func media(_ source: Part.Media.Source) -> Part.Media { .init(source, name: name, cache: cache) }
        switch try source.requiredString("type") {
        case "base64":
            let type = try source.requiredString("media_type")
            return media(.base64(try source.requiredString("data"), mediaType: type))
        case "url": return media(.url(try source.requiredString("url")))
        case "file": return media(.file(try source.requiredString("file_id")))
        case "text": return media(.text(try source.requiredString("data")))
        case "content":
            let texts = try content(source, "content").compactMap { part in
                if case .text(let text) = part { text.content } else { nil }
            }
            return media(.text(texts.joined(separator: "\n")))
        default: throw source.wrong("type", "'base64', 'url', 'file', 'text' or 'content'")
        }
    }

    private static func searchResult(_ block: RequestMembers, _ cache: CacheMarker?) throws(Failure) -> Part.Text {
        let texts = try content(block, "content").compactMap { part in
            if case .text(let text) = part { text.content } else { nil }
        }
        let title = try block.string("title") ?? ""
        let source = try block.string("source") ?? ""
        return .init("\(title)\n\(source)\n\(texts.joined(separator: "\n"))", cache: cache)
    }
}
