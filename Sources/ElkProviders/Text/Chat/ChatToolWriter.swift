import ElkWire

/// Tools and the choice among them, for a chat body.
enum ChatToolWriter {
    static func write(_ conversation: Conversation, into json: inout JSONWriter, dropped: inout [String]) {
        var written: [Conversation.Tool] = []
        for (index, tool) in conversation.tools.enumerated() {
            switch tool.kind {
            case .function, .custom: written.append(tool)
            case .builtIn(.webSearch, let definition, let format):
                json.key("web_search_options")
                if format == .openAIChat, definition["type"] == nil {
                    json.raw(definition)
                } else {
                    json.beginObject()
                    json.endObject()
                }
            case .builtIn: dropped.append("tools[\(index)]")
            }
        }
        guard !written.isEmpty else { return }
        json.key("tools")
        json.beginArray()
        for tool in written { self.tool(tool, into: &json) }
        json.endArray()
        choice(conversation, into: &json)
        if let parallel = conversation.parallelTools { json.member("parallel_tool_calls", parallel) }
    }

    private static func tool(_ tool: Conversation.Tool, into json: inout JSONWriter) {
        json.beginObject()
        // Free-text tools have become functions: see `ToolNames`.
        json.member("type", "function")
        json.object("function") { function in
            function.member("name", tool.name)
            if let description = tool.description { function.member("description", description) }
            if let parameters = tool.parameters {
                function.key("parameters")
                function.raw(parameters)
            }
            if let strict = tool.strict { function.member("strict", strict) }
        }
        json.endObject()
    }

    private static func choice(_ conversation: Conversation, into json: inout JSONWriter) {
        switch conversation.toolChoice {
        case nil: break
        case .auto: json.member("tool_choice", "auto")
        case .none?: json.member("tool_choice", "none")
        case .required: json.member("tool_choice", "required")
        case .tool(let name):
            json.object("tool_choice") { named(name, into: &$0) }
        case .allowed(let names, let required):
            json.object("tool_choice") { choice in
                choice.member("type", "allowed_tools")
                choice.object("allowed_tools") { allowed in
                    allowed.member("mode", required ? "required" : "auto")
                    allowed.array("tools") { array in
                        for name in names {
                            array.beginObject()
                            named(name, into: &array)
                            array.endObject()
                        }
                    }
                }
            }
        }
    }

    private static func named(_ name: String, into json: inout JSONWriter) {
        json.member("type", "function")
        json.object("function") { $0.member("name", name) }
    }
}
