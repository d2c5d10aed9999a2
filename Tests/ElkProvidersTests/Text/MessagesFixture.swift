import ElkWire
import NIOCore

@testable import ElkProviders

enum MessagesFixture: TextFixture {
    static let format = TextFormat.anthropicMessages

    static func model(_ textCase: TextCase) -> String { "claude-sonnet-4-5" }

    private static let tools = """
        "tools":[{"name":"weather","input_schema":\
        {"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}]
        """

    private static func call(_ id: String, _ city: String) -> String {
        #"{"type":"tool_use","id":"\#(id)","name":"weather","input":{"city":"\#(city)"}}"#
    }

    private static func result(_ id: String, _ text: String) -> String {
        #"{"type":"tool_result","tool_use_id":"\#(id)","content":"\#(text)"}"#
    }

    static func request(_ textCase: TextCase) -> String {
        let hello = #""system":"Be brief.","messages":[{"role":"user","content":"Hello"}],"temperature":0"#
        let rest: String =
            switch textCase {
            case .text, .usage, .cacheUsage, .error: hello
            case .stream: hello + #","stream":true"#
            case .tools:
                """
                "messages":[{"role":"user","content":"Weather in Oslo?"},\
                {"role":"assistant","content":[\(call("toolu_1", "Oslo"))]},\
                {"role":"user","content":[\(result("toolu_1", "4 degrees"))]}],\(tools),"tool_choice":{"type":"any"}
                """
            case .parallelTools:
                """
                "messages":[{"role":"user","content":"Weather in Oslo and Rome?"},{"role":"assistant","content":[\
                {"type":"text","text":"I look."},\(call("toolu_1", "Oslo")),\(call("toolu_2", "Rome"))]},\
                {"role":"user","content":[\(result("toolu_1", "4 degrees")),\(result("toolu_2", "19 degrees"))]}],\
                \(tools),"tool_choice":{"type":"auto"}
                """
            case .image:
                """
                "messages":[{"role":"user","content":[{"type":"text","text":"What is this?"},{"type":"image","source":\
                {"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}]}]
                """
            case .reasoning:
                """
                "messages":[{"role":"user","content":"Think."}],"thinking":{"type":"enabled","budget_tokens":20000}
                """
            case .stop: #""messages":[{"role":"user","content":"Count."}],"stop_sequences":["7","\n\n"]"#
            }
        // Sequences of white space only are no sequences here.
        let limit = textCase == .reasoning ? 32000 : 100
        return #"{"model":"any","max_tokens":\#(limit),\#(rest)}"#
    }

