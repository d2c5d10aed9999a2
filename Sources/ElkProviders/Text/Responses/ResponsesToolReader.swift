import ElkWire

/// Tools and the choice among them, which are flat here.
enum ResponsesToolReader {
    static func tools(_ members: RequestMembers) throws(Failure) -> [Conversation.Tool] {
        var tools: [Conversation.Tool] = []
        for (value, path) in try members.array("tools") ?? [] {
            tools.append(try tool(value, try RequestMembers(value, path: path)))
        }
        return tools
    }

    private static func tool(_ value: JSONSlice, _ members: RequestMembers) throws(Failure) -> Conversation.Tool {
        let type = try members.requiredString("type")
        switch type {
        case "function":
            if let parameters = members["parameters"], parameters.kind != .object {
                throw members.wrong("parameters", "an object")
            }
            return .init(
                name: try members.requiredString("name"),
                description: try members.string("description"),
                parameters: members["parameters"],
                strict: try members.bool("strict")
            )
        case "custom":
            return .init(
                .custom(members["format"]),
                name: try members.requiredString("name"),
                description: try members.string("description")
            )
        default: return .init(.builtIn(builtIn(type), definition: value, of: .openAIResponses), name: type)
        }
    }

    private static func builtIn(_ type: String) -> Conversation.Tool.BuiltIn {
        switch type {
        case "code_interpreter": .codeExecution
        case "file_search": .fileSearch
        case "image_generation": .imageGeneration
        // Also with the date of their version behind.
        case _ where type.hasPrefix("web_search"): .webSearch
        default: .other(type)
        }
    }

    static func choice(_ members: RequestMembers) throws(Failure) -> Conversation.ToolChoice? {
        guard let value = members["tool_choice"] else { return nil }
        if let word = value.string {
            switch word {
            case "auto": return .auto
            case "none": return Conversation.ToolChoice.none
            case "required": return .required
            default: throw members.wrong("tool_choice", "'auto', 'none', 'required' or an object")
            }
        }
        let choice = try RequestMembers(value, path: members.name("tool_choice"))
        switch try choice.requiredString("type") {
        case "function", "custom": return .tool(try choice.requiredString("name"))
        case "allowed_tools":
            var names: [String] = []
            for (value, _) in try choice.array("tools") ?? [] {
                if let name = value["name"]?.string { names.append(name) }
            }
            return .allowed(names, required: try choice.string("mode") == "required")
        // A tool that the provider runs: it is there or the request was refused.
        default: return .required
        }
    }
}
