import ElkWire

/// Tools and the choice among them, in a chat body: today's `tools` and yesterday's `functions`.
enum ChatToolReader {
    static func tools(_ members: RequestMembers) throws(Failure) -> [Conversation.Tool] {
        var tools: [Conversation.Tool] = []
        for (value, path) in try members.array("tools") ?? [] {
            tools.append(try tool(value, path))
        }
        for (value, path) in try members.array("functions") ?? [] {
            tools.append(try function(try RequestMembers(value, path: path)))
        }
        if let options = members["web_search_options"] {
            tools.append(.init(.builtIn(.webSearch, definition: options, of: .openAIChat), name: "web_search"))
        }
        return tools
    }

    private static func tool(_ value: JSONSlice, _ path: String) throws(Failure) -> Conversation.Tool {
        let members = try RequestMembers(value, path: path)
        let type = try members.string("type") ?? "function"
        switch type {
        case "function":
            guard let definition = try members.object("function") else { throw members.missing("function") }
            var tool = try function(definition)
            tool.cache = try ChatMessageReader.cacheMarker(members)
            return tool
        case "custom":
            guard let definition = try members.object("custom") else { throw members.missing("custom") }
            return .init(
                .custom(definition["format"]),
                name: try definition.requiredString("name"),
                description: try definition.string("description")
            )
        case "web_search", "web_search_preview":
            return .init(.builtIn(.webSearch, definition: value, of: .openAIChat), name: "web_search")
        default:
            return .init(.builtIn(.other(type), definition: value, of: .openAIChat), name: type)
        }
    }

    private static func function(_ members: RequestMembers) throws(Failure) -> Conversation.Tool {
        if let parameters = members["parameters"], parameters.kind != .object {
            throw members.wrong("parameters", "an object")
        }
        return .init(
            name: try members.requiredString("name"),
            description: try members.string("description"),
            parameters: members["parameters"],
            strict: try members.bool("strict")
        )
    }

    static func choice(_ members: RequestMembers) throws(Failure) -> Conversation.ToolChoice? {
        if let value = members["tool_choice"] {
            if let word = value.string { return try choice(word, members, "tool_choice") }
            return try chosen(try RequestMembers(value, path: members.name("tool_choice")))
        }
        guard let value = members["function_call"] else { return nil }
        if let word = value.string { return try choice(word, members, "function_call") }
        return .tool(try RequestMembers(value, path: members.name("function_call")).requiredString("name"))
    }

    private static func choice(
        _ word: String,
        _ members: RequestMembers,
        _ key: String
    ) throws(Failure) -> Conversation.ToolChoice {
        switch word {
        case "auto": .auto
        case "none": .none
        // Mistral and others say `any`.
        case "required", "any": .required
        default: throw members.wrong(key, "'auto', 'none', 'required' or an object")
        }
    }

    private static func chosen(_ members: RequestMembers) throws(Failure) -> Conversation.ToolChoice {
        switch try members.requiredString("type") {
        case "function":
            guard let function = try members.object("function") else { throw members.missing("function") }
            return .tool(try function.requiredString("name"))
        case "custom":
            guard let custom = try members.object("custom") else { throw members.missing("custom") }
            return .tool(try custom.requiredString("name"))
        case "allowed_tools":
            guard let allowed = try members.object("allowed_tools") else { throw members.missing("allowed_tools") }
            var names: [String] = []
            for (value, path) in try allowed.array("tools") ?? [] {
                let tool = try RequestMembers(value, path: path)
                if let function = try tool.object("function") { names.append(try function.requiredString("name")) }
                if let custom = try tool.object("custom") { names.append(try custom.requiredString("name")) }
            }
            return .allowed(names, required: try allowed.string("mode") == "required")
        case let other: throw members.wrong("type", "'function', 'custom' or 'allowed_tools', not '\(other)'")
        }
    }
}
