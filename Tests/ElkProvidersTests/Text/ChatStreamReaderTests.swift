import ElkWire
import NIOCore
import Testing

@testable import ElkProviders

/// What servers of the chat format do that the format's inventor does not.
struct ChatStreamReaderTests {
    private func collect(_ chunks: String...) throws -> AnswerCollector {
        let collector = try TextFormat.openAIChat.collect(chunks.map { "data: \($0)\n\n" }.joined())
        #expect(collector.faults == [])
        return collector
    }

    private func delta(_ delta: String, _ finish: String = "null") -> String {
        #"{"id":"1","model":"m","choices":[{"index":0,"delta":\#(delta),"finish_reason":\#(finish)}]}"#
    }

    private func call(_ index: String, _ id: String, _ name: String, _ arguments: String) -> String {
        let name = name.isEmpty ? "" : #""name":"\#(name)","#
        let index = index.isEmpty ? "" : #""index":\#(index),"#
        let id = id.isEmpty ? "" : #""id":"\#(id)","#
        return delta(#"{"tool_calls":[{\#(index)\#(id)"function":{\#(name)"arguments":"\#(arguments)"}}]}"#)
    }

    @Test func `calls that all say index 0 are told apart by their ids`() throws {
        let answer = try collect(
            call("0", "a", "f", "{}"),
            call("0", "b", "g", #"{\"x\":"#),
            call("0", "b", "", "1}"),
            delta("{}", "\"stop\""),
            "[DONE]"
        ).answer
        #expect(AnswerSummary(answer).parts == ["call f {}", #"call g {"x":1}"#])
        #expect(answer.choices[0].stop == .toolCalls)
    }

    @Test func `a call without index and id gets an id`() throws {
        let answer = try collect(call("", "", "f", "{}"), delta("{}", "\"tool_calls\""), "[DONE]").answer
        guard case .toolCall(let call) = answer.choices[0].parts[0] else {
            Issue.record("no call")
            return
        }
        #expect(call.id == "call_1")
    }

    @Test func `repeated ids and names are no new call`() throws {
        let answer = try collect(
            call("0", "a", "f", "{"),
            call("0", "a", "f", "}"),
            delta("{}", "\"tool_calls\""),
            "[DONE]"
        ).answer
        #expect(AnswerSummary(answer).parts == ["call f {}"])
    }

    @Test func `pieces of a call that is closed are an error and not lost`() {
        #expect(throws: Failure.self) {
            try collect(call("0", "a", "f", "{"), call("1", "b", "g", "{"), call("0", "", "", "}"))
        }
    }

    @Test func `an end without DONE is one after the finish, and none before it`() throws {
        #expect(try collect(delta(#"{"content":"x"}"#, "\"stop\"")).hasEnded)
        #expect(throws: Failure.self) { try collect(delta(#"{"content":"x"}"#)) }
        #expect(throws: Failure.self) { try collect() }
        #expect(throws: Failure.self) { try collect("[DONE]") }
    }

    @Test func `DONE without a finish reason ends the answer`() throws {
        let collector = try collect(delta(#"{"content":"x"}"#), "[DONE]")
        #expect(collector.hasEnded)
        #expect(collector.answer.choices[0].stop == .endOfTurn)
    }

    @Test func `reasoning goes by two names`() throws {
        let answer = try collect(delta(#"{"reasoning":"a"}"#), delta(#"{"reasoning_content":"b"}"#), "[DONE]").answer
        #expect(AnswerSummary(answer).parts == ["thought ab"])
    }

    @Test func `content in parts is text and thought`() throws {
        let answer = try collect(
            delta(#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}"#),
            delta(#"{"content":[{"type":"text","text":"x"}]}"#),
            "[DONE]"
        ).answer
        #expect(AnswerSummary(answer).parts == ["thought hm", "text x"])
    }

    @Test func `usage is read from the choice too, and from the last chunk that has it`() throws {
        let early =
            #"{"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":null}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#
        let late =
            #"{"choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":5,"completion_tokens":2}}]}"#
        #expect(try collect(early, late, "[DONE]").answer.usage?.inputTokens == 5)
    }

    @Test func `forged counts are clamped`() throws {
        let chunk = """
            {"choices":[],"usage":{"prompt_tokens":-5,"completion_tokens":99999999999999999999999,\
            "prompt_tokens_details":{"cached_tokens":7}}}
            """
        let usage = try #require(try collect(delta("{}", "\"stop\""), chunk, "[DONE]").answer.usage)
        #expect(usage.inputTokens == 0)
        #expect(usage.cacheReadTokens == 0)
        #expect((0...Usage.limit).contains(usage.outputTokens))
        #expect(throws: Failure.self) { try collect(#"{"choices":[],"usage":{"prompt_tokens":NaN}}"#) }
    }

    @Test func `several answers keep apart`() throws {
        func chunk(_ index: Int, _ text: String, _ finish: String) -> String {
            #"{"choices":[{"index":\#(index),"delta":{"content":"\#(text)"},"finish_reason":\#(finish)}]}"#
        }
        let answer = try collect(
            chunk(1, "b", "null"),
            chunk(0, "a", "null"),
            chunk(1, "B", "\"length\""),
            chunk(0, "A", "\"stop\""),
            "[DONE]"
        ).answer
        #expect(
            answer.choices.map { AnswerSummary(Answer(id: "", model: "", choices: [$0])).parts } == [
                ["text aA"], ["text bB"],
            ]
        )
        #expect(answer.choices.map(\.stop) == [.endOfTurn, .maxTokens])
    }

    @Test func `an error by the event's name is an error`() throws {
        let run = TextRun(.anthropicMessages, to: .openAIChat, MessagesFixture.request(.stream))
        let streamed = try run.stream("event: error\ndata: {\"message\":\"no\",\"type\":\"server_error\"}\n\n")
        #expect(streamed.failure != nil)
        #expect(streamed.text.hasPrefix("event: error\n"))
    }

    @Test func `text after tool calls is a part of its own`() throws {
        let answer = try collect(
            call("0", "a", "f", "{}"),
            delta(#"{"content":"done"}"#),
            delta("{}", "\"stop\""),
            "[DONE]"
        ).answer
        #expect(AnswerSummary(answer).parts == ["call f {}", "text done"])
    }
}
