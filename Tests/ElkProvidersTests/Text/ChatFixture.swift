import ElkWire
import NIOCore

@testable import ElkProviders

enum ChatFixture: TextFixture {
    static let format = TextFormat.openAIChat

    static func model(_ textCase: TextCase) -> String { textCase == .reasoning ? "gpt-5.1" : "gpt-4.1" }

    private static let tools = """
        "tools":[{"type":"function","function":{"name":"weather","parameters":\
        {"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}}]
        """

    private static let png = "data:image/png;base64,iVBORw0KGgo="

    private static func call(_ id: String, _ city: String) -> String {
        #"{"id":"\#(id)","type":"function","function":{"name":"weather","arguments":"{\"city\":\"\#(city)\"}"}}"#
    }

    static func request(_ textCase: TextCase) -> String {
        let hello = """
            "messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hello"}],"temperature":0
            """
        let rest: String =
            switch textCase {
            case .text, .usage, .cacheUsage, .error: hello
            case .stream: hello + #","stream":true,"stream_options":{"include_usage":true}"#
            case .tools:
                """
                "messages":[{"role":"user","content":"Weather in Oslo?"},\
                {"role":"assistant","content":null,"tool_calls":[\(call("call_1", "Oslo"))]},\
                {"role":"tool","tool_call_id":"call_1","content":"4 degrees"}],\(tools),"tool_choice":"required"
                """
            case .parallelTools:
                """
                "messages":[{"role":"user","content":"Weather in Oslo and Rome?"},\
                {"role":"assistant","content":"I look.","tool_calls":[\(call("call_1", "Oslo")),\(call("call_2", "Rome"))]},\
                {"role":"tool","tool_call_id":"call_1","content":"4 degrees"},\
                {"role":"tool","tool_call_id":"call_2","content":"19 degrees"}],\(tools),"tool_choice":"auto"
                """
            case .image:
                """
                "messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},\
                {"type":"image_url","image_url":{"url":"\(png)"}}]}]
                """
            case .reasoning: #""messages":[{"role":"user","content":"Think."}],"reasoning_effort":"high""#
            case .stop: #""messages":[{"role":"user","content":"Count."}],"stop":["7","\n\n"]"#
            }
        let limit = textCase == .reasoning ? 32000 : 100
        return #"{"model":"any","max_completion_tokens":\#(limit),\#(rest)}"#
    }

    private static func usage(_ textCase: TextCase) -> String {
        switch textCase {
        case .usage: #"{"prompt_tokens":1000,"completion_tokens":20,"total_tokens":1020}"#
        case .cacheUsage:
            """
            {"prompt_tokens":1000,"completion_tokens":20,"total_tokens":1020,"prompt_tokens_details":{"cached_tokens":900}}
            """
        case .reasoning:
            """
            {"prompt_tokens":9,"completion_tokens":40,"total_tokens":49,"completion_tokens_details":{"reasoning_tokens":30}}
            """
        default: #"{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}"#
        }
    }

