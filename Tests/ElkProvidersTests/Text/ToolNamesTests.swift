import ElkWire
import NIOCore
import Testing

@testable import ElkProviders

struct ToolNamesTests {
    private let long = "mcp__" + String(repeating: "server_", count: 10) + "list.files"

    private var request: String {
        """
        {"model":"m","max_tokens":9,"stream":true,"tools":[{"name":"\(long)"}],"tool_choice":{"type":"tool","name":"\(long)"},\
        "messages":[{"role":"user","content":"Go"},{"role":"assistant","content":[{"type":"tool_use",\
        "id":"\(String(repeating: "i", count: 60))","name":"\(long)","input":{}}]},{"role":"user","content":[\
        {"type":"tool_result","tool_use_id":"\(String(repeating: "i", count: 60))","content":"x"}]}]}
        """
    }

    @Test func `long names and ids are shortened alike wherever they stand, and restored in answers`() throws {
        let run = TextRun(.anthropicMessages, to: .openAIChat, request)
        let root = try JSONSlice(try run.sent().body)
        let name = try #require(root["tools"]?[0]?["function", "name"]?.string)
        #expect(name.utf8.count <= 64)
        #expect(!name.contains("."))
        #expect(root["tool_choice", "function", "name"]?.string == name)
        let call = try #require(root["messages"]?[1]?["tool_calls"]?[0])
        #expect(call["function", "name"]?.string == name)
        let id = try #require(call["id"]?.string)
        #expect(id.utf8.count <= 40)
        #expect(root["messages"]?[2]?["tool_call_id"]?.string == id)

        let answer = try run.answer(
            """
            {"choices":[{"index":0,"message":{"content":null,"tool_calls":[{"id":"c","type":"function","function":\
            {"name":"\(name)","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}
            """
        )
        #expect(answer.contains("\"name\":\"\(long)\""))
        let streamed = try run.stream(
            events(
                """
                {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","function":{"name":"\(name)",\
                "arguments":"{}"}}]},"finish_reason":"tool_calls"}]}
                """,
                "[DONE]"
            )
        )
        #expect(streamed.text.contains("\"name\":\"\(long)\""))
    }

    @Test func `what fits stays as it is`() throws {
        #expect(ToolID.fit("toolu_01AbC-9") == "toolu_01AbC-9")
        #expect(ToolID.fit(name: "get_weather") == "get_weather")
        #expect(ToolID.fit("") != "")
    }

    @Test func `names that begin alike stay apart`() {
        let head = String(repeating: "a", count: 70)
        #expect(ToolID.fit(name: head + "x") != ToolID.fit(name: head + "y"))
    }

    @Test func `free-text tools go up as functions and come back as free text`() throws {
        let request = """
            {"model":"m","messages":[{"role":"user","content":"Go"},{"role":"assistant","tool_calls":[{"id":"a",\
            "type":"custom","custom":{"name":"patch","input":"*** Begin"}}]},{"role":"tool","tool_call_id":"a",\
            "content":"ok"}],"tools":[{"type":"custom","custom":{"name":"patch","description":"d","format":\
            {"type":"grammar","grammar":{"definition":"g"}}}}]}
            """
        let run = TextRun(.openAIChat, to: .anthropicMessages, request)
        let body = try run.sent().body
        #expect(
            body.contains(
                #""input_schema":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"#
            )
        )
        #expect(body.contains(#""input":{"input":"*** Begin"}"#))
        let answer = try run.answer(
            """
            {"content":[{"type":"tool_use","id":"t","name":"patch","input":{"input":"*** End\\n"}}],"stop_reason":"tool_use"}
            """
        )
        #expect(answer.contains(#"{"id":"t","type":"custom","custom":{"name":"patch","input":"*** End\n"}}"#))
        let streamed = try run.stream(
            typedEvents(
                #"{"type":"message_start","message":{"id":"msg_1","model":"m"}}"#,
                #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"patch","input":{}}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"input\":\"ab"}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"c\"}"}}"#,
                #"{"type":"content_block_stop","index":0}"#,
                #"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":3}}"#,
                #"{"type":"message_stop"}"#
            )
        )
        #expect(streamed.text.contains(#""custom":{"name":"patch","input":""}"#))
        #expect(streamed.text.contains(#""custom":{"input":"abc"}"#))
    }
}
