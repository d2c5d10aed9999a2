import ElkWire
import NIOCore

@testable import ElkProviders

enum GeminiFixture: TextFixture {
    static let format = TextFormat.geminiGenerate

    static func model(_ textCase: TextCase) -> String { "gemini-2.5-flash" }

    private static let tools = """
        "tools":[{"functionDeclarations":[{"name":"weather","parameters":\
        {"type":"OBJECT","properties":{"city":{"type":"STRING"}},"required":["city"]}}]}]
        """

    private static func call(_ city: String) -> String {
        #"{"functionCall":{"name":"weather","args":{"city":"\#(city)"}}}"#
    }

    private static func result(_ text: String) -> String {
        #"{"functionResponse":{"name":"weather","response":{"output":"\#(text)"}}}"#
    }

    static func request(_ textCase: TextCase) -> String {
        func user(_ text: String) -> String { #"{"role":"user","parts":[{"text":"\#(text)"}]}"# }
        let hello = #""systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[\#(user("Hello"))]"#
        let (rest, config): (String, String) =
            switch textCase {
            case .text, .stream, .usage, .cacheUsage, .error: (hello, #","temperature":0"#)
            case .tools:
                (
                    """
                    "contents":[\(user("Weather in Oslo?")),{"role":"model","parts":[\(call("Oslo"))]},\
                    {"role":"user","parts":[\(result("4 degrees"))]}],\(tools),\
                    "toolConfig":{"functionCallingConfig":{"mode":"ANY"}}
                    """, ""
                )
            case .parallelTools:
                (
                    """
                    "contents":[\(user("Weather in Oslo and Rome?")),\
                    {"role":"model","parts":[{"text":"I look."},\(call("Oslo")),\(call("Rome"))]},\
                    {"role":"user","parts":[\(result("4 degrees")),\(result("19 degrees"))]}],\(tools),\
                    "tool_config":{"function_calling_config":{"mode":"AUTO"}}
                    """, ""
                )
            case .image:
                (
                    """
                    "contents":[{"parts":[{"text":"What is this?"},\
                    {"inlineData":{"mimeType":"image/png","data":"iVBORw0KGgo="}}]}]
                    """, ""
                )
            case .reasoning:
                (#""contents":[\#(user("Think."))]"#, #","thinkingConfig":{"thinkingBudget":20000}"#)
            case .stop: (#""contents":[\#(user("Count."))]"#, #","stopSequences":["7","\n\n"]"#)
            }
        let limit = textCase == .reasoning ? 32000 : 100
        return #"{\#(rest),"generationConfig":{"maxOutputTokens":\#(limit)\#(config)}}"#
    }

    private static func usage(_ textCase: TextCase) -> String {
        switch textCase {
        case .usage: #"{"promptTokenCount":1000,"candidatesTokenCount":20,"totalTokenCount":1020}"#
        case .cacheUsage:
            #"{"promptTokenCount":1000,"cachedContentTokenCount":900,"candidatesTokenCount":20,"totalTokenCount":1020}"#
        case .reasoning:
            #"{"promptTokenCount":9,"candidatesTokenCount":10,"thoughtsTokenCount":30,"totalTokenCount":49}"#
        default: #"{"promptTokenCount":9,"candidatesTokenCount":4,"totalTokenCount":13}"#
        }
    }

    /// The parts of the answer, in the pieces in which a stream brings them.
    private static func parts(_ textCase: TextCase) -> [[String]] {
        func text(_ text: String) -> String { #"{"text":"\#(text)"}"# }
        return switch textCase {
        case .text, .stream, .image: [[text(#"Hei \"du\""#)], [text(" [DONE] ")], [text("€.")]]
        case .error, .usage, .cacheUsage: [[text("Hei")]]
        case .tools: [[call("Oslo")]]
        case .parallelTools: [[text("I ")], [text("look.")], [call("Oslo"), call("Rome")]]
        case .reasoning:
            [[#"{"text":"Let me ","thought":true}"#], [#"{"text":"see.","thought":true}"#], [text("42")]]
        case .stop: [[text("1 2 ")], [text("3")]]
        }
    }

    private static func chunk(_ parts: [String], _ rest: String) -> String {
        """
        {"candidates":[{"content":{"parts":[\(parts.joined(separator: ","))],"role":"model"}\(rest),"index":0}],\
        "modelVersion":"up","responseId":"r1"
        """
    }

    static func answer(_ textCase: TextCase) -> String {
        if textCase == .error {
            return #"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#
        }
        let reason = textCase == .stop ? "MAX_TOKENS" : "STOP"
        let head = chunk(parts(textCase).flatMap { $0 }, #","finishReason":"\#(reason)""#)
        return head + #","usageMetadata":\#(usage(textCase))}"#
    }

    static func stream(_ textCase: TextCase) -> String {
        var chunks = parts(textCase).map { chunk($0, "") + #","usageMetadata":{"promptTokenCount":9}}"# }
        if textCase == .error {
            chunks.append(answer(.error))
        } else {
            let reason = textCase == .stop ? "MAX_TOKENS" : "STOP"
            let last = chunk([#"{"text":""}"#], #","finishReason":"\#(reason)""#)
            chunks.append(last + #","usageMetadata":\#(usage(textCase))}"#)
        }
        return chunks.map { "data: \($0)\n\n" }.joined()
    }

    static func faults(in stream: String, isComplete: Bool) -> [String] {
        var faults: [String] = []
        var ids: Set<String> = []
        var finishes = 0
        var hasUsage = false
        var hasError = false
        let frames = stream.components("\n\n").filter { !$0.hasPrefix(":") }
        for frame in frames {
            guard frame.hasPrefix("data: "), let chunk = try? JSONSlice(String(frame.dropFirst(6))) else {
                faults.append("not a data line: \(frame)")
                continue
            }
            if hasError { faults.append("a chunk after the error") }
            if let error = chunk["error"] {
                hasError = true
                if error["status"]?.kind != .string || error["code"]?.int == nil { faults.append("no Google error") }
                continue
            }
            if finishes > 0 { faults.append("a chunk after the finish") }
            ids.insert("\(chunk["responseId"]?.string ?? "-") \(chunk["modelVersion"]?.string ?? "-")")
            if chunk["usageMetadata", "promptTokenCount"]?.int != nil { hasUsage = true }
            guard let candidate = chunk["candidates"]?[0] else {
                faults.append("no candidate")
                continue
            }
            if candidate["content", "role"]?.string != "model" { faults.append("role") }
            if candidate["finishReason"]?.kind == .string { finishes += 1 }
            guard let parts = candidate["content", "parts"] else {
                faults.append("no parts")
                continue
            }
            for part in parts.elements {
                if let call = part["functionCall"], call["args"]?.kind != .object {
                    faults.append("a call without args")
                }
            }
        }
        if ids.count != 1 { faults.append("ids: \(ids)") }
        if (finishes == 1) != isComplete { faults.append("\(finishes) finishes") }
        if hasError == isComplete { faults.append("error: \(hasError)") }
        if isComplete, !hasUsage { faults.append("no usage") }
        return faults
    }
}
