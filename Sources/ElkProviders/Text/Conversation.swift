package import ElkWire

/// A request for text, in no provider's terms.
///
/// Conventions that readers keep and writers may rely on:
/// - Instructions at any place are turns of role `system` or `developer`, in their order.
/// - Tool results are parts of **user** turns, before anything else in the turn; the results of one round of calls
///   stand in one turn (`appendToolResult`). Other neighbouring turns of one role are not merged.
/// - An assistant turn holds reasoning, text and tool calls in the order in which they were produced.
/// - A value that the client did not write is nil, an explicit zero is kept.
package struct Conversation: Sendable {
    package enum Role: Sendable, Hashable { case system, developer, user, assistant }

    package struct Turn: Sendable {
        package var role: Role
        package var parts: [Part]
        package var name: String?

        package init(_ role: Role, _ parts: [Part], name: String? = nil) {
            self.role = role
            self.parts = parts
            self.name = name
        }
    }

    /// The name as the client wrote it; writers take the upstream's name from `WriteContext`.
    package var model: String
    package var turns: [Turn] = []
    package var tools: [Tool] = []
    package var toolChoice: ToolChoice?
    /// False: at most one call a turn.
    package var parallelTools: Bool?
    package var sampling = Sampling()
    package var maxOutputTokens: Int?
    package var output = OutputFormat.text
    package var reasoning: ReasoningWish?
    package var streams = false
    /// The client wants usage in its stream: always true in formats that always send it.
    package var wantsStreamUsage = false
    /// The end user, as the client names him.
    package var user: String?
    package var metadata: [String: String] = [:]
    /// `low`, `medium`, `high`.
    package var verbosity: String?
    package var serviceTier: String?
    package var promptCacheKey: String?
    package var store: Bool?
    /// Kinds of output other than text that are wanted: `image`, `audio`.
    package var modalities: [String] = []
    /// Members that cannot be carried, by their path in the client's body (`logit_bias`, `tools[2]`).
    ///
    /// For `x-elk-dropped`, in the order found.
    package var dropped: [String] = []

    package init(model: String) {
        self.model = model
    }

    /// Adds a tool's result: to the last turn where that already holds only results, else as a turn of its own.
    package mutating func appendToolResult(_ result: Part.ToolResult) {
        if let last = turns.last, last.role == .user,
            last.parts.allSatisfy({ if case .toolResult = $0 { true } else { false } })
        {
            turns[turns.count - 1].parts.append(.toolResult(result))
        } else {
            turns.append(Turn(.user, [.toolResult(result)]))
        }
    }

    /// The name of the tool that the call `id` called, for formats that want it beside the result.
    package func toolName(ofCall id: String) -> String? {
        for turn in turns.reversed() where turn.role == .assistant {
            for case .toolCall(let call) in turn.parts where call.id == id { return call.name }
        }
        return nil
    }
}

extension Conversation {
    package struct Tool: Sendable {
        package enum Kind: Sendable {
            case function
            /// A tool that takes free text (OpenAI `custom`); the value is its `format`.
            case custom(JSONSlice?)
            /// A tool that the provider runs itself; the value is the tool as the client defined it.
            case builtIn(BuiltIn, definition: JSONSlice, of: TextFormat)
        }

        /// Tools of providers that more than one of them has.
        package enum BuiltIn: Sendable, Hashable {
            case webSearch, webFetch, codeExecution, fileSearch, imageGeneration
            case other(String)
        }

        package var kind: Kind
        package var name: String
        package var description: String?
        /// A JSON schema; nil means no parameters.
        package var parameters: JSONSlice?
        package var strict: Bool?
        package var cache: CacheMarker?

        package init(
            _ kind: Kind = .function,
            name: String,
            description: String? = nil,
            parameters: JSONSlice? = nil,
            strict: Bool? = nil,
            cache: CacheMarker? = nil
        ) {
            self.kind = kind
            self.name = name
            self.description = description
            self.parameters = parameters
            self.strict = strict
            self.cache = cache
        }
    }

    package enum ToolChoice: Sendable, Hashable {
        case auto, none, required
        case tool(String)
        /// Only these; at least one of them where `required`.
        case allowed([String], required: Bool)
    }

    package struct Sampling: Sendable {
        package var temperature: Double?
        package var topP: Double?
        package var topK: Int?
        package var seed: Int?
        package var presencePenalty: Double?
        package var frequencyPenalty: Double?
        package var stop: [String] = []
        /// How many answers.
        package var n: Int?
        package var logprobs: Bool?
        package var topLogprobs: Int?
        package var logitBias: JSONSlice?

        package init() {}
    }

    package enum OutputFormat: Sendable {
        case text
        case jsonObject
        case jsonSchema(name: String?, description: String?, schema: JSONSlice, strict: Bool?)
    }

    /// How much the model is to think.
    ///
    /// Formats say it in three ways, which a writer turns into its own.
    package struct ReasoningWish: Sendable, Hashable {
        package enum Mode: Sendable, Hashable {
            case off
            case on
            /// The model decides.
            case adaptive
        }

        package enum Effort: String, Sendable, Hashable, CaseIterable {
            case none, minimal, low, medium, high, xhigh, max
        }

        package var mode: Mode
        package var effort: Effort?
        /// Tokens, at least 0.
        package var budget: Int?
        /// The client wants to read the thoughts, or a summary of them; nil is the upstream's default.
        package var wantsText: Bool?

        package init(_ mode: Mode, effort: Effort? = nil, budget: Int? = nil, wantsText: Bool? = nil) {
            self.mode = mode
            self.effort = effort
            self.budget = budget
            self.wantsText = wantsText
        }
    }
}
