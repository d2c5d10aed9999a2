import ElkWire
import NIOCore

/// A Responses body → `Conversation`.
///
/// What only an upstream that keeps answers could look up (`previous_response_id`, `conversation`, `prompt`) must have been
/// resolved before; it is refused here, because leaving it out would change what is asked.
enum ResponsesRequestReader {
    static func read(_ body: JSONSlice) throws(Failure) -> Conversation {
        let members = try RequestMembers(body)
        var conversation = Conversation(model: try members.requiredString("model"))
        conversation.wantsStreamUsage = true
        for key in ["previous_response_id", "conversation", "prompt"] where members[key] != nil {
            throw .invalidRequest(
                "'\(key)' cannot be carried to this model's provider.",
                parameter: key,
                code: "unsupported_parameter"
            )
        }
        if let text = try members.string("instructions"), !text.isEmpty {
            conversation.turns.append(.init(.system, [.text(text)]))
        }
        try input(members, into: &conversation)
        conversation.tools = try ResponsesToolReader.tools(members)
        conversation.toolChoice = try ResponsesToolReader.choice(members)
        conversation.parallelTools = try members.bool("parallel_tool_calls")
        conversation.sampling.temperature = try members.double("temperature")
        conversation.sampling.topP = try members.double("top_p")
        if let count = try members.int("top_logprobs"), count > 0 {
            conversation.sampling.logprobs = true
            conversation.sampling.topLogprobs = count
        }
        if let count = try members.int("max_output_tokens") {
            guard count > 0 else { throw members.wrong("max_output_tokens", "at least 1") }
            conversation.maxOutputTokens = count
        }
        try text(members, into: &conversation)
        conversation.reasoning = try reasoning(members)
        conversation.streams = try members.bool("stream") ?? false
        conversation.user = try members.string("user")
        if conversation.user == nil { conversation.user = try members.string("safety_identifier") }
        if let metadata = members["metadata"], metadata.kind == .object {
            for (key, value) in metadata.members {
                if let text = value.string { conversation.metadata[key.string] = text }
            }
        }
        // Kept by Elk itself, and true where the client does not say: nothing that an upstream must be told.
        conversation.store = nil
        conversation.serviceTier = try members.string("service_tier")
        conversation.promptCacheKey = try members.string("prompt_cache_key")
        conversation.dropped += members.unread(besides: known)
        return conversation
    }

    /// `include` asks for what is given anyway or is lost with the tool it belongs to.
    private static let known: Set<String> = [
        "model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "temperature", "top_p",
        "top_logprobs", "max_output_tokens", "text", "reasoning", "stream", "stream_options", "user",
        "safety_identifier", "metadata", "store", "service_tier", "prompt_cache_key", "include",
    ]

    private static func input(_ members: RequestMembers, into conversation: inout Conversation) throws(Failure) {
        guard let value = members["input"] else { throw members.missing("input") }
        if let text = value.string {
            conversation.turns.append(.init(.user, [.text(text)]))
            return
        }
        guard value.kind == .array else { throw members.wrong("input", "a string or an array of items") }
        var reader = ResponsesItemReader()
        for (value, path) in try members.array("input") ?? [] {
            try reader.read(value, try RequestMembers(value, path: path), into: &conversation)
        }
    }

    private static func text(_ members: RequestMembers, into conversation: inout Conversation) throws(Failure) {
        guard let text = try members.object("text") else { return }
        conversation.verbosity = try text.string("verbosity")
        guard let format = try text.object("format") else { return }
        switch try format.requiredString("type") {
        case "text": break
        case "json_object": conversation.output = .jsonObject
        case "json_schema":
            guard let schema = format["schema"] else { throw format.missing("schema") }
            conversation.output = .jsonSchema(
                name: try format.string("name"),
                description: try format.string("description"),
                schema: schema,
                strict: try format.bool("strict")
            )
        default: throw format.wrong("type", "'text', 'json_object' or 'json_schema'")
        }
    }

    private static func reasoning(_ members: RequestMembers) throws(Failure) -> Conversation.ReasoningWish? {
        guard let reasoning = try members.object("reasoning") else { return nil }
        var summary = try reasoning.string("summary")
        if summary == nil { summary = try reasoning.string("generate_summary") }
        guard let text = try reasoning.string("effort") else {
            return summary.map { _ in .init(.adaptive, wantsText: true) }
        }
        guard let effort = Conversation.ReasoningWish.Effort(rawValue: text) else {
            throw reasoning.wrong("effort", "one of none, minimal, low, medium, high, xhigh, max")
        }
        return .init(effort == .none ? .off : .on, effort: effort, wantsText: summary.map { _ in true })
    }
}
