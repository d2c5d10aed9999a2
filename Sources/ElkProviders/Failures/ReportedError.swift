import ElkWire
import NIOCore

/// What a provider's error body says, whichever of the usual shapes it has.
///
///     OpenAI      {"error":{"message","type","param","code"}}         code is a string, a number or null
///     Anthropic   {"type":"error","error":{"type","message"}}
///     Gemini      {"error":{"code":429,"message","status","details":[…]}}, also as the only element of an array
///     Cohere      {"message"}           Jina, FastAPI  {"detail": string or list}
///     vLLM (old)  {"object":"error","message","type","code"}          Ollama, xAI  {"error":"text","code"?}
///     DashScope, SiliconFlow  {"code","message"}
struct ReportedError: Sendable, Hashable {
    var message = ""
    /// Lower-case.
    var type = ""
    /// `code`, Gemini's `status` and the reasons in its details.
    ///
    /// Lower-case.
    var codes: [String] = []
    var parameter: String?
    /// A status in the body; events inside a stream have no other.
    var status: Int?
    /// Gemini's RetryInfo.
    var retryAfter: Int?
    /// False where the body was no JSON: a page of something in between that is not the provider.
    var isFromProvider = false

    init() {}

    init(_ body: ByteBuffer) {
        self.init()
        guard body.readableBytes > 0, body.readableBytes <= 1 << 20, let root = try? JSONSlice(validating: body) else {
            return
        }
        read(root: root)
    }

    init(_ root: JSONSlice) {
        read(root: root)
    }

    private mutating func read(root: JSONSlice) {
        var root = root
        if root.kind == .array {
            for first in root.elements {
                root = first
                break
            }
        }
        guard root.kind == .object else { return }
        isFromProvider = true
        read(root)
        guard let error = root["error"] else { return }
        switch error.kind {
        case .object: read(error)
        case .string: message = error.string ?? message
        default: break
        }
    }

    private mutating func read(_ object: JSONSlice) {
        message = object["message"]?.string ?? Self.detail(object) ?? message
        type = object["type"]?.string?.lowercased() ?? type
        parameter = object["param"]?.string ?? parameter
        if let code = object["code"]?.string, !code.isEmpty { codes.append(code.lowercased()) }
        if let code = object["code"]?.int {
            if (400...599).contains(code) { status = code } else { codes.append(String(code)) }
        }
        if let name = object["status"]?.string { codes.append(name.lowercased()) }
        guard let details = object["details"], details.kind == .array else { return }
        for detail in details.elements {
            if let reason = detail["reason"]?.string { codes.append(reason.lowercased()) }
            if let delay = detail["retryDelay"]?.string { retryAfter = RetryDelay.milliseconds(goDuration: delay) }
        }
    }

    private static func detail(_ object: JSONSlice) -> String? {
        guard let detail = object["detail"] ?? object["message"] else { return nil }
        switch detail.kind {
        case .string: return detail.string
        case .array:
            for first in detail.elements { return first["msg"]?.string }
            return nil
        case .object: return object["message"] == nil ? detail["message"]?.string : Self.detail(detail)
        default: return nil
        }
    }
}

/// When a provider says that one may come again.
enum RetryDelay {
    /// More than an hour is not a delay; the channel's health decides then.
    private static let longest = 3_600_000

    /// `retry-after-ms`, else `retry-after` in seconds (a fraction is understood, a date is not: no clock here).
    static func milliseconds(in headers: [(name: String, value: String)]) -> Int? {
        for (name, scale) in [("retry-after-ms", 1.0), ("retry-after", 1000.0)] {
            for header in headers where header.name.lowercased() == name {
                if let value = Double(header.value), let delay = clamped(value * scale) { return delay }
            }
        }
        return nil
    }

    /// `34s`, `1.5s`: the durations of Google's APIs.
    static func milliseconds(goDuration text: String) -> Int? {
        guard text.utf8.last == UInt8(ascii: "s"), let seconds = Double(text.dropLast()) else { return nil }
        return clamped(seconds * 1000)
    }

    private static func clamped(_ milliseconds: Double) -> Int? {
        guard milliseconds.isFinite, milliseconds >= 0 else { return nil }
        return Int(min(milliseconds, Double(longest)))
    }
}
