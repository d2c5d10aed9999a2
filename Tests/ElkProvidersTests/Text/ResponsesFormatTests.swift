import ElkWire
import NIOCore
import Testing

@testable import ElkProviders

struct ResponsesFormatTests {
    private static let ask = #"{"model":"m","input":"a"}"#

    private static func types(_ stream: String) -> [String] {
        stream.components("\n\n").compactMap { frame in
            frame.components("\n").first.map { String($0.dropFirst("event: ".count)) }
        }
    }

    /// Contract 1.25.
    @Test func `a call gives the events of the contract in their order`() throws {
        let run = TextRun(.openAIResponses, to: .openAIChat, Self.ask)
        let stream = try run.stream(ChatFixture.stream(.tools)).text
        #expect(
            Self.types(stream) == [
                "response.created", "response.in_progress", "response.output_item.added",
                "response.function_call_arguments.delta", "response.function_call_arguments.delta",
                "response.function_call_arguments.done", "response.output_item.done", "response.completed",
            ]
        )
    }

    @Test func `a text gives the events of the contract in their order`() throws {
        let run = TextRun(.openAIResponses, to: .anthropicMessages, Self.ask)
        let stream = try run.stream(MessagesFixture.stream(.usage)).text
        #expect(
            Self.types(stream) == [
                "response.created", "response.in_progress", "response.output_item.added",
                "response.content_part.added", "response.output_text.delta", "response.output_text.done",
                "response.content_part.done", "response.output_item.done", "response.completed",
            ]
        )
    }

    @Test func `a cut stream ends in a failed response with what there was`() throws {
        let run = TextRun(.openAIResponses, to: .openAIChat, Self.ask)
        let cut = #"data: {"id":"x","choices":[{"index":0,"delta":{"content":"ab"},"finish_reason":null}]}"# + "\n\n"
        let streamed = try run.stream(cut)
        #expect(streamed.failure != nil && !streamed.isComplete)
        let last = try #require(streamed.text.components("\n\n").last)
        let data = try JSONSlice(String(try #require(last.components("\n").last).dropFirst(6)))
        #expect(data["type"]?.string == "response.failed")
        #expect(data["response", "status"]?.string == "failed")
        #expect(data["response", "error", "code"]?.string == "server_error")
    }

    @Test func `the object repeats the request's settings`() throws {
        let ask =
            #"{"model":"m","input":"a","instructions":"be","temperature":0.30,"metadata":{"k":"v"},"tools":[{"type":"function","name":"f","parameters":null,"strict":true}]}"#
        let run = TextRun(.openAIResponses, to: .openAIChat, ask)
        let object = try JSONSlice(run.answer(ChatFixture.answer(.text)))
        #expect(object["object"]?.string == "response" && object["status"]?.string == "completed")
        #expect(object["temperature"]?.numberText == "0.30")
        #expect(object["instructions"]?.string == "be")
        #expect(object["metadata", "k"]?.string == "v")
        #expect(object["tools"]?[0]?["name"]?.string == "f")
        #expect(object["tool_choice"]?.string == "auto" && object["error"]?.isNull == true)
        #expect(object["id"]?.string?.hasPrefix("resp_") == true)
        #expect(object["output"]?[0]?["id"]?.string?.hasPrefix("msg_") == true)
    }

    @Test func `tools that the provider would run are refused where it cannot`() throws {
        let ask =
            #"{"model":"client-model","input":"a","tools":[{"type":"code_interpreter","container":{"type":"auto"}}]}"#
        for provider in ["ollama", "anthropic", "gemini"] {
            let failure = #expect(throws: Failure.self) {
                try exchange(call(.responses, ask), target(provider))
            }
            #expect(failure?.status == 400 && failure?.code == "unsupported_tool")
        }
        let native = try exchange(call(.responses, ask), target("openai"))
        #expect(native.request.text == ask.replacing("client-model", with: "up-model"))
        let search = #"{"model":"m","input":"a","tools":[{"type":"web_search"}]}"#
        #expect(try exchange(call(.responses, search), target("gemini")).request.text.contains("googleSearch"))
    }

    @Test(arguments: ["previous_response_id", "conversation", "prompt"])
    func `what only a store could resolve is refused`(member: String) throws {
        let ask = #"{"model":"m","input":"a","\#(member)":"x"}"#
        #expect(throws: Failure.self) { try TextRun(.openAIResponses, to: .openAIChat, ask).sent() }
    }

    @Test func `unknown items stay as they are in their own format and are named as dropped in others`() throws {
        let ask = #"{"model":"m","input":[{"role":"user","content":"a"},{"type":"future_call","id":"z","x":[1.50]}]}"#
        let conversation = try ResponsesFormat.readRequest(JSONSlice(ask))
        var dropped: [String] = []
        let own = try ResponsesFormat.writeRequest(conversation, WriteContext(model: "m"), dropped: &dropped)
        #expect(String(buffer: own).contains(#"{"type":"future_call","id":"z","x":[1.50]}"#))
        #expect(conversation.dropped == ["input[1]"])
        #expect(try !TextRun(.openAIResponses, to: .openAIChat, ask).sent().body.contains("future_call"))
    }

    @Test func `reasoning goes through a chat client and back with its id`() throws {
        let answer = """
            {"id":"resp_1","status":"completed","output":[{"type":"reasoning","id":"rs_9","summary":[{"type":"summary_text",\
            "text":"a"},{"type":"summary_text","text":"b"}],"encrypted_content":"gAAA"},{"type":"message","content":\
            [{"type":"output_text","text":"hi"}]}]}
            """
        let run = TextRun(
            .openAIChat,
            to: .openAIResponses,
            #"{"model":"m","messages":[{"role":"user","content":"q"}]}"#
        )
        let message = try #require(try JSONSlice(run.answer(answer))["choices"]?[0]?["message"])
        #expect(message["reasoning_content"]?.string == "a\n\nb")
        let back =
            #"{"model":"m","messages":[{"role":"user","content":"q"},\#(String(buffer: message.bytes)),{"role":"user","content":"r"}]}"#
        let sent = try JSONSlice(TextRun(.openAIChat, to: .openAIResponses, back).sent().body)
        let item = try #require(sent["input"]?[1])
        #expect(item["type"]?.string == "reasoning" && item["id"]?.string == "rs_9")
        #expect(item["encrypted_content"]?.string == "gAAA")
        #expect(sent["input"]?[2]?["content"]?[0]?["type"]?.string == "output_text")
    }

    @Test func `thoughts of other providers come back from a Responses client`() throws {
        let run = TextRun(.openAIResponses, to: .anthropicMessages, model: "claude-sonnet-4-5", Self.ask)
        let item = try #require(try JSONSlice(run.answer(MessagesFixture.answer(.reasoning)))["output"]?[0])
        #expect(item["type"]?.string == "reasoning")
        let back =
            #"{"model":"m","input":[{"role":"user","content":"a"},\#(String(buffer: item.bytes)),{"role":"user","content":"b"}]}"#
        let sent = try TextRun(.openAIResponses, to: .anthropicMessages, model: "claude-sonnet-4-5", back).sent().body
        #expect(sent.contains(#""signature":"c2ln""#))
    }

    @Test func `strict is off where the client did not ask for it`() throws {
        let sent = try TextRun(.openAIChat, to: .openAIResponses, ChatFixture.request(.tools)).sent()
        let body = try JSONSlice(sent.body)
        #expect(body["tools"]?[0]?["strict"]?.bool == false)
        #expect(body["store"]?.bool == false)
    }

    @Test func `several answers are refused, sampling that has no word is named`() throws {
        let many = #"{"model":"m","n":2,"messages":[{"role":"user","content":"a"}]}"#
        #expect(throws: Failure.self) { try TextRun(.openAIChat, to: .openAIResponses, many).sent() }
        let sampled =
            #"{"model":"m","stop":"x","seed":1,"logit_bias":{},"presence_penalty":1,"messages":[{"role":"user","content":"a"}]}"#
        let dropped = try TextRun(.openAIChat, to: .openAIResponses, sampled).sent().dropped
        #expect(Set(dropped) == ["stop", "seed", "logit_bias", "presence_penalty"])
    }

    @Test func `an item that speaks while another is open is told when it is done`() throws {
        let stream = [
            #"{"type":"response.created","response":{"id":"r","model":"m"}}"#,
            #"{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","call_id":"a","name":"f","arguments":""}}"#,
            #"{"type":"response.output_item.added","output_index":1,"item":{"type":"function_call","call_id":"b","name":"g","arguments":""}}"#,
            #"{"type":"response.function_call_arguments.delta","output_index":1,"delta":"{\"y\":2}"}"#,
            #"{"type":"response.function_call_arguments.delta","output_index":0,"delta":"{\"x\":1}"}"#,
            #"{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","call_id":"a","name":"f","arguments":"{\"x\":1}"}}"#,
            #"{"type":"response.output_item.done","output_index":1,"item":{"type":"function_call","call_id":"b","name":"g","arguments":"{\"y\":2}"}}"#,
            #"{"type":"response.completed","response":{"status":"completed","usage":{"input_tokens":1,"output_tokens":2,"total_tokens":3}}}"#,
        ].map { typedEvents($0) }.joined()
        let collector = try TextFormat.openAIResponses.collect(stream)
        #expect(collector.faults == [])
        #expect(AnswerSummary(collector.answer).parts == [#"call f {"x":1}"#, #"call g {"y":2}"#])
    }
}
