import ElkWire
import NIOCore
import Testing

@testable import ElkProviders

struct MessagesStreamReaderTests {
    private let start =
        #"{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":10,"cache_creation_input_tokens":30,"cache_read_input_tokens":5,"cache_creation":{"ephemeral_1h_input_tokens":20},"output_tokens":1}}}"#
    private let stop = #"{"type":"message_stop"}"#

    private func collect(_ data: String...) throws -> AnswerCollector {
        let collector = try TextFormat.anthropicMessages.collect(data.map { typedEvents($0) }.joined())
        #expect(collector.faults == [])
        return collector
    }

    @Test func `counts of the end join those of the start`() throws {
        let usage = try #require(
            try collect(
                start,
                #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":7,"server_tool_use":{"web_search_requests":2}}}"#,
                stop
            ).answer.usage
        )
        #expect(usage.inputTokens == 10)
        #expect(usage.cacheReadTokens == 5)
        #expect(usage.cacheWriteTokens == 10)
        #expect(usage.cacheWriteLongTokens == 20)
        #expect(usage.outputTokens == 7)
        #expect(usage.searches == 2)
    }

    @Test func `server tools are left out, without a gap in the parts`() throws {
        let answer = try collect(
            start,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"query\":\"x\"}"}}"#,
            #"{"type":"content_block_stop","index":0}"#,
            #"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
            #"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"found"}}"#,
            #"{"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://a.example","title":"A"}}}"#,
            #"{"type":"content_block_stop","index":1}"#,
            #"{"type":"message_delta","delta":{"stop_reason":"pause_turn"},"usage":{"output_tokens":7}}"#,
            stop
        ).answer
        guard case .text(let text)? = answer.choices.first?.parts.first else {
            Issue.record("no text")
            return
        }
        #expect(text.content == "found")
        #expect(text.citations == [.init(url: "https://a.example", title: "A")])
        #expect(answer.choices.first?.stop == .pause)
    }

    @Test func `a redacted thought keeps its data`() throws {
        let answer = try collect(
            start,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"xyz"}}"#,
            #"{"type":"content_block_stop","index":0}"#,
            stop
        ).answer
        guard case .reasoning(let thought)? = answer.choices.first?.parts.first else {
            Issue.record("no thought")
            return
        }
        #expect(thought.isRedacted)
        #expect(thought.seal == Seal("xyz", of: .anthropicMessages))
    }

    @Test func `a whole input at the start of a block is taken, and blocks without a stop are closed`() throws {
        let answer = try collect(
            start,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{"x":1}}}"#,
            #"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":"hi"}}"#,
            stop
        ).answer
        #expect(AnswerSummary(answer).parts == [#"call f {"x":1}"#, "text hi"])
        #expect(answer.choices.first?.stop == .toolCalls)
    }

    @Test func `an error event after text throws what the provider said, masked`() throws {
        let run = TextRun(.openAIChat, to: .anthropicMessages, ChatFixture.request(.stream))
        let streamed = try run.stream(MessagesFixture.stream(.error))
        #expect(streamed.failure?.kind == .overloaded)
        #expect(streamed.text.contains(#""content":"Hei""#))
        #expect(streamed.text.hasSuffix("\"code\":\"overloaded\"}}\n\n"))
        #expect(!streamed.text.contains("[DONE]"))
    }

    @Test func `a refusal is a content filter to chat clients`() throws {
        let run = TextRun(.openAIChat, to: .anthropicMessages, ChatFixture.request(.stream))
        let text = try run.stream(
            typedEvents(
                start,
                #"{"type":"message_delta","delta":{"stop_reason":"refusal","stop_sequence":null},"usage":{"output_tokens":1}}"#,
                stop
            )
        ).text
        #expect(text.contains(#""finish_reason":"content_filter""#))
    }
}
