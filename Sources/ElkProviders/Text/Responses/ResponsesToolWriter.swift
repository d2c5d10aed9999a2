import ElkWire
import NIOCore

/// Tools and the choice among them, for a Responses body.
enum ResponsesToolWriter {
    static func write(_ conversation: Conversation, into json: inout JSONWriter, dropped: inout [String]) {
        var tools: [Conversation.Tool] = []
        for (index, tool) in conversation.tools.enumerated() {
            switch tool.kind {
            case .function, .custom, .builtIn(.webSearch, _, _), .builtIn(_, _, of: .openAIResponses):
                tools.append(tool)
            case .builtIn: dropped.append("tools[\(index)]")
            }
        }
        guard !tools.isEmpty else { return }
        json.array("tools") { array in
            for tool in tools { self.tool(tool, into: &array) }
        }
        choice(conversation, into: &json)
        if let parallel = conversation.parallelTools { json.member("parallel_tool_calls", parallel) }
    }

    private static func tool(_ tool: Conversation.Tool, into json: inout JSONWriter) {
        switch tool.kind {
        case .builtIn(_, let definition, of: .openAIResponses): json.raw(definition)
        case .builtIn: json.object { $0.member("type", "web_search") }
        case .custom(let format):
            json.object { object in
                object.member("type", "custom")
                object.member("name", tool.name)
                if let description = tool.description { object.member("description", description) }
                if let format { object.member("format", format) }
            }
        case .function:
            json.object { object in
                object.member("type", "function")
                object.member("name", tool.name)
                if let description = tool.description { object.member("description", description) }
                object.key("parameters")
                if let parameters = tool.parameters {
                    object.raw(parameters)
                } else {
                    object.object { empty in
                        empty.member("type", "object")
                        empty.object("properties") { _ in }
                    }
                }
                // True by default here and nowhere else: most schemas would be refused.
                object.member("strict", tool.strict ?? false)
            }
        }
    }

    private static func choice(_ conversation: Conversation, into json: inout JSONWriter) {
        func named(_ name: String, into json: inout JSONWriter) {
            let isCustom = conversation.tools.contains { tool in
                if tool.name == name, case .custom = tool.kind { true } else { false }
            }
            json.member("type", isCustom ? "custom" : "function")
            json.member("name", name)
        }
        switch conversation.toolChoice {
        case nil: break
        case .auto: json.member("tool_choice", "auto")
        case .none?: json.member("tool_choice", "none")
        case .required: json.member("tool_choice", "required")
        case .tool(let name): json.object("tool_choice") { named(name, into: &$0) }
        case .allowed(let names, let required):
            json.object("tool_choice") { choice in
                choice.member("type", "allowed_tools")
                choice.member("mode", required ? "required" : "auto")
                choice.array("tools") { array in
                    for name in names { array.object { named(name, into: &$0) } }
                }
            }
        }
    }
}
