import ElkWire
import NIOCore

/// Contents and their parts → turns.
///
/// Older clients give calls no ids, so ids are made, and results are matched to the calls of their name in order.
struct GeminiContentReader {
    private(set) var dropped: [String] = []
    private var callsMade = 0
    /// Calls without a result yet.
    private var open: [(name: String, id: String)] = []

    mutating func read(_ content: RequestMembers, into conversation: inout Conversation) throws(Failure) {
        let role = try content.string("role") ?? "user"
        guard ["user", "model", "function", "system"].contains(role) else {
            throw content.wrong("role", "'user' or 'model', not '\(role)'")
        }
        var rest: [Part] = []
        for part in try parts(content) {
            if case .toolResult(let result) = part {
                conversation.appendToolResult(result)
            } else {
                rest.append(part)
            }
        }
        guard !rest.isEmpty else { return }
        switch role {
        case "model": conversation.turns.append(.init(.assistant, rest))
        case "system": conversation.turns.append(.init(.system, rest))
        default:
            // The neutral order: results first, then what the user says to them, in one turn.
            if let last = conversation.turns.last, last.role == .user,
                case .toolResult? = last.parts.last, try hasResults(content)
            {
                conversation.turns[conversation.turns.count - 1].parts += rest
            } else {
                conversation.turns.append(.init(.user, rest))
            }
        }
    }

    mutating func parts(_ content: RequestMembers) throws(Failure) -> [Part] {
        var list = try content.array("parts") ?? []
        if list.isEmpty, let one = content["parts"], one.kind == .object { list = [(one, content.name("parts"))] }
        var parts: [Part] = []
        for (value, path) in list {
            if let part = try part(value, RequestMembers(value, path: path)) { parts.append(part) }
        }
        return parts
    }

    private func hasResults(_ content: RequestMembers) throws(Failure) -> Bool {
        guard let parts = content["parts"], parts.kind == .array else { return false }
        return parts.elements.contains { $0.both("functionResponse", "function_response") != nil }
    }

    private mutating func part(_ value: JSONSlice, _ members: RequestMembers) throws(Failure) -> Part? {
        let seal = GeminiSeal.read(try members.string(members.spelling("thoughtSignature")))
        if let text = try members.string("text") {
            if try members.bool("thought") == true { return .reasoning(.init(text, seal: seal)) }
            // A signature alone: nothing to read, but the model wants it back.
            if text.isEmpty, let seal { return .reasoning(.init("", seal: seal)) }
            return .text(.init(text, seal: seal))
        }
        if let data = try members.object(members.spelling("inlineData")) {
            let type = try data.string(data.spelling("mimeType")) ?? "application/octet-stream"
            return Self.media(.init(.base64(try data.requiredString("data"), mediaType: type)), type)
        }
        if let file = try members.object(members.spelling("fileData")) {
            let uri = try file.requiredString(file.spelling("fileUri"))
            let type = try file.string(file.spelling("mimeType")) ?? ""
            let isAddress = uri.hasPrefix("https://") || uri.hasPrefix("http://")
            return Self.media(.init(isAddress ? .url(uri) : .file(uri)), type)
        }
        if let call = try members.object(members.spelling("functionCall")) { return try toolCall(call, seal) }
        if let response = try members.object(members.spelling("functionResponse")) { return try result(response) }
        if members.both("executableCode") != nil || members.both("codeExecutionResult") != nil {
            return .foreign(.geminiGenerate, value)
        }
        if let seal { return .reasoning(.init("", seal: seal)) }
        dropped.append(members.path)
        return nil
    }

    private static func media(_ media: Part.Media, _ type: String) -> Part {
        if type.hasPrefix("image/") { return .image(media) }
        return type.hasPrefix("audio/") ? .audio(media) : .document(media)
    }

    private mutating func toolCall(_ call: RequestMembers, _ seal: Seal?) throws(Failure) -> Part {
        let name = try call.requiredString("name")
        callsMade += 1
        let id = try call.string("id") ?? "call_\(callsMade)"
        if let arguments = call["args"], arguments.kind != .object { throw call.wrong("args", "an object") }
        open.append((name, id))
        let arguments = call["args"].map { String(buffer: $0.bytes) } ?? ""
        return .toolCall(.init(id: id, name: name, arguments: arguments, seal: seal))
    }

    private mutating func result(_ response: RequestMembers) throws(Failure) -> Part {
        let name = try response.requiredString("name")
        let said = try response.string("id")
        let at = open.firstIndex { said == nil ? $0.name == name : $0.id == said }
        let id = said ?? at.map { open[$0].id } ?? "call_\(name)"
        if let at { open.remove(at: at) }
        guard let value = response["response"] else {
            return .toolResult(.init(id: id, name: name, parts: []))
        }
        let (text, isError) = Self.text(value)
        return .toolResult(.init(id: id, name: name, parts: [.text(text)], isError: isError))
    }

    /// `{"output": "text"}` and its like are the text; any other object is told as JSON.
    private static func text(_ response: JSONSlice) -> (String, isError: Bool) {
        var members: [(String, JSONSlice)] = []
        for (key, value) in response.members { members.append((key.string, value)) }
        guard members.count == 1, ["output", "result", "content", "error"].contains(members[0].0) else {
            return (String(buffer: response.bytes), false)
        }
        let text = members[0].1.string ?? String(buffer: members[0].1.bytes)
        return (text, members[0].0 == "error")
    }
}
