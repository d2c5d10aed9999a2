import ElkWire
import NIOCore

/// Tools and the choice among them, for a Messages body.
enum MessagesToolWriter {
    static func write(
        _ conversation: Conversation,
        _ traits: ClaudeTraits,
        into json: inout JSONWriter,
        dropped: inout [String]
    ) {
        let offered = Self.offered(conversation, dropped: &dropped)
        guard !offered.isEmpty else {
            if conversation.toolChoice != nil, !conversation.tools.isEmpty { dropped.append("tool_choice") }
            return
        }
        json.key("tools")
        json.beginArray()
        for tool in offered { self.tool(tool, traits, into: &json) }
        json.endArray()
        choice(conversation, into: &json)
    }

    /// Tools that the format can say.
    ///
    /// A choice among some of them has no word here, so the others are not offered.
    private static func offered(_ conversation: Conversation, dropped: inout [String]) -> [Conversation.Tool] {
        var offered: [Conversation.Tool] = []
        for (index, tool) in conversation.tools.enumerated() {
            if case .allowed(let names, _) = conversation.toolChoice, !names.contains(tool.name) { continue }
            switch tool.kind {
            case .function, .custom, .builtIn(.webSearch, _, _): offered.append(tool)
            case .builtIn: dropped.append("tools[\(index)]")
            }
        }
        return offered
    }

    private static func tool(_ tool: Conversation.Tool, _ traits: ClaudeTraits, into json: inout JSONWriter) {
        json.beginObject()
        if case .builtIn = tool.kind {
            json.member("type", "web_search_20250305")
            json.member("name", "web_search")
        } else {
            json.member("name", tool.name)
            if let description = tool.description { json.member("description", description) }
            json.member("input_schema", json: schema(tool))
            // Came with schemas for answers; older models refuse the word.
            if tool.strict == true, traits.takesSchema { json.member("strict", true) }
            MessagesContentWriter.cache(tool.cache, into: &json)
        }
        json.endObject()
    }

    private static func schema(_ tool: Conversation.Tool) -> ByteBuffer {
        guard let parameters = tool.parameters, parameters.kind == .object else {
            return ByteBuffer(string: #"{"type":"object","properties":{}}"#)
        }
        guard parameters["type"] == nil else { return parameters.bytes }
        // Demanded here, optional elsewhere. The slice is a document of its own for the edit.
        guard let root = try? JSONSlice(validating: parameters.bytes) else { return parameters.bytes }
        var edit = JSONEdit(root)
        edit.set("type", string: "object")
        return edit.apply()
    }

    private static func choice(_ conversation: Conversation, into json: inout JSONWriter) {
        let isSerial = conversation.parallelTools == false
        guard conversation.toolChoice != nil || isSerial else { return }
        json.object("tool_choice") { choice in
            switch conversation.toolChoice {
            case nil, .auto, .allowed(_, required: false): choice.member("type", "auto")
            case .required, .allowed(_, required: true): choice.member("type", "any")
            case .some(.none):
                choice.member("type", "none")
                return
            case .tool(let name):
                choice.member("type", "tool")
                choice.member("name", name)
            }
            if isSerial { choice.member("disable_parallel_tool_use", true) }
        }
    }
}
