import ElkWire
import NIOCore
import Testing

@testable import ElkProviders

/// Streams, byte for byte, as the contract writes them out (1.25).
struct StreamGoldenTests {
    private let chatRequest = """
        {"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true,"stream_options":{"include_usage":true}}
        """
    private let messagesRequest =
        #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi"}],"stream":true}"#

    private let chatStream = events(
        """
        {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":\
        {"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_1","type":"function","function":\
        {"name":"f","arguments":""}}]},"finish_reason":null}],"usage":null}
        """,
        """
        {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":\
        {"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\":1}"}}]},"finish_reason":null}],"usage":null}
        """,
        """
        {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},\
        "finish_reason":"tool_calls"}],"usage":null}
        """,
        """
        {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":\
        {"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}
        """,
        "[DONE]"
    )

    private let messagesStream = typedEvents(
        """
        {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],\
        "stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":1}}}
        """,
        """
        {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}
        """,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}}"#,
        #"{"type":"content_block_stop","index":0}"#,
        """
        {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},\
        "usage":{"input_tokens":9,"output_tokens":4}}
        """,
        #"{"type":"message_stop"}"#
    )

    @Test func `a chat stream as a Messages client sees it`() throws {
        let run = TextRun(.anthropicMessages, to: .openAIChat, messagesRequest)
        let usage = #"{"input_tokens":9,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":4}"#
        let streamed = try run.stream(chatStream)
        let start = try #require(streamed.text.components("\n\n").first)
        #expect(start.hasPrefix("event: message_start\n"))
        #expect(start.contains(#""id":"msg_chatcmpl-1""#))
        let rest = streamed.text.components("\n\n").dropFirst().joined(separator: "\n\n") + "\n\n"
        #expect(
            rest
                == typedEvents(
                    """
                    {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"call_1","name":"f",\
                    "input":{}}}
                    """,
                    """
                    {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\":1}"}}
                    """,
                    #"{"type":"content_block_stop","index":0}"#,
                    #"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":\#(usage)}"#,
                    #"{"type":"message_stop"}"#
                )
        )
    }

    @Test func `a Messages stream as a chat client sees it`() throws {
        let run = TextRun(.openAIChat, to: .anthropicMessages, chatRequest)
        func chunk(_ choices: String, _ usage: String = "null") -> String {
            """
            {"id":"chatcmpl-msg_1","object":"chat.completion.chunk","created":1700000000,"model":"m","choices":[\(choices)],\
            "usage":\(usage)}
            """
        }
        func delta(_ delta: String) -> String { chunk(#"{"index":0,"delta":\#(delta),"finish_reason":null}"#) }
        let usage = """
            {"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":0},\
            "completion_tokens_details":{"reasoning_tokens":0}}
            """
        #expect(
            try run.stream(messagesStream).text
                == events(
                    delta(#"{"role":"assistant","content":""}"#),
                    delta(
                        """
                        {"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"f","arguments":""}}]}
                        """
                    ),
                    delta(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]}"#),
                    chunk(#"{"index":0,"delta":{},"finish_reason":"tool_calls"}"#),
                    chunk("", usage),
                    "[DONE]"
                )
        )
    }

    @Test func `a client that did not ask for usage gets none, and the bill has it`() throws {
        let run = TextRun(
            .openAIChat,
            to: .anthropicMessages,
            #"{"model":"m","messages":[{"role":"user","content":"Hi"}],"stream":true}"#
        )
        let streamed = try run.stream(messagesStream)
        #expect(!streamed.text.contains("usage"))
        #expect(streamed.usage?.inputTokens == 9)
        #expect(streamed.usage?.outputTokens == 4)
    }

    @Test func `a client of functions gets a function call`() throws {
        let run = TextRun(
            .openAIChat,
            to: .anthropicMessages,
            #"{"model":"m","messages":[{"role":"user","content":"Hi"}],"functions":[{"name":"f"}],"stream":true}"#
        )
        let text = try run.stream(messagesStream).text
        #expect(text.contains(#""delta":{"function_call":{"name":"f","arguments":""}}"#))
        #expect(text.contains(#""delta":{"function_call":{"arguments":"{\"a\":1}"}}"#))
        #expect(text.contains(#""finish_reason":"function_call""#))
        #expect(!text.contains("tool_calls"))
    }

    @Test func `thoughts reach chat clients as text and as what they can send back`() throws {
        let run = TextRun(.openAIChat, to: .anthropicMessages, model: "claude-sonnet-4-5", chatRequest)
        let text = try run.stream(MessagesFixture.stream(.reasoning)).text
        #expect(text.contains(#""delta":{"reasoning_content":"Let me "}"#))
        #expect(text.contains(#""delta":{"elk_reasoning":[{"signature":"elk.anthropicMessages.c2ln"}]}"#))
        let whole = try run.answer(MessagesFixture.answer(.reasoning))
        #expect(
            whole.contains(
                #""reasoning_content":"Let me see.","elk_reasoning":[{"text":"Let me see.","signature":"elk.anthropicMessages.c2ln"}]"#
            )
        )
    }

    @Test func `a keep-alive is a comment in chat and a ping in Messages`() {
        var chat = ByteBuffer()
        ChatStreamWriter.writeKeepAlive(into: &chat)
        #expect(String(buffer: chat) == ": keep-alive\n\n")
        var messages = ByteBuffer()
        MessagesStreamWriter.writeKeepAlive(into: &messages)
        #expect(String(buffer: messages) == typedEvents(#"{"type":"ping"}"#))
    }
}
