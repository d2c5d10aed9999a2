import ElkWire
import Testing

@testable import ElkProviders

/// Messages requests for chat upstreams, each trap of the contract's table 1.21.3: Claude Code on other models.
struct MessagesToChatTests {
    private func sent(_ members: String, model: String = "gpt-4.1") throws -> TextRun.Sent {
        try TextRun(.anthropicMessages, to: .openAIChat, model: model, #"{"model":"m","max_tokens":100,\#(members)}"#)
            .sent()
    }

    private let hello = #""messages":[{"role":"user","content":"Hi"}]"#

    @Test func `system blocks keep their order in one message`() throws {
        let body = try sent(
            """
            "system":[{"type":"text","text":"A","cache_control":{"type":"ephemeral"}},{"type":"text","text":"B"}],\(hello)
            """
        ).body
        #expect(
            body == """
                {"model":"gpt-4.1","messages":[{"role":"system","content":[{"type":"text","text":"A"},\
                {"type":"text","text":"B"}]},{"role":"user","content":"Hi"}],"max_tokens":100}
                """
        )
    }

    @Test func `results come before the text, and images in them follow`() throws {
        let body = try sent(
            """
            "messages":[{"role":"user","content":"Go"},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm",\
            "signature":"s"},{"type":"text","text":"I look."},{"type":"tool_use","id":"a","name":"f","input":{"x":[1, 2]}}]},\
            {"role":"user","content":[{"type":"text","text":"So?"},{"type":"tool_result","tool_use_id":"a","is_error":true,\
            "content":[{"type":"text","text":"bad"},{"type":"image","source":{"type":"url","url":"https://a.example/i"}}]}]}]
            """
        ).body
        let expected = """
            {"role":"assistant","content":"I look.","tool_calls":[{"id":"a","type":"function","function":{"name":"f",\
            "arguments":"{\\"x\\":[1, 2]}"}}]},{"role":"tool","tool_call_id":"a","content":"Error: bad"},\
            {"role":"user","content":[{"type":"text","text":"Shown by the tool call a:"},\
            {"type":"image_url","image_url":{"url":"https://a.example/i"}},{"type":"text","text":"So?"}]}]
            """
        #expect(body.contains(expected))
    }

    @Test func `thoughts go back to models that want them`() throws {
        let members = """
            "messages":[{"role":"user","content":"Go"},{"role":"assistant","content":[{"type":"thinking","thinking":"Hm",\
            "signature":""},{"type":"text","text":"42"}]},{"role":"user","content":"Why?"}]
            """
        #expect(try !sent(members).body.contains("Hm"))
        let body = try sent(members, model: "deepseek-reasoner").body
        #expect(body.contains(#"{"role":"assistant","content":"42","reasoning_content":"Hm"}"#))
    }