    static func answer(_ textCase: TextCase) -> String {
        let (message, finish): (String, String) =
            switch textCase {
            case .text, .stream, .image: (#""content":"Hei \"du\" [DONE] \u20ac.""#, "stop")
            case .error: ("", "")
            case .tools: (#""content":null,"tool_calls":[\#(call("call_1", "Oslo"))]"#, "tool_calls")
            case .parallelTools:
                (
                    #""content":"I look.","tool_calls":[\#(call("call_1", "Oslo")),\#(call("call_2", "Rome"))]"#,
                    "tool_calls"
                )
            case .reasoning: (#""content":"42","reasoning_content":"Let me see.""#, "stop")
            case .stop: (#""content":"1 2 3""#, "length")
            case .usage, .cacheUsage: (#""content":"Hei""#, "stop")
            }
        if textCase == .error {
            return
                #"{"error":{"message":"The server is overloaded","type":"server_error","param":null,"code":"overloaded"}}"#
        }
        return """
            {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"up","choices":[{"index":0,"message":\
            {"role":"assistant",\(message)},"logprobs":null,"finish_reason":"\(finish)"}],"usage":\(usage(textCase))}
            """
    }

    static func stream(_ textCase: TextCase) -> String {
        func chunk(_ delta: String, _ finish: String = "null") -> String {
            """
            {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"up","choices":[{"index":0,"delta":\
            \(delta),"finish_reason":\(finish)}],"usage":null}
            """
        }
        func start(_ index: Int, _ id: String) -> String {
            """
            {"tool_calls":[{"index":\(index),"id":"\(id)","type":"function","function":{"name":"weather","arguments":""}}]}
            """
        }
        func piece(_ index: Int, _ text: String) -> String {
            #"{"tool_calls":[{"index":\#(index),"function":{"arguments":"\#(text)"}}]}"#
        }
        var chunks = [chunk(#"{"role":"assistant","content":""}"#)]
        switch textCase {
        case .text, .stream, .image:
            chunks += [#"{"content":"Hei \"du\""}"#, #"{"content":" [DONE] "}"#, #"{"content":"€."}"#].map { chunk($0) }
        case .error: chunks += [chunk(#"{"content":"Hei"}"#)]
        case .tools:
            chunks += [start(0, "call_1"), piece(0, #"{\"city\":"#), piece(0, #"\"Oslo\"}"#)].map { chunk($0) }
        case .parallelTools:
            chunks += [#"{"content":"I look."}"#, start(0, "call_1"), piece(0, #"{\"city\":\"Oslo\"}"#)].map {
                chunk($0)
            }
            chunks += [start(1, "call_2"), piece(1, #"{\"city\":\"Rome\"}"#)].map { chunk($0) }
        case .reasoning:
            chunks += [#"{"reasoning_content":"Let me "}"#, #"{"reasoning_content":"see."}"#].map { chunk($0) }
            chunks += [chunk(#"{"content":"42"}"#)]
        case .stop: chunks += [chunk(#"{"content":"1 2 "}"#), chunk(#"{"content":"3"}"#)]
        case .usage, .cacheUsage: chunks += [chunk(#"{"content":"Hei"}"#)]
        }
        if textCase == .error {
            chunks.append(answer(.error))
        } else {
            let finish = textCase.answer.stop
            chunks += [chunk("{}", "\"\(finish)\"")]
            chunks += [
                """
                {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"up","choices":[],\
                "usage":\(usage(textCase))}
                """, "[DONE]",
            ]
        }
        return chunks.map { "data: \($0)\n\n" }.joined()
    }

    static func faults(in stream: String, isComplete: Bool) -> [String] {
        var faults: [String] = []
        var ids: Set<String> = []
        var finishes = 0
        var calls = 0
        var hasUsage = false
        let frames = stream.components("\n\n").filter { !$0.hasPrefix(":") }
        for (position, frame) in frames.enumerated() {
            guard frame.hasPrefix("data: ") else {
                faults.append("not a data line: \(frame)")
                continue
            }
            let data = String(frame.dropFirst(6))
            if data == "[DONE]" {
                if position != frames.count - 1 { faults.append("[DONE] is not last") }
                continue
            }
            guard let chunk = try? JSONSlice(data) else {
                faults.append("not JSON: \(data)")
                continue
            }
            if chunk["error"] != nil {
                if isComplete || position != frames.count - 1 { faults.append("an error event") }
                continue
            }
            ids.insert("\(chunk["id"]?.string ?? "-") \(chunk["created"]?.int ?? -1) \(chunk["model"]?.string ?? "-")")
            if chunk["object"]?.string != "chat.completion.chunk" { faults.append("wrong object") }
            if hasUsage { faults.append("a chunk after usage") }
            if chunk["usage"]?.kind == .object { hasUsage = true }
            guard let choice = chunk["choices"]?[0] else { continue }
            if finishes > 0 { faults.append("a chunk after the finish") }
            if choice["finish_reason"]?.kind == .string { finishes += 1 }
            guard let call = choice["delta", "tool_calls"]?[0] else { continue }
            if call["id"] != nil { calls += 1 }
            if call["index"]?.int != calls - 1 { faults.append("tool index \(call["index"]?.int ?? -1)") }
        }
        if ids.count != 1 { faults.append("ids: \(ids)") }
        if (finishes == 1) != isComplete { faults.append("\(finishes) finishes") }
        if stream.hasSuffix("data: [DONE]\n\n") != isComplete { faults.append("terminator") }
        return faults
    }
}

extension String {
    /// The pieces between separators, without empty ones.
    func components(_ separator: String) -> [String] {
        var pieces: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            pieces.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        pieces.append(String(rest))
        return pieces.filter { !$0.isEmpty }
    }
}
