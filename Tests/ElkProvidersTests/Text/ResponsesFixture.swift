import ElkWire
import NIOCore

@testable import ElkProviders

enum ResponsesFixture: TextFixture {
    static let format = TextFormat.openAIResponses

    static func model(_ textCase: TextCase) -> String { textCase == .reasoning ? "gpt-5.1" : "gpt-4.1" }

    private static let tools = """
        "tools":[{"type":"function","name":"weather","parameters":\
        {"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}}]
        """

    private static func call(_ id: String, _ city: String, _ status: String? = nil, arguments: String? = nil) -> String
    {
        let text = arguments ?? #"{\"city\":\"\#(city)\"}"#
        let own = status.map { #""id":"fc_\#(id)","status":"\#($0)","# } ?? ""
        return #"{\#(own)"type":"function_call","call_id":"\#(id)","name":"weather","arguments":"\#(text)"}"#
    }

    private static func result(_ id: String, _ text: String) -> String {
        #"{"type":"function_call_output","call_id":"\#(id)","output":"\#(text)"}"#
    }

    static func request(_ textCase: TextCase) -> String {
        func user(_ text: String) -> String { #"{"role":"user","content":"\#(text)"}"# }
        let hello = #""instructions":"Be brief.","input":"Hello","temperature":0"#
        let rest: String =
            switch textCase {
            case .text, .usage, .cacheUsage, .error: hello
            case .stream: hello + #","stream":true"#
            case .tools:
                """
                "input":[\(user("Weather in Oslo?")),\(call("call_1", "Oslo")),\(result("call_1", "4 degrees"))],\
                \(tools),"tool_choice":"required"
                """
            case .parallelTools:
                """
                "input":[\(user("Weather in Oslo and Rome?")),{"type":"message","role":"assistant","content":\
                [{"type":"output_text","text":"I look.","annotations":[]}]},\(call("call_1", "Oslo")),\
                \(call("call_2", "Rome")),\(result("call_1", "4 degrees")),\(result("call_2", "19 degrees"))],\
                \(tools),"tool_choice":"auto"
                """
            case .image:
                """
                "input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"What is this?"},\
                {"type":"input_image","image_url":"data:image/png;base64,iVBORw0KGgo="}]}]
                """
            case .reasoning: #""input":"Think.","reasoning":{"effort":"high"}"#
            // The format has no stop sequences.
            case .stop: #""input":"Count.""#
            }
        let limit = textCase == .reasoning ? 32000 : 100
        return #"{"model":"any","max_output_tokens":\#(limit),\#(rest)}"#
    }

    private static func usage(_ textCase: TextCase) -> String {
        func text(_ input: Int, _ cached: Int, _ output: Int, _ reasoning: Int) -> String {
            """
            {"input_tokens":\(input),"input_tokens_details":{"cached_tokens":\(cached)},"output_tokens":\(output),\
            "output_tokens_details":{"reasoning_tokens":\(reasoning)},"total_tokens":\(input + output)}
            """
        }
        return switch textCase {
        case .usage: text(1000, 0, 20, 0)
        case .cacheUsage: text(1000, 900, 20, 0)
        case .reasoning: text(9, 0, 40, 30)
        default: text(9, 0, 4, 0)
        }
    }

    private static func message(_ text: String) -> String {
        """
        {"id":"msg_1","type":"message","status":"completed","role":"assistant",\
        "content":[{"type":"output_text","text":"\(text)","annotations":[],"logprobs":[]}]}
        """
    }

    private static func reasoning(_ summary: String) -> String {
        #"{"id":"rs_1","type":"reasoning","summary":[\#(summary)]}"#
    }

    private static func items(_ textCase: TextCase) -> [String] {
        switch textCase {
        case .text, .stream, .image: [message(#"Hei \"du\" [DONE] €."#)]
        case .error: []
        case .tools: [call("call_1", "Oslo", "completed")]
        case .parallelTools:
            [message("I look."), call("call_1", "Oslo", "completed"), call("call_2", "Rome", "completed")]
        case .reasoning: [reasoning(#"{"type":"summary_text","text":"Let me see."}"#), message("42")]
        case .stop: [message("1 2 3")]
        case .usage, .cacheUsage: [message("Hei")]
        }
    }

    private static func response(_ status: String, _ items: [String], _ usage: String) -> String {
        let details = status == "incomplete" ? #"{"reason":"max_output_tokens"}"# : "null"
        return """
            {"id":"resp_1","object":"response","created_at":1,"status":"\(status)","error":null,\
            "incomplete_details":\(details),"model":"up","output":[\(items.joined(separator: ","))],"usage":\(usage)}
            """
    }

    static func answer(_ textCase: TextCase) -> String {
        if textCase == .error {
            return #"{"error":{"message":"The server is overloaded","type":"server_error","param":null,"code":null}}"#
        }
        return response(textCase == .stop ? "incomplete" : "completed", items(textCase), usage(textCase))
    }

    static func stream(_ textCase: TextCase) -> String {
        var data: [String] = []
        var index = 0
        func add(_ type: String, _ rest: String) {
            data.append(#"{"type":"response.\#(type)","sequence_number":\#(data.count),\#(rest)}"#)
        }
        func text(_ whole: String, _ pieces: String...) {
            let place = #""item_id":"msg_1","output_index":\#(index),"content_index":0"#
            let empty = #"{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}"#
            add("output_item.added", #""output_index":\#(index),"item":\#(empty)"#)
            add("content_part.added", place + #","part":{"type":"output_text","text":"","annotations":[]}"#)
            for piece in pieces { add("output_text.delta", place + #","delta":"\#(piece)""#) }
            if textCase == .error { return }
            add("output_text.done", place + #","text":"\#(whole)""#)
            add("content_part.done", place + #","part":{"type":"output_text","text":"\#(whole)","annotations":[]}"#)
            add("output_item.done", #""output_index":\#(index),"item":\#(message(whole))"#)
            index += 1
        }
        func tool(_ id: String, _ city: String, _ pieces: String...) {
            let place = #""item_id":"fc_\#(id)","output_index":\#(index)"#
            let item = call(id, city, "in_progress", arguments: "")
            add("output_item.added", #""output_index":\#(index),"item":\#(item)"#)
            for piece in pieces { add("function_call_arguments.delta", place + #","delta":"\#(piece)""#) }
            add("function_call_arguments.done", place + #","arguments":"{\"city\":\"\#(city)\"}""#)
            add("output_item.done", #""output_index":\#(index),"item":\#(call(id, city, "completed"))"#)
            index += 1
        }
        add("created", #""response":\#(response("in_progress", [], "null"))"#)
        add("in_progress", #""response":\#(response("in_progress", [], "null"))"#)
        switch textCase {
        case .text, .stream, .image: text(#"Hei \"du\" [DONE] €."#, #"Hei \"du\""#, " [DONE] ", "€.")
        case .error, .usage, .cacheUsage: text("Hei", "Hei")
        case .tools: tool("call_1", "Oslo", #"{\"city\":"#, #"\"Oslo\"}"#)
        case .parallelTools:
            text("I look.", "I ", "look.")
            tool("call_1", "Oslo", #"{\"city\":\"Oslo\"}"#)
            // Some servers send only the whole.
            tool("call_2", "Rome")
        case .reasoning:
            let place = #""item_id":"rs_1","output_index":0,"summary_index":0"#
            add("output_item.added", #""output_index":0,"item":\#(reasoning(""))"#)
            add("reasoning_summary_part.added", place + #","part":{"type":"summary_text","text":""}"#)
            add("reasoning_summary_text.delta", place + #","delta":"Let me ""#)
            add("reasoning_summary_text.delta", place + #","delta":"see.""#)
            add("reasoning_summary_text.done", place + #","text":"Let me see.""#)
            let summary = #"{"type":"summary_text","text":"Let me see."}"#
            add("reasoning_summary_part.done", place + #","part":\#(summary)"#)
            add("output_item.done", #""output_index":0,"item":\#(reasoning(summary))"#)
            index = 1
            text("42", "42")
        case .stop: text("1 2 3", "1 2 ", "3")
        }
        if textCase == .error {
            data.append(
                #"{"type":"error","code":"server_error","message":"The server is overloaded","param":null,"sequence_number":9}"#
            )
        } else {
            let status = textCase == .stop ? "incomplete" : "completed"
            add(status, #""response":\#(response(status, items(textCase), usage(textCase)))"#)
        }
        return data.map { typedEvents($0) }.joined()
    }

    static func faults(in stream: String, isComplete: Bool) -> [String] {
        var checker = ResponsesChecker()
        for frame in stream.components("\n\n") where !frame.hasPrefix(":") { checker.check(frame) }
        return checker.faults + checker.endFaults(isComplete: isComplete)
    }
}

/// The rules of the format's streams: numbered events, items one after the other, each with its begin, pieces and end.
private struct ResponsesChecker {
    var faults: [String] = []
    private var types: [String] = []
    private var openItem: String?
    private var pieces = ""
    private var items = 0
    private var done: [String] = []
    private var final: JSONSlice?

    mutating func check(_ frame: String) {
        let lines = frame.components("\n")
        guard lines.count == 2, lines[0].hasPrefix("event: "), lines[1].hasPrefix("data: "),
            let data = try? JSONSlice(String(lines[1].dropFirst(6))), let type = data["type"]?.string
        else {
            faults.append("not an event: \(frame)")
            return
        }
        if lines[0] != "event: \(type)" { faults.append("\(lines[0]) is not \(type)") }
        if data["sequence_number"]?.int != types.count { faults.append("number of \(type)") }
        types.append(type)
        switch type {
        case "response.output_item.added":
            if openItem != nil { faults.append("two open items") }
            if data["output_index"]?.int != items { faults.append("output index") }
            openItem = data["item", "id"]?.string
            pieces = ""
            items += 1
        case "response.output_item.done":
            if data["item", "id"]?.string != openItem { faults.append("another item is done") }
            openItem = nil
            if let item = data["item"] { done.append(String(buffer: item.bytes)) }
        case "response.output_text.done": if data["text"]?.string != pieces { faults.append("text is not its pieces") }
        case "response.function_call_arguments.done":
            if data["arguments"]?.string != pieces { faults.append("arguments are not their pieces") }
        case _ where type.hasSuffix(".delta"):
            if data["item_id"]?.string != openItem { faults.append("a piece of no open item") }
            pieces += data["delta"]?.string ?? ""
        case "response.completed", "response.incomplete", "response.failed": final = data["response"]
        default: break
        }
        if type.contains("reasoning_summary_text.done") { pieces = "" }
    }

    func endFaults(isComplete: Bool) -> [String] {
        var faults: [String] = []
        if types.prefix(2) != ["response.created", "response.in_progress"] {
            faults.append("begins \(types.prefix(2))")
        }
        let last = types.last ?? "nothing"
        guard isComplete else { return last == "response.failed" ? faults : faults + ["ends in \(last)"] }
        if openItem != nil { faults.append("an open item at the end") }
        if !["response.completed", "response.incomplete"].contains(last) { faults.append("ends in \(last)") }
        let output = final?["output"].map { $0.elements.map { String(buffer: $0.bytes) } } ?? []
        // What was cut says so only in the end.
        if last == "response.completed", output != done { faults.append("the output is not its items") }
        if final?["usage", "input_tokens"]?.int == nil { faults.append("no usage") }
        return faults
    }
}
