import ElkWire
import NIOCore
import Testing

@testable import ElkProviders

struct GeminiFormatTests {
    private static func chat(_ body: String, model: String = "gemini-2.5-flash") throws -> (
        body: JSONSlice, dropped: [String]
    ) {
        let sent = try TextRun(.openAIChat, to: .geminiGenerate, model: model, body).sent()
        return (try JSONSlice(sent.body), sent.dropped)
    }

    @Test func `a signature travels through a chat client and back`() throws {
        let answer =
            #"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}],"responseId":"r1"}"#
        let run = TextRun(
            .openAIChat,
            to: .geminiGenerate,
            #"{"model":"m","messages":[{"role":"user","content":"a"}]}"#
        )
        let message = try #require(try JSONSlice(run.answer(answer))["choices"]?[0]?["message"])
        let call = try #require(message["tool_calls"]?[0])
        #expect(call["id"]?.string == "call_r1_0")
        #expect(call["extra_content", "google", "thought_signature"]?.string == "c2ln")

        let back = """
            {"model":"m","messages":[{"role":"user","content":"a"},\(String(buffer: message.bytes)),\
            {"role":"tool","tool_call_id":"call_r1_0","content":"[1]"}]}
            """
        let parts = try #require(try Self.chat(back).body["contents"]?[1]?["parts"]?[0])
        #expect(parts["thoughtSignature"]?.string == "c2ln")
        #expect(parts["functionCall", "args", "a"]?.int == 1)
        let response = try #require(try Self.chat(back).body["contents"]?[2]?["parts"]?[0]?["functionResponse"])
        #expect(response["name"]?.string == "f")
        #expect(String(buffer: response["response"]?.bytes ?? ByteBuffer()) == #"{"output":"[1]"}"#)
    }

    @Test func `a signature travels through a Messages client and back`() throws {
        let answer =
            #"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"functionCall":{"name":"f","args":{}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}],"responseId":"r1"}"#
        let run = TextRun(
            .anthropicMessages,
            to: .geminiGenerate,
            #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"}]}"#
        )
        let content = try #require(try JSONSlice(run.answer(answer))["content"])
        let back = """
            {"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"},\
            {"role":"assistant","content":\(String(buffer: content.bytes))},\
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"call_r1_0","content":"ok"}]}]}
            """
        let sent = try JSONSlice(TextRun(.anthropicMessages, to: .geminiGenerate, back).sent().body)
        let part = try #require(sent["contents"]?[1]?["parts"]?[0])
        #expect(part["functionCall", "name"]?.string == "f")
        #expect(part["thoughtSignature"]?.string == "c2ln")
    }

    @Test func `calls that no Gemini model signed get the documented value from the third generation on`() throws {
        let body = """
            {"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[\
            {"id":"x","type":"function","function":{"name":"f","arguments":"{}"}},\
            {"id":"y","type":"function","function":{"name":"g","arguments":"{}"}}]},\
            {"role":"tool","tool_call_id":"x","content":"1"},{"role":"tool","tool_call_id":"y","content":"2"}]}
            """
        let parts = try #require(try Self.chat(body, model: "gemini-3-pro-preview").body["contents"]?[1]?["parts"])
        #expect(parts[0]?["thoughtSignature"]?.string == "skip_thought_signature_validator")
        #expect(parts[1]?["thoughtSignature"] == nil)
        #expect(try Self.chat(body).body["contents"]?[1]?["parts"]?[0]?["thoughtSignature"] == nil)
    }

    @Test func `seals of other formats are base64 to Google's clients`() throws {
        let seal = Seal("abc", of: .anthropicMessages)
        let text = GeminiSeal.text(seal)
        #expect(Base64.decode(text) != nil)
        #expect(GeminiSeal.read(text) == seal)
        // Clients write the same bytes in the other alphabet.
        #expect(GeminiSeal.read(text.replacing("+", with: "-").replacing("/", with: "_")) == seal)
        #expect(GeminiSeal.read("c2ln") == Seal("c2ln", of: .geminiGenerate))
        #expect(GeminiSeal.read("") == nil)
    }

    @Test func `schemas lose what Gemini does not know`() throws {
        let schema = """
            {"$schema":"x","type":"object","additionalProperties":false,"properties":{"a":{"type":["string","null"],\
            "default":"b","format":"uri"},"b":{"type":"integer","exclusiveMinimum":0,"minimum":1,"format":"int32","enum":[1]},\
            "c":{"const":"x"},"d":{"type":"array"},"e":{"oneOf":[{"type":"string"},{"type":"number"}]},\
            "type":{"type":["string","integer"]},"format":{"type":"string","enum":["a",1]}},"required":["a","nope"]}
            """
        var json = JSONWriter()
        GeminiSchema.write(try JSONSlice(schema), into: &json)
        let expected = """
            {"type":"object","properties":{"a":{"type":"string","nullable":true},"b":{"type":"integer","minimum":1,\
            "format":"int32"},"c":{"enum":["x"]},"d":{"type":"array","items":{"type":"string"}},\
            "e":{"anyOf":[{"type":"string"},{"type":"number"}]},"type":{"anyOf":[{"type":"string"},{"type":"integer"}]},\
            "format":{"type":"string","enum":["a"]}},"required":["a"]}
            """
        #expect(String(buffer: json.buffer) == expected)
    }