    @Test(arguments: [
        (#""thinking":{"type":"enabled","budget_tokens":4096}"#, "low"),
        (#""thinking":{"type":"enabled","budget_tokens":16384}"#, "medium"),
        (#""thinking":{"type":"enabled","budget_tokens":31999}"#, "high"),
        (#""thinking":{"type":"disabled"}"#, "none"),
        (#""thinking":{"type":"adaptive"},"output_config":{"effort":"max"}"#, "high"),
    ])
    func `budgets become efforts`(_ members: String, _ effort: String) throws {
        let body = try sent("\(hello),\(members)", model: "gpt-5.1").body
        #expect(body.contains(#""reasoning_effort":"\#(effort)""#))
        #expect(body.contains(#""max_completion_tokens":100"#))
    }

    @Test(arguments: [
        ("o3", "max", "high"), ("o3", "minimal", "low"), ("gpt-5", "none", "minimal"), ("gpt-5.1", "minimal", "low"),
        ("gpt-5.2", "max", "xhigh"), ("gpt-5.2", "medium", "medium"),
    ])
    func `efforts that a model does not know become the nearest`(_ model: String, _ wanted: String, _ sent: String) {
        let effort = Conversation.ReasoningWish.Effort(rawValue: wanted)
        #expect(effort.flatMap { ChatModelTraits(model).effort($0) }?.rawValue == sent)
    }

    @Test func `a limit beyond the model's is lowered to it`() throws {
        let request = #"{"model":"m","max_tokens":64000,"messages":[{"role":"user","content":"Hi"}]}"#
        let run = TextRun(.anthropicMessages, to: .openAIChat, model: "gpt-4o", request)
        #expect(try run.sent().body.contains(#""max_tokens":16384"#))
    }

    @Test func `models that cannot think are not asked to`() throws {
        let sent = try sent("\(hello),\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}")
        #expect(!sent.body.contains("reasoning"))
        #expect(sent.dropped == ["reasoning"])
        #expect(
            try self.sent("\(hello),\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}", model: "glm-4.6").body
                .contains(#""thinking":{"type":"enabled"}"#)
        )
    }

    @Test func `only four stop sequences go up, and the rest is named`() throws {
        let sent = try sent(hello + #","stop_sequences":["1","2","3","4","5"],"top_k":5,"context_management":{}"#)
        #expect(sent.body.contains(#""stop":["1","2","3","4"]"#))
        #expect(sent.dropped == ["context_management", "stop[4]", "top_k"])
    }

    @Test(arguments: [
        (#"{"type":"any"}"#, #""tool_choice":"required""#),
        (#"{"type":"none"}"#, #""tool_choice":"none""#),
        (#"{"type":"tool","name":"f"}"#, #""tool_choice":{"type":"function","function":{"name":"f"}}"#),
        (#"{"type":"auto","disable_parallel_tool_use":true}"#, #""tool_choice":"auto","parallel_tool_calls":false"#),
    ])
    func `the choice among tools is kept`(_ choice: String, _ expected: String) throws {
        let tools = #""tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}]"#
        let body = try sent("\(hello),\(tools),\"tool_choice\":\(choice)").body
        let function = #"{"name":"f","description":"d","parameters":{"type":"object"}}"#
        #expect(body.contains(#""tools":[{"type":"function","function":\#(function)}],\#(expected)"#))
    }

    @Test func `server tools that others do not have are dropped by name`() throws {
        let sent = try sent(
            hello
                + #","tools":[{"type":"bash_20250124","name":"bash"},{"type":"web_search_20250305","name":"web_search"}]"#
        )
        #expect(sent.dropped == ["tools[0]"])
        #expect(sent.body.contains(#""web_search_options":{}"#))
    }

    @Test func `a stream asks for usage, for the bill`() throws {
        let body = try sent(hello + #","stream":true"#).body
        #expect(body.hasSuffix(#""stream":true,"stream_options":{"include_usage":true}}"#))
    }

    @Test func `user and both kinds of images are carried`() throws {
        let body = try sent(
            """
            "metadata":{"user_id":"u1"},"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64",\
            "media_type":"image/gif","data":"R0lG"}},{"type":"document","source":{"type":"base64",\
            "media_type":"application/pdf","data":"JVBE"},"title":"a.pdf"}]}]
            """
        ).body
        #expect(body.contains(#""user":"u1""#))
        #expect(body.contains(#"{"type":"image_url","image_url":{"url":"data:image/gif;base64,R0lG"}}"#))
        #expect(
            body.contains(
                #"{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}}"#
            )
        )
    }

    @Test(arguments: [
        #""messages":[]"#, #""messages":"x""#, #""messages":[{"role":"robot","content":"x"}]"#,
        #""messages":[{"role":"user","content":[{"type":"text"}]}]"#, #""messages":[{"role":"user","content":5}]"#,
        #""messages":[{"role":"user","content":"x"}],"temperature":"hot""#,
    ])
    func `what is wrong is refused with the member's name`(_ members: String) {
        let failure = #expect(throws: Failure.self) { try sent(members) }
        #expect(failure?.status == 400)
        #expect(failure?.parameter != nil)
    }
}