    private static func usage(_ textCase: TextCase) -> (start: String, end: String) {
        switch textCase {
        case .usage: (#""input_tokens":1000"#, #""output_tokens":20"#)
        case .cacheUsage: (#""input_tokens":100,"cache_read_input_tokens":900"#, #""output_tokens":20"#)
        case .reasoning:
            (#""input_tokens":9"#, #""output_tokens":40,"output_tokens_details":{"thinking_tokens":30}"#)
        default: (#""input_tokens":9"#, #""output_tokens":4"#)
        }
    }

    private static func stop(_ textCase: TextCase) -> String {
        switch textCase {
        case .tools, .parallelTools: "tool_use"
        case .stop: "max_tokens"
        default: "end_turn"
        }
    }

    static func answer(_ textCase: TextCase) -> String {
        func text(_ text: String) -> String { #"{"type":"text","text":"\#(text)"}"# }
        let content: String =
            switch textCase {
            case .text, .stream, .image: text(#"Hei \"du\" [DONE] €."#)
            case .error: ""
            case .tools: call("toolu_1", "Oslo")
            case .parallelTools:
                [text("I look."), call("toolu_1", "Oslo"), call("toolu_2", "Rome")].joined(separator: ",")
            case .reasoning: #"{"type":"thinking","thinking":"Let me see.","signature":"c2ln"},"# + text("42")
            case .stop: text("1 2 3")
            case .usage, .cacheUsage: text("Hei")
            }
        if textCase == .error { return #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"# }
        let usage = usage(textCase)
        return """
            {"id":"msg_1","type":"message","role":"assistant","model":"up","content":[\(content)],\
            "stop_reason":"\(stop(textCase))","stop_sequence":null,"usage":{\(usage.start),\(usage.end)}}
            """
    }

    static func stream(_ textCase: TextCase) -> String {
        let usage = usage(textCase)
        var data = [
            """
            {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"up","content":[],\
            "stop_reason":null,"stop_sequence":null,"usage":{\(usage.start),"output_tokens":1}}}
            """
        ]
        var blocks = 0
        func block(_ content: String, _ deltas: [String]) {
            data.append(#"{"type":"content_block_start","index":\#(blocks),"content_block":\#(content)}"#)
            if blocks == 0 { data.append(#"{"type":"ping"}"#) }
            data += deltas.map { #"{"type":"content_block_delta","index":\#(blocks),"delta":\#($0)}"# }
            if textCase != .error { data.append(#"{"type":"content_block_stop","index":\#(blocks)}"#) }
            blocks += 1
        }
        func text(_ pieces: String...) {
            block(#"{"type":"text","text":""}"#, pieces.map { #"{"type":"text_delta","text":"\#($0)"}"# })
        }
        func call(_ id: String, _ pieces: String...) {
            block(
                #"{"type":"tool_use","id":"\#(id)","name":"weather","input":{}}"#,
                pieces.map { #"{"type":"input_json_delta","partial_json":"\#($0)"}"# }
            )
        }
        switch textCase {
        case .text, .stream, .image: text(#"Hei \"du\""#, " [DONE] ", "€.")
        case .error: text("Hei")
        case .tools: call("toolu_1", "", #"{\"city\":"#, #"\"Oslo\"}"#)
        case .parallelTools:
            text("I ", "look.")
            call("toolu_1", #"{\"city\":\"Oslo\"}"#)
            call("toolu_2", #"{\"city\":\"Rome\"}"#)
        case .reasoning:
            let pieces = ["Let me ", "see."].map { #"{"type":"thinking_delta","thinking":"\#($0)"}"# }
            let signature = #"{"type":"signature_delta","signature":"c2ln"}"#
            block(#"{"type":"thinking","thinking":"","signature":""}"#, pieces + [signature])
            text("42")
        case .stop: text("1 2 ", "3")
        case .usage, .cacheUsage: text("Hei")
        }
        if textCase == .error {
            data.append(answer(.error))
        } else {
            data += [
                """
                {"type":"message_delta","delta":{"stop_reason":"\(stop(textCase))","stop_sequence":null},\
                "usage":{\(usage.end)}}
                """, #"{"type":"message_stop"}"#,
            ]
        }
        return data.map { typedEvents($0) }.joined()
    }

    static func faults(in stream: String, isComplete: Bool) -> [String] {
        var faults: [String] = []
        var types: [String] = []
        var blocks = 0
        var isOpen = false
        for frame in stream.components("\n\n") {
            let lines = frame.components("\n")
            guard lines.count == 2, lines[0].hasPrefix("event: "), lines[1].hasPrefix("data: "),
                let data = try? JSONSlice(String(lines[1].dropFirst(6))), let type = data["type"]?.string
            else {
                faults.append("not an event: \(frame)")
                continue
            }
            if lines[0] != "event: \(type)" { faults.append("\(lines[0]) is not \(type)") }
            if type == "ping" { continue }
            types.append(type)
            switch type {
            case "message_start":
                if data["message", "usage", "input_tokens"]?.int ?? 0 < 1 { faults.append("no input in message_start") }
                if data["message", "content"]?.bytes != ByteBuffer(string: "[]") {
                    faults.append("content at the start")
                }
            case "content_block_start":
                if isOpen { faults.append("two open blocks") }
                if data["index"]?.int != blocks { faults.append("index \(data["index"]?.int ?? -1)") }
                isOpen = true
                blocks += 1
            case "content_block_delta", "content_block_stop":
                if !isOpen || data["index"]?.int != blocks - 1 { faults.append("\(type) of no open block") }
                if type == "content_block_stop" { isOpen = false }
            case "message_delta":
                if isOpen { faults.append("an open block at the end") }
                if data["delta", "stop_reason"]?.kind != .string { faults.append("no stop reason") }
                if data["usage", "output_tokens"]?.int == nil { faults.append("no output count") }
            default: break
            }
        }
        if types.first != "message_start" || types.filter({ $0 == "message_start" }).count != 1 {
            faults.append("message_start")
        }
        if isComplete {
            if types.suffix(2) != ["message_delta", "message_stop"] { faults.append("ends in \(types.suffix(2))") }
        } else {
            if types.last != "error" || types.contains("message_stop") { faults.append("ends in \(types.suffix(2))") }
        }
        return faults
    }
}