    @Test func `schemas with references go up whole, and empty ones not at all`() throws {
        func tool(_ parameters: String) -> String {
            """
            {"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":\
            {"name":"f","parameters":\(parameters)}}]}
            """
        }
        let reference = ##"{"type":"object","properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"type":"string"}}}"##
        let whole = try #require(try Self.chat(tool(reference)).body["tools"]?[0]?["functionDeclarations"]?[0])
        #expect(whole["parametersJsonSchema"].map { String(buffer: $0.bytes) } == reference)
        #expect(whole["parameters"] == nil)
        let empty = try #require(
            try Self.chat(tool(#"{"type":"object","properties":{}}"#)).body["tools"]?[0]?["functionDeclarations"]?[0]
        )
        #expect(empty["parameters"] == nil)
    }

    @Test func `both spellings are read`() throws {
        let snake = """
            {"system_instruction":{"parts":[{"text":"s"}]},"contents":[{"parts":[{"inline_data":{"mime_type":"image/png",\
            "data":"QQ=="}},{"file_data":{"file_uri":"https://a.example/b.pdf","mime_type":"application/pdf"}}]}],\
            "generation_config":{"max_output_tokens":5,"top_p":0.5,"stop_sequences":["x"],"response_mime_type":\
            "application/json","response_schema":{"type":"OBJECT","nullable":true},"thinking_config":{"thinking_level":"LOW"}}}
            """
        let conversation = try GeminiFormat.readRequest(JSONSlice(snake))
        #expect(conversation.dropped == [])
        #expect(conversation.maxOutputTokens == 5 && conversation.sampling.topP == 0.5)
        #expect(conversation.reasoning?.effort == .low)
        guard case .jsonSchema(_, _, let schema, _) = conversation.output else {
            Issue.record("no schema")
            return
        }
        #expect(String(buffer: schema.bytes) == #"{"type":["object","null"]}"#)
        let parts = conversation.turns.last?.parts ?? []
        guard case .image? = parts.first, case .document? = parts.last else {
            Issue.record("\(parts)")
            return
        }
    }

    @Test func `results are matched to calls by name and order`() throws {
        let body = """
            {"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}},\
            {"functionCall":{"name":"g"}},{"functionCall":{"name":"f"}}]},{"role":"function","parts":[\
            {"functionResponse":{"name":"g","response":{"error":"bad"}}},\
            {"functionResponse":{"name":"f","response":{"x":1}}},{"functionResponse":{"name":"f","response":{}}},\
            {"text":"go on"}]}]}
            """
        let turns = try GeminiFormat.readRequest(JSONSlice(body)).turns
        #expect(turns.count == 3)
        let results = turns[2].parts.compactMap { if case .toolResult(let result) = $0 { result } else { nil } }
        #expect(results.map(\.id) == ["call_2", "call_1", "call_3"])
        #expect(results.map(\.isError) == [true, false, false])
        #expect(results.map(\.text) == ["bad", #"{"x":1}"#, "{}"])
    }

    @Test func `usage in a stream is cumulative and the last counts`() throws {
        let stream = [
            #"{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":1}}"#,
            #"{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"toolUsePromptTokenCount":2,"candidatesTokenCount":2,"thoughtsTokenCount":7}}"#,
        ].map { "data: \($0)\n\n" }.joined()
        let run = TextRun(
            .openAIChat,
            to: .geminiGenerate,
            #"{"model":"m","messages":[{"role":"user","content":"a"}],"stream":true,"stream_options":{"include_usage":true}}"#
        )
        let usage = try run.stream(stream).usage
        #expect(usage?.inputTokens == 7 && usage?.outputTokens == 9 && usage?.reasoningTokens == 7)
    }

    @Test func `a refused prompt is an answer that was filtered`() throws {
        let run = TextRun(
            .openAIChat,
            to: .geminiGenerate,
            #"{"model":"m","messages":[{"role":"user","content":"a"}]}"#
        )
        let blocked = #"{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":4}}"#
        #expect(try JSONSlice(run.answer(blocked))["choices"]?[0]?["finish_reason"]?.string == "content_filter")
        let streamed = try run.stream("data: \(blocked)\n\n")
        #expect(streamed.isComplete && streamed.text.contains(#""finish_reason":"content_filter""#))
        #expect(throws: Failure.self) { try run.answer("{}") }
    }

    @Test(arguments: [
        ("gemini-2.5-pro", "none", #"{"thinkingBudget":128}"#),
        ("gemini-2.5-flash", "none", #"{"thinkingBudget":0}"#),
        ("gemini-2.5-flash-lite", "minimal", #"{"thinkingBudget":1024,"includeThoughts":true}"#),
        ("gemini-3-pro-preview", "medium", #"{"thinkingLevel":"high","includeThoughts":true}"#),
        ("gemini-3-flash", "medium", #"{"thinkingLevel":"medium","includeThoughts":true}"#),
        ("gemini-3-pro", "none", #"{"thinkingLevel":"low"}"#),
    ])
    func `effort becomes a budget or a level`(model: String, effort: String, config: String) throws {
        let body = #"{"model":"m","messages":[{"role":"user","content":"a"}],"reasoning_effort":"\#(effort)"}"#
        let sent = try Self.chat(body, model: model).body["generationConfig", "thinkingConfig"]
        #expect(sent.map { String(buffer: $0.bytes) } == config)
    }

    @Test func `a result without its call is refused, and so are files of others`() throws {
        let orphan = #"{"model":"m","messages":[{"role":"tool","tool_call_id":"x","content":"a"}]}"#
        #expect(throws: Failure.self) { try Self.chat(orphan) }
        let file =
            #"{"model":"m","messages":[{"role":"user","content":[{"type":"file","file":{"file_id":"file-1"}}]}]}"#
        #expect(throws: Failure.self) { try Self.chat(file) }
    }
}
