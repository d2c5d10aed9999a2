import ElkWire
import Testing

@testable import ElkProviders

/// Chat requests for Messages upstreams, each trap of the contract's table 1.21.1.
struct ChatToMessagesTests {
    private func sent(_ members: String, model: String = "claude-sonnet-4-5") throws -> TextRun.Sent {
        try TextRun(.openAIChat, to: .anthropicMessages, model: model, #"{"model":"m",\#(members)}"#).sent()
    }

    private func messages(_ list: String) -> String { #""messages":[\#(list)]"# }

    private let hello = #""messages":[{"role":"user","content":"Hi"}]"#

    @Test func `system messages before the first turn become blocks, later ones keep their place`() throws {
        let body = try sent(
            messages(
                """
                {"role":"system","content":"A"},{"role":"developer","content":"B"},{"role":"user","content":"Hi"},\
                {"role":"assistant","content":"Hello"},{"role":"system","content":"C"},{"role":"user","content":"Bye"}
                """
            )
        ).body
        #expect(
            body == """
                {"model":"claude-sonnet-4-5","max_tokens":32000,"system":[{"type":"text","text":"A"},\
                {"type":"text","text":"B"}],"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]},\
                {"role":"assistant","content":[{"type":"text","text":"Hello"}]},{"role":"user","content":[\
                {"type":"text","text":"<system>\\nC\\n</system>"},{"type":"text","text":"Bye"}]}]}
                """
        )
    }

    @Test func `text beside tool calls is kept, and results in a row become one message with the text behind them`()
        throws
    {
        let body = try sent(
            messages(
                """
                {"role":"user","content":"Go"},{"role":"assistant","content":"I look.","tool_calls":[\
                {"id":"a","type":"function","function":{"name":"f","arguments":"{\\"x\\":1}"}},\
                {"id":"b","type":"function","function":{"name":"g","arguments":""}}]},\
                {"role":"tool","tool_call_id":"a","content":"1"},\
                {"role":"tool","tool_call_id":"b","content":[{"type":"text","text":"2"},\
                {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},\
                {"role":"user","content":"And?"}
                """
            )
        ).body
        let expected = """
            {"role":"assistant","content":[{"type":"text","text":"I look."},\
            {"type":"tool_use","id":"a","name":"f","input":{"x":1}},{"type":"tool_use","id":"b","name":"g","input":{}}]},\
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"},\
            {"type":"tool_result","tool_use_id":"b","content":[{"type":"text","text":"2"},{"type":"image","source":\
            {"type":"base64","media_type":"image/png","data":"AAAA"}}]},{"type":"text","text":"And?"}]}]}
            """
        #expect(body.hasSuffix(expected))
    }

    @Test func `empty text is dropped, since the provider refuses it`() throws {
        let body = try sent(
            messages(
                #"{"role":"user","content":"Hi"},{"role":"assistant","content":""},{"role":"user","content":" \n"}"#
            )
        ).body
        #expect(body.hasSuffix(#""messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}"#))
    }

    @Test func `a conversation of instructions only becomes a message`() throws {
        let body = try sent(messages(#"{"role":"system","content":"Say hi"}"#)).body
        #expect(body.hasSuffix(#""messages":[{"role":"user","content":[{"type":"text","text":"Say hi"}]}]}"#))
    }

    @Test func `images by address and in place, and PDF files, become blocks`() throws {
        let body = try sent(
            messages(
                """
                {"role":"user","content":[{"type":"image_url","image_url":"https://a.example/b.png"},\
                {"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}},\
                {"type":"file","file":{"filename":"a.txt","file_data":"data:text/plain;base64,SGk="}}]}
                """
            )
        ).body
        let expected = """
            {"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://a.example/b.png"}},\
            {"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"},"title":"a.pdf"},\
            {"type":"document","source":{"type":"text","media_type":"text/plain","data":"Hi"},"title":"a.txt"}]}]}
            """
        #expect(body.hasSuffix(expected))
    }

    @Test(arguments: [
        #"{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}"#,
        #"{"type":"video_url","video_url":{"url":"https://a.example/v.mp4"}}"#,
    ])
    func `audio and video are refused`(_ part: String) {
        #expect(throws: Failure.self) { try sent(messages(#"{"role":"user","content":[\#(part)]}"#)) }
    }

    @Test func `more than one answer is refused`() {
        let failure = #expect(throws: Failure.self) { try sent(hello + #","n":2"#) }
        #expect(failure?.parameter == "n")
        #expect(failure?.status == 400)
    }

    @Test(arguments: [
        (#""tool_choice":"auto""#, #""tool_choice":{"type":"auto"}"#),
        (#""tool_choice":"none""#, #""tool_choice":{"type":"none"}"#),
        (#""tool_choice":"required""#, #""tool_choice":{"type":"any"}"#),
        (#""tool_choice":{"type":"function","function":{"name":"f"}}"#, #""tool_choice":{"type":"tool","name":"f"}"#),
        (#""parallel_tool_calls":false"#, #""tool_choice":{"type":"auto","disable_parallel_tool_use":true}"#),
        (
            #""tool_choice":"required","parallel_tool_calls":false"#,
            #""tool_choice":{"type":"any","disable_parallel_tool_use":true}"#
        ),
    ])
    func `the choice among tools is kept`(_ member: String, _ expected: String) throws {
        let tools = #""tools":[{"type":"function","function":{"name":"f"}}]"#
        let body = try sent("\(hello),\(tools),\(member)").body
        #expect(body.contains(#""tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],\#(expected)"#))
    }

    @Test func `a choice among some tools offers only those`() throws {
        let tools =
            #""tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}]"#
        let choice = """
            "tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function",\
            "function":{"name":"g"}}]}}
            """
        let body = try sent("\(hello),\(tools),\(choice)").body
        #expect(!body.contains(#""name":"f""#))
        #expect(body.contains(#""tool_choice":{"type":"any"}"#))
    }

    @Test func `the old functions are tools, one call at a time`() throws {
        let body = try sent(
            """
            "functions":[{"name":"f","parameters":{"properties":{}}}],"function_call":{"name":"f"},\
            \(messages(#"{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"1"}"#))
            """
        ).body
        #expect(body.contains(#""tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true}"#))
        #expect(body.contains(#""input_schema":{"properties":{},"type":"object"}"#))
        #expect(body.contains(#"{"type":"tool_use","id":"call_0_f","name":"f","input":{}}"#))
        #expect(body.contains(#"{"type":"tool_result","tool_use_id":"call_0_f","content":"1"}"#))
    }

    @Test func `an explicit zero stays, and what is above 1 is clamped and reported`() throws {
        #expect(try sent(hello + #","temperature":0"#).body.contains(#""temperature":0"#))
        let sent = try sent(hello + #","temperature":1.7"#)
        #expect(sent.body.contains(#""temperature":1"#))
        #expect(sent.dropped == ["temperature"])
    }

    @Test func `newer models get one of the two samplers, the newest none`() throws {
        let both = hello + #","temperature":0.5,"top_p":0.9"#
        #expect(try sent(both).dropped == ["top_p"])
        #expect(try sent(both, model: "claude-3-5-haiku-20241022").dropped == [])
        #expect(try sent(both, model: "claude-opus-4-7").dropped == ["temperature", "top_p"])
    }

    @Test func `effort becomes a budget below the limit, and sampling goes`() throws {
        let sent = try sent(hello + #","reasoning_effort":"high","max_tokens":8000,"temperature":0.5"#)
        #expect(sent.body.contains(#""max_tokens":8000"#))
        #expect(sent.body.contains(#""thinking":{"type":"enabled","budget_tokens":6400}"#))
        #expect(!sent.body.contains("temperature"))
        #expect(sent.dropped == ["temperature"])
    }

    @Test func `where there is no room to think, there is no thinking`() throws {
        let sent = try sent(hello + #","reasoning_effort":"low","max_tokens":1000"#)
        #expect(!sent.body.contains("thinking"))
        #expect(sent.dropped == ["reasoning"])
    }

    @Test func `models of today think as they see fit`() throws {
        let sent = try sent(hello + #","reasoning_effort":"xhigh""#, model: "claude-opus-4-6")
        #expect(sent.body.contains(#""thinking":{"type":"adaptive"}"#))
        #expect(sent.body.contains(#""output_config":{"effort":"high"}"#))
        let newest = try self.sent(hello + #","reasoning_effort":"xhigh""#, model: "claude-opus-4-7")
        #expect(newest.body.contains(#""thinking":{"type":"adaptive","display":"summarized"}"#))
        #expect(newest.body.contains(#""output_config":{"effort":"xhigh"}"#))
    }

    @Test func `a tool loop whose thought was lost does not think`() throws {
        let loop = messages(
            """
            {"role":"user","content":"Go"},{"role":"assistant","content":null,"reasoning_content":"Hm","tool_calls":[\
            {"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},\
            {"role":"tool","tool_call_id":"a","content":"1"}
            """
        )
        let sent = try sent(loop + #","reasoning_effort":"high""#)
        #expect(!sent.body.contains("thinking"))
        #expect(sent.dropped == ["reasoning"])
    }

    @Test func `a tool loop whose thought came back does`() throws {
        let loop = messages(
            """
            {"role":"user","content":"Go"},{"role":"assistant","content":null,"reasoning_content":"Hm",\
            "elk_reasoning":[{"text":"Hm","signature":"elk.anthropicMessages.c2ln"}],"tool_calls":[\
            {"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},\
            {"role":"tool","tool_call_id":"a","content":"1"}
            """
        )
        let body = try sent(loop + #","reasoning_effort":"high""#).body
        #expect(body.contains(#"[{"type":"thinking","thinking":"Hm","signature":"c2ln"},{"type":"tool_use""#))
        #expect(body.contains(#""budget_tokens":24576"#))
    }

    @Test func `blank stop sequences are dropped`() throws {
        let sent = try sent(hello + #","stop":[" ","END"]"#)
        #expect(sent.body.contains(#""stop_sequences":["END"]"#))
        #expect(sent.dropped == ["stop"])
    }

    @Test func `what the format has no words for is named`() throws {
        let sent = try sent(
            hello
                + #","seed":1,"logprobs":true,"top_logprobs":2,"logit_bias":{"1":1},"presence_penalty":0.1,"frequency_penalty":0.1,"prediction":{"type":"content","content":"x"},"n":1"#
        )
        #expect(
            sent.dropped == [
                "prediction", "seed", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "logit_bias",
            ]
        )
    }

    @Test func `a schema goes to output_config, or into words where there is none`() throws {
        let format = #","response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"type":"object"}}}"#
        let body = try sent(hello + format).body
        #expect(body.contains(#""output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}"#))
        let older = try sent(hello + format, model: "claude-3-7-sonnet-latest").body
        #expect(older.contains(#""system":[{"type":"text","text":"Answer with one JSON value"#))
    }

    @Test func `user, cache markers and web search are carried`() throws {
        let body = try sent(
            """
            "user":"u1","web_search_options":{},"messages":[{"role":"user","content":[{"type":"text","text":"Hi",\
            "cache_control":{"type":"ephemeral","ttl":"1h"}}]}]
            """
        ).body
        #expect(body.contains(#""metadata":{"user_id":"u1"}"#))
        #expect(body.contains(#""tools":[{"type":"web_search_20250305","name":"web_search"}]"#))
        #expect(body.contains(#""cache_control":{"type":"ephemeral","ttl":"1h"}"#))
    }

    @Test(arguments: [
        ("claude-3-haiku-20240307", 4096), ("claude-3-5-sonnet-20241022", 8192), ("claude-opus-4-1", 32000),
        ("claude-sonnet-4-5-20250929", 32000), ("deepseek-chat", 8192),
    ])
    func `a request without a limit gets the model's`(_ model: String, _ limit: Int) throws {
        #expect(try sent(hello, model: model).body.contains(#""max_tokens":\#(limit),"#))
    }

    @Test func `a limit beyond the model's is lowered to it`() throws {
        #expect(try sent(hello + #","max_tokens":200000"#).body.contains(#""max_tokens":64000,"#))
    }
}
