import ElkWire

/// A chat body → `Conversation`.
enum ChatRequestReader {
    static func read(_ body: JSONSlice) throws(Failure) -> Conversation {
        let members = try RequestMembers(body)
        var conversation = Conversation(model: try members.requiredString("model"))
        guard let messages = try members.array("messages") else { throw members.missing("messages") }
        guard !messages.isEmpty else { throw members.wrong("messages", "an array with at least one message") }
        var reader = ChatMessageReader()
        for message in messages {
            try reader.read(try RequestMembers(message.value, path: message.path), into: &conversation)
        }
        conversation.sampling = try sampling(members)
        conversation.maxOutputTokens = try maxTokens(members)
        conversation.output = try outputFormat(members)
        conversation.reasoning = try reasoning(members)
        conversation.tools = try ChatToolReader.tools(members)
        conversation.toolChoice = try ChatToolReader.choice(members)
        conversation.parallelTools = try members.bool("parallel_tool_calls")
        if members["functions"] != nil { conversation.parallelTools = false }
        conversation.streams = try members.bool("stream") ?? false
        if let options = try members.object("stream_options") {
            conversation.wantsStreamUsage = try options.bool("include_usage") ?? false
        }
        conversation.user = try members.string("user")
        if conversation.user == nil { conversation.user = try members.string("safety_identifier") }
        conversation.metadata = try metadata(members)
        conversation.verbosity = try members.string("verbosity")
        conversation.serviceTier = try members.string("service_tier")
        conversation.promptCacheKey = try members.string("prompt_cache_key")
        conversation.store = try members.bool("store")
        conversation.modalities = try members.strings("modalities").filter { $0 != "text" }
        conversation.dropped = reader.dropped + members.unread(besides: known)
        return conversation
    }

    private static let known: Set<String> = [
        "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "top_p",
        "top_k", "n", "stop", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "top_logprobs", "seed",
        "response_format", "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call",
        "reasoning_effort", "reasoning", "thinking", "enable_thinking", "verbosity", "modalities", "service_tier",
        "store", "metadata", "user", "safety_identifier", "prompt_cache_key", "web_search_options",
    ]

    private static func sampling(_ members: RequestMembers) throws(Failure) -> Conversation.Sampling {
        var sampling = Conversation.Sampling()
        sampling.temperature = try members.double("temperature")
        sampling.topP = try members.double("top_p")
        sampling.topK = try members.int("top_k")
        sampling.seed = try members.int("seed")
        sampling.presencePenalty = try members.double("presence_penalty")
        sampling.frequencyPenalty = try members.double("frequency_penalty")
        sampling.stop = try members.strings("stop")
        sampling.n = try members.int("n")
        sampling.logprobs = try members.bool("logprobs")
        sampling.topLogprobs = try members.int("top_logprobs")
        sampling.logitBias = members["logit_bias"]
        if let n = sampling.n, !(1...128).contains(n) { throw members.wrong("n", "between 1 and 128") }
        return sampling
    }

    private static func maxTokens(_ members: RequestMembers) throws(Failure) -> Int? {
        for key in ["max_completion_tokens", "max_tokens"] {
            guard let count = try members.int(key) else { continue }
            guard count > 0 else { throw members.wrong(key, "at least 1") }
            return count
        }
        return nil
    }

    private static func outputFormat(_ members: RequestMembers) throws(Failure) -> Conversation.OutputFormat {
        guard let format = try members.object("response_format") else { return .text }
        switch try format.requiredString("type") {
        case "text": return .text
        case "json_object": return .jsonObject
        case "json_schema":
            guard let schema = try format.object("json_schema") else { throw format.missing("json_schema") }
            guard let definition = schema["schema"] else { throw schema.missing("schema") }
            return .jsonSchema(
                name: try schema.string("name"),
                description: try schema.string("description"),
                schema: definition,
                strict: try schema.bool("strict")
            )
        default: throw format.wrong("type", "'text', 'json_object' or 'json_schema'")
        }
    }

    /// OpenAI's `reasoning_effort`, and what the servers of its family have instead.
    private static func reasoning(_ members: RequestMembers) throws(Failure) -> Conversation.ReasoningWish? {
        if let text = try members.string("reasoning_effort") {
            return try wish(effort: text, members, "reasoning_effort")
        }
        if let reasoning = try members.object("reasoning") {
            var wish = Conversation.ReasoningWish(.on)
            if let text = try reasoning.string("effort") {
                wish = try Self.wish(effort: text, reasoning, "effort")
            }
            wish.budget = try reasoning.int("max_tokens").map { max(0, $0) }
            if try reasoning.bool("enabled") == false { wish.mode = .off }
            wish.wantsText = try reasoning.bool("exclude").map { !$0 }
            return wish
        }
        if let thinking = try members.object("thinking") {
            let budget = try thinking.int("budget_tokens").map { max(0, $0) }
            switch try thinking.requiredString("type") {
            case "disabled": return .init(.off)
            case "adaptive", "auto": return .init(.adaptive, budget: budget)
            default: return .init(.on, budget: budget)
            }
        }
        return try members.bool("enable_thinking").map { .init($0 ? .on : .off) }
    }

    private static func wish(
        effort text: String,
        _ members: RequestMembers,
        _ key: String
    ) throws(Failure) -> Conversation.ReasoningWish {
        guard let effort = Conversation.ReasoningWish.Effort(rawValue: text) else {
            throw members.wrong(key, "one of none, minimal, low, medium, high, xhigh, max")
        }
        return .init(effort == .none ? .off : .on, effort: effort)
    }

    private static func metadata(_ members: RequestMembers) throws(Failure) -> [String: String] {
        guard let object = members["metadata"] else { return [:] }
        guard object.kind == .object else { throw members.wrong("metadata", "an object") }
        var pairs: [String: String] = [:]
        for (key, value) in object.members {
            if let text = value.string { pairs[key.string] = text }
        }
        return pairs
    }
}
