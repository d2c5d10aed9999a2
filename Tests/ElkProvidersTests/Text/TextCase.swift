@testable import ElkProviders

/// What is tried between every two formats (contract 1.21.6).
enum TextCase: String, CaseIterable, Sendable {
    case text, stream, tools, parallelTools, image, reasoning, error, stop, usage, cacheUsage

    var title: String {
        switch self {
        case .parallelTools: "parallel tools"
        case .cacheUsage: "cache usage"
        default: rawValue
        }
    }

    /// The request that every fixture says in its format, beside its own model's name.
    var request: ConversationSummary {
        switch self {
        case .text, .usage, .cacheUsage, .error:
            .init(["system text Be brief.", "user text Hello", "max 100", "temperature 0.0"])
        case .stream: .init(["system text Be brief.", "user text Hello", "max 100", "temperature 0.0", "streams"])
        case .tools:
            .init(
                ["user text Weather in Oslo?", "assistant call weather {\"city\":\"Oslo\"}"]
                    + ["user result of weather 4 degrees"] + Self.tool + ["choice required", "max 100"]
            )
        case .parallelTools:
            .init(
                ["user text Weather in Oslo and Rome?"]
                    + ["assistant text I look.", "assistant call weather {\"city\":\"Oslo\"}"]
                    + ["assistant call weather {\"city\":\"Rome\"}"]
                    + ["user result of weather 4 degrees", "user result of weather 19 degrees"]
                    + Self.tool + ["choice auto", "max 100"]
            )
        case .image:
            .init([
                "user text What is this?", "user image base64(\"iVBORw0KGgo=\", mediaType: \"image/png\")", "max 100",
            ])
        case .reasoning: .init(["user text Think.", "max 32000", "effort high"])
        case .stop: .init(["user text Count.", "max 100", "stop [\"7\", \"\\n\\n\"]"])
        }
    }

    private static let tool = [
        #"tool weather {"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"#
    ]

    /// The answer that every fixture says in its format.
    var answer: AnswerSummary {
        switch self {
        case .text, .stream, .error, .image:
            .init(["text Hei \"du\" [DONE] €."], stop: "stop", usage: "in 9 read 0 out 4 thought 0")
        case .tools:
            .init([#"call weather {"city":"Oslo"}"#], stop: "tool_calls", usage: "in 9 read 0 out 4 thought 0")
        case .parallelTools:
            .init(
                ["text I look.", #"call weather {"city":"Oslo"}"#, #"call weather {"city":"Rome"}"#],
                stop: "tool_calls",
                usage: "in 9 read 0 out 4 thought 0"
            )
        case .reasoning:
            .init(["thought Let me see.", "text 42"], stop: "stop", usage: "in 9 read 0 out 40 thought 30")
        case .stop: .init(["text 1 2 3"], stop: "length", usage: "in 9 read 0 out 4 thought 0")
        case .usage: .init(["text Hei"], stop: "stop", usage: "in 1000 read 0 out 20 thought 0")
        case .cacheUsage: .init(["text Hei"], stop: "stop", usage: "in 100 read 900 out 20 thought 0")
        }
    }
}

/// One format's way to say each case.
///
/// Written by hand from its documentation, so that our own writers are not their own judges.
protocol TextFixture: SendableMetatype {
    static var format: TextFormat { get }
    /// A model whose upstream takes what the case wants.
    static func model(_ textCase: TextCase) -> String
    /// A client's request, without surprises in it.
    static func request(_ textCase: TextCase) -> String
    /// A whole answer of an upstream; of `error`, the body of a failure with a good status.
    static func answer(_ textCase: TextCase) -> String
    /// The same answer streamed; of `error`, a stream that breaks off with an error event after some text.
    static func stream(_ textCase: TextCase) -> String
    /// What is wrong with a client's stream by the rules of the format, found without our readers. `isComplete` says
    /// whether it must have its terminal event or must not.
    static func faults(in stream: String, isComplete: Bool) -> [String]
}

/// Everything that is tried.
///
/// Another format joins by its line here.
let textFixtures: [any TextFixture.Type] = [
    ChatFixture.self, ResponsesFixture.self, MessagesFixture.self, GeminiFixture.self,
]
