import ElkWire
import NIOCore
import Testing

@testable import ElkProviders

struct CompletionsFormatTests {
    private func conversation(_ members: String) throws -> Conversation {
        try CompletionsFormat.readRequest(JSONSlice(#"{"model":"m",\#(members)}"#))
    }

    private func context(usage: Bool = false) throws -> AnswerContext {
        AnswerContext(
            model: "m",
            id: "r1",
            created: 5,
            wantsStreamUsage: usage,
            countedInput: 1,
            request: try JSONSlice("{}")
        )
    }

    @Test func `a prompt is one message of the user, with the old default limit`() throws {
        for prompt in [#""Say""#, #"["Say"]"#] {
            let conversation = try conversation(#""prompt":\#(prompt),"echo":true,"best_of":2"#)
            #expect(ConversationSummary(conversation).lines == ["user text Say", "max 16"])
            #expect(conversation.dropped == ["echo", "best_of"])
        }
    }

    @Test(arguments: ["[1,2]", "[[1,2]]", #"["a","b"]"#, "[]"])
    func `tokens and several prompts are refused`(_ prompt: String) {
        let failure = #expect(throws: Failure.self) { try conversation(#""prompt":\#(prompt)"#) }
        #expect(failure?.parameter == "prompt")
    }

    @Test func `the answer is text and nothing else`() throws {
        let answer = try ChatFormat.readAnswer(JSONSlice(ChatFixture.answer(.reasoning)))
        let text = String(buffer: CompletionsFormat.writeAnswer(answer, try context()))
        #expect(
            text.hasPrefix(
                """
                {"id":"cmpl-chatcmpl-1","object":"text_completion","created":1,"model":"up","choices":[{"text":"42",\
                "index":0,"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":40
                """
            )
        )
    }

    @Test func `a stream is text pieces, a finish and the terminator`() throws {
        var writer = CompletionsFormat.makeWriter(try context(usage: true))
        var reader = ChatFormat.makeReader()
        var parser = SSEParser()
        parser.append(ByteBuffer(string: ChatFixture.stream(.reasoning)))
        var out = ByteBuffer()
        var events: [AnswerEvent] = []
        while let event = try parser.next() { try reader.read(event, into: &events) }
        for event in events { writer.write(event, into: &out) }
        func chunk(_ choices: String, _ usage: String) -> String {
            """
            {"id":"cmpl-chatcmpl-1","object":"text_completion","created":1,"model":"up","choices":[\(choices)],\
            "usage":\(usage)}
            """
        }
        let usage = """
            {"prompt_tokens":9,"completion_tokens":40,"total_tokens":49,"prompt_tokens_details":{"cached_tokens":0},\
            "completion_tokens_details":{"reasoning_tokens":30}}
            """
        #expect(
            String(buffer: out)
                == ElkProvidersTests.events(
                    chunk(#"{"text":"42","index":0,"logprobs":null,"finish_reason":null}"#, "null"),
                    chunk(#"{"text":"","index":0,"logprobs":null,"finish_reason":"stop"}"#, "null"),
                    chunk("", usage),
                    "[DONE]"
                )
        )
    }
}
