import ElkWire

/// A Messages body → `Conversation`.
///
/// Reads `count_tokens` bodies too, which lack `max_tokens`.
enum MessagesRequestReader {
    static func read(_ body: JSONSlice) throws(Failure) -> Conversation {
        let members = try RequestMembers(body)
        var conversation = Conversation(model: try members.requiredString("model"))
        conversation.maxOutputTokens = try members.int("max_tokens")
        if let count = conversation.maxOutputTokens, count < 1 { throw members.wrong("max_tokens", "at least 1") }
        guard let messages = try members.array("messages") else { throw members.missing("messages") }
        guard !messages.isEmpty else { throw members.wrong("messages", "an array with at least one message") }
        let system = try MessagesContentReader.content(members, "system")
        if !system.isEmpty { conversation.turns.append(.init(.system, system)) }
        for (value, path) in messages {
            try read(message: try RequestMembers(value, path: path), into: &conversation)
        }
        conversation.sampling.temperature = try members.double("temperature")
        conversation.sampling.topP = try members.double("top_p")
        conversation.sampling.topK = try members.int("top_k")
        conversation.sampling.stop = try members.strings("stop_sequences")
        try tools(members, into: &conversation)
        try reasoning(members, into: &conversation)
        conversation.streams = try members.bool("stream") ?? false
        conversation.wantsStreamUsage = true
        if let metadata = try members.object("metadata") {
            conversation.user = try metadata.string("user_id")
        }
        conversation.serviceTier = try members.string("service_tier").map { $0 == "standard_only" ? "default" : $0 }
        conversation.dropped = members.unread(besides: known)
        return conversation
    }

    private static let known: Set<String> = [
        "model", "max_tokens", "messages", "system", "temperature", "top_p", "top_k", "stop_sequences", "stream",
        "tools",
        "tool_choice", "thinking", "output_config", "metadata", "service_tier",
    ]

    private static func read(message: RequestMembers, into conversation: inout Conversation) throws(Failure) {
        let parts = try MessagesContentReader.content(message, "content")
        switch try message.requiredString("role") {
        case "assistant": conversation.turns.append(.init(.assistant, parts))
        case "system": conversation.turns.append(.init(.system, parts))
        case "user":
            // The neutral order: results first, whatever the client wrote around them.
            var rest: [Part] = []
            for part in parts {
                if case .toolResult(let result) = part {
                    conversation.appendToolResult(result)
                } else {
                    rest.append(part)
                }
            }
            guard rest.count < parts.count else {
                conversation.turns.append(.init(.user, rest))
                return
            }
            conversation.turns[conversation.turns.count - 1].parts += rest
        case let role: throw message.wrong("role", "'user' or 'assistant', not '\(role)'")
        }
    }

    // MARK: Tools

    private static func tools(_ members: RequestMembers, into conversation: inout Conversation) throws(Failure) {
        for (value, path) in try members.array("tools") ?? [] {
            conversation.tools.append(try tool(value, try RequestMembers(value, path: path)))
        }
        guard let choice = try members.object("tool_choice") else { return }
        switch try choice.requiredString("type") {
        case "auto": conversation.toolChoice = .auto
        case "any": conversation.toolChoice = .required
        case "none": conversation.toolChoice = Conversation.ToolChoice.none
        case "tool": conversation.toolChoice = .tool(try choice.requiredString("name"))
        default: throw choice.wrong("type", "'auto', 'any', 'tool' or 'none'")
        }
        conversation.parallelTools = try choice.bool("disable_parallel_tool_use").map { !$0 }
    }

    private static func tool(_ value: JSONSlice, _ members: RequestMembers) throws(Failure) -> Conversation.Tool {
        let type = try members.string("type") ?? "custom"
        guard type == "custom" else {
            let name = try members.string("name") ?? type
            return .init(.builtIn(builtIn(type), definition: value, of: .anthropicMessages), name: name)
        }
        if let schema = members["input_schema"], schema.kind != .object {
            throw members.wrong("input_schema", "an object")
        }
        return .init(
            name: try members.requiredString("name"),
            description: try members.string("description"),
            parameters: members["input_schema"],
            strict: try members.bool("strict"),
            cache: try ChatMessageReader.cacheMarker(members)
        )
    }

    /// Types carry the date of their version: `web_search_20250305`.
    private static func builtIn(_ type: String) -> Conversation.Tool.BuiltIn {
        if type.hasPrefix("web_search") { return .webSearch }
        if type.hasPrefix("web_fetch") { return .webFetch }
        if type.hasPrefix("code_execution") { return .codeExecution }
        return .other(type)
    }

    // MARK: Reasoning and output

    private static func reasoning(_ members: RequestMembers, into conversation: inout Conversation) throws(Failure) {
        if let thinking = try members.object("thinking") {
            let text: Bool? = try thinking.string("display").map { $0 != "omitted" }
            switch try thinking.requiredString("type") {
            case "disabled": conversation.reasoning = .init(.off)
            case "adaptive": conversation.reasoning = .init(.adaptive, wantsText: text)
            case "enabled":
                let budget = try thinking.int("budget_tokens").map { max(0, $0) }
                conversation.reasoning = .init(.on, budget: budget, wantsText: text)
            default: throw thinking.wrong("type", "'enabled', 'adaptive' or 'disabled'")
            }
        }
        guard let output = try members.object("output_config") else { return }
        if let text = try output.string("effort"), let effort = Conversation.ReasoningWish.Effort(rawValue: text) {
            // Effort alone does not make a model think here, so it must not elsewhere.
            conversation.reasoning?.effort = effort
        }
        guard let format = try output.object("format") else { return }
        guard try format.requiredString("type") == "json_schema" else { throw format.wrong("type", "'json_schema'") }
        guard let schema = format["schema"] else { throw format.missing("schema") }
        conversation.output = .jsonSchema(
            name: try format.string("name"),
            description: nil,
            schema: schema,
            strict: true
        )
    }
}
