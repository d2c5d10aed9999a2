import ElkWire
import NIOCore

/// Tools and the choice among them.
enum GeminiToolWriter {
    static func write(
        _ conversation: Conversation,
        _ traits: GeminiModelTraits,
        into json: inout JSONWriter,
        dropped: inout [String]
    ) {
        var functions: [Conversation.Tool] = []
        var builtIns: [(index: Int, tool: Conversation.Tool)] = []
        for (index, tool) in conversation.tools.enumerated() {
            switch tool.kind {
            case .function, .custom: if isAllowed(tool, conversation.toolChoice) { functions.append(tool) }
            case .builtIn: builtIns.append((index, tool))
            }
        }
        // Refused together before the third generation; the client's own functions are what it waits for.
        if !traits.isThirdGeneration, !functions.isEmpty {
            dropped += builtIns.map { "tools[\($0.index)]" }
            builtIns = []
        }
        let known = builtIns.filter { name(of: $0.tool) != nil }
        dropped += builtIns.filter { name(of: $0.tool) == nil }.map { "tools[\($0.index)]" }
        guard !functions.isEmpty || !known.isEmpty else { return }
        json.array("tools") { tools in
            if !functions.isEmpty {
                tools.object { tool in
                    tool.array("functionDeclarations") { list in
                        for function in functions { declaration(function, into: &list) }
                    }
                }
            }
            for (_, tool) in known { builtIn(tool, into: &tools) }
        }
        if conversation.parallelTools == false { dropped.append("parallel_tool_calls") }
        if !functions.isEmpty { choice(conversation.toolChoice, into: &json) }
    }

    /// A choice among some without having to is said by not telling of the others.
    private static func isAllowed(_ tool: Conversation.Tool, _ choice: Conversation.ToolChoice?) -> Bool {
        guard case .allowed(let names, required: false)? = choice else { return true }
        return names.contains(tool.name)
    }

    private static func declaration(_ tool: Conversation.Tool, into json: inout JSONWriter) {
        json.object { function in
            function.member("name", tool.name)
            if let description = tool.description { function.member("description", description) }
            guard let parameters = tool.parameters, GeminiSchema.hasProperties(parameters) else { return }
            if GeminiSchema.isPlain(parameters) {
                function.key("parameters")
                GeminiSchema.write(parameters, into: &function)
            } else {
                function.member("parametersJsonSchema", parameters)
            }
        }
    }

    private static func name(of tool: Conversation.Tool) -> String? {
        guard case .builtIn(let kind, _, let format) = tool.kind else { return nil }
        if format == .geminiGenerate { return tool.name }
        return switch kind {
        case .webSearch: "googleSearch"
        case .webFetch: "urlContext"
        case .codeExecution: "codeExecution"
        case .fileSearch, .imageGeneration, .other: nil
        }
    }

    private static func builtIn(_ tool: Conversation.Tool, into json: inout JSONWriter) {
        guard case .builtIn(_, let definition, let format) = tool.kind, let name = name(of: tool) else { return }
        json.object { object in
            if format == .geminiGenerate, let value = definition[name] {
                object.member(name, value)
            } else {
                object.object(name) { _ in }
            }
        }
    }

    private static func choice(_ choice: Conversation.ToolChoice?, into json: inout JSONWriter) {
        guard let choice else { return }
        json.object("toolConfig") { config in
            config.object("functionCallingConfig") { calling in
                switch choice {
                case .auto, .allowed(_, required: false): calling.member("mode", "AUTO")
                case .none: calling.member("mode", "NONE")
                case .required: calling.member("mode", "ANY")
                case .tool(let name): names([name], into: &calling)
                case .allowed(let list, required: true): names(list, into: &calling)
                }
            }
        }
    }

    private static func names(_ list: [String], into json: inout JSONWriter) {
        json.member("mode", "ANY")
        json.array("allowedFunctionNames") { array in
            for name in list { array.value(name) }
        }
    }
}
