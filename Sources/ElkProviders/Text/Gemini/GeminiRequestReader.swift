import ElkWire
import NIOCore

/// A generateContent body → `Conversation`, without the model and the wish to stream, which stand in the path.
enum GeminiRequestReader {
    static func read(_ body: JSONSlice) throws(Failure) -> Conversation {
        let members = try RequestMembers(body)
        var conversation = Conversation(model: try members.string("model") ?? "")
        conversation.wantsStreamUsage = true
        var reader = GeminiContentReader()
        if let system = try members.object(members.spelling("systemInstruction")) {
            conversation.turns.append(.init(.system, try reader.parts(system)))
        } else if let text = members.both("systemInstruction")?.string {
            conversation.turns.append(.init(.system, [.text(text)]))
        }
        try contents(members, &reader, into: &conversation)
        try tools(members, into: &conversation)
        try choice(members, into: &conversation)
        if let config = try members.object(members.spelling("generationConfig")) {
            try GeminiConfigReader.read(config, into: &conversation)
        }
        conversation.dropped += reader.dropped + members.unreadInBothSpellings(besides: known)
        return conversation
    }

    private static let known: Set<String> = [
        "model", "contents", "systemInstruction", "tools", "toolConfig", "generationConfig",
    ]

    private static func contents(
        _ members: RequestMembers,
        _ reader: inout GeminiContentReader,
        into conversation: inout Conversation
    ) throws(Failure) {
        guard let value = members["contents"] else { throw members.missing("contents") }
        if let text = value.string {
            conversation.turns.append(.init(.user, [.text(text)]))
            return
        }
        var list = [(value: value, path: "contents")]
        if value.kind == .array { list = try members.array("contents") ?? [] }
        guard !list.isEmpty else { throw members.wrong("contents", "an array with at least one content") }
        for (value, path) in list {
            try reader.read(try RequestMembers(value, path: path), into: &conversation)
        }
    }

    // MARK: Tools

    private static func tools(_ members: RequestMembers, into conversation: inout Conversation) throws(Failure) {
        guard members["tools"] != nil else { return }
        for (value, path) in try members.array("tools") ?? [] {
            let tool = try RequestMembers(value, path: path)
            let declarations = tool.spelling("functionDeclarations")
            for (value, path) in try tool.array(declarations) ?? [] {
                conversation.tools.append(try function(try RequestMembers(value, path: path)))
            }
            for (key, _) in value.members where key != "functionDeclarations" && key != "function_declarations" {
                let name = key.string
                conversation.tools.append(
                    .init(.builtIn(builtIn(name), definition: value, of: .geminiGenerate), name: name)
                )
            }
        }
    }

    private static func function(_ members: RequestMembers) throws(Failure) -> Conversation.Tool {
        let name = try members.requiredString("name")
        let description = try members.string("description")
        if let schema = members.both("parametersJsonSchema") {
            return .init(name: name, description: description, parameters: schema)
        }
        return .init(
            name: name,
            description: description,
            parameters: members["parameters"].flatMap(GeminiSchema.jsonSchema)
        )
    }

    private static func builtIn(_ name: String) -> Conversation.Tool.BuiltIn {
        switch name {
        case "googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval": .webSearch
        case "codeExecution", "code_execution": .codeExecution
        case "urlContext", "url_context": .webFetch
        case "fileSearch", "file_search": .fileSearch
        default: .other(name)
        }
    }

    private static func choice(_ members: RequestMembers, into conversation: inout Conversation) throws(Failure) {
        guard let config = try members.object(members.spelling("toolConfig")) else { return }
        guard let calling = try config.object(config.spelling("functionCallingConfig")) else { return }
        let names = try calling.strings(calling.spelling("allowedFunctionNames"))
        switch try calling.string("mode")?.uppercased() {
        case "ANY":
            conversation.toolChoice =
                names.isEmpty ? .required : names.count == 1 ? .tool(names[0]) : .allowed(names, required: true)
        case "NONE": conversation.toolChoice = Conversation.ToolChoice.none
        case "AUTO", "VALIDATED", "MODE_UNSPECIFIED":
            conversation.toolChoice = names.isEmpty ? .auto : .allowed(names, required: false)
        case nil: break
        default: throw calling.wrong("mode", "'AUTO', 'ANY', 'NONE' or 'VALIDATED'")
        }
    }
}
