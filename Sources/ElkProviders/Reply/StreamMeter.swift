import ElkWire
import NIOCore

/// Watches a stream that passes in its own format: reads usage, counts output, sees the end and errors.
///
/// It reads no more of an event than that and allocates nothing for it.
struct StreamMeter: Sendable {
    enum Format: Sendable, Hashable {
        case chat, completions, responses, messages, gemini
        /// Events with a `type` that ends in `.delta` or `.completed`: images, transcriptions and speech.
        case typed
    }

    enum Verdict {
        case pass
        /// The chunk that only we asked for.
        case drop
        /// The document with the error in it.
        case failed(JSONSlice)
    }

    let format: Format
    /// Whether the client did not ask for the usage chunk that we made the upstream send.
    var dropsUsageChunk = false
    /// Added to what is reported: what the request itself says.
    var base: Usage?
    var reported: Usage?
    var deliveredOutput = 0
    var isComplete = false
    /// Choices that began, and that ended.
    private var opened: Set<Int> = []
    private var finished: Set<Int> = []
    private(set) var nextSequenceNumber = 0

    init(_ format: Format, dropsUsageChunk: Bool = false, base: Usage? = nil) {
        (self.format, self.dropsUsageChunk, self.base) = (format, dropsUsageChunk, base)
    }

    var usage: Usage? { reported ?? base }

    mutating func watch(_ event: SSEEvent) throws(Failure) -> Verdict {
        if isDone(event.data) {
            isComplete = true
            return .pass
        }
        guard let root = try? JSONSlice(validating: event.data), root.kind == .object else {
            // Comments and heartbeats in the guise of data; what is no JSON is the client's to judge.
            return .pass
        }
        if let error = root["error"], error.kind == .object || error.kind == .string, !isTypedAnswer(root) {
            return .failed(root)
        }
        switch format {
        case .chat, .completions: return chat(root)
        case .responses: return responses(root)
        case .messages: messages(root)
        case .gemini: gemini(root)
        case .typed: typed(root)
        }
        return .pass
    }

    /// The bytes have ended.
    ///
    /// Two formats have no other end than that, after a reason to finish.
    mutating func end() {
        switch format {
        case .chat, .completions, .gemini:
            isComplete = isComplete || (!finished.isEmpty && finished.isSuperset(of: opened))
        default: break
        }
    }

    /// The same members in a whole answer of Gemini's.
    mutating func readWhole(_ root: JSONSlice) { gemini(root) }

    private func isDone(_ data: ByteBuffer) -> Bool {
        data.readableBytes == 6 && data.readableBytesView.elementsEqual("[DONE]".utf8)
    }

    /// Responses' events carry whole objects that have an `error` member of their own.
    private func isTypedAnswer(_ root: JSONSlice) -> Bool {
        guard format == .responses, let type = root["type"]?.string else { return false }
        return type != "error"
    }
}

extension StreamMeter {
    private mutating func chat(_ root: JSONSlice) -> Verdict {
        if let usage = root["usage"], usage.kind == .object { reported = UsageReading.openAI(usage) ?? reported }
        // Groq puts it there until the last chunk; Moonshot into the choice.
        if let usage = root["x_groq", "usage"], usage.kind == .object {
            reported = UsageReading.openAI(usage) ?? reported
        }
        guard let choices = root["choices"] else { return .pass }
        var isEmpty = true
        for choice in choices.elements {
            isEmpty = false
            let index = choice["index"]?.int ?? 0
            opened.insert(index)
            if let reason = choice["finish_reason"], reason.kind == .string { finished.insert(index) }
            if let usage = choice["usage"], usage.kind == .object { reported = UsageReading.openAI(usage) ?? reported }
            if format == .completions {
                deliveredOutput += choice["text"]?.textLength ?? 0
                continue
            }
            guard let delta = choice["delta"] else { continue }
            for (name, value) in delta.members {
                switch name {
                case "content", "reasoning_content", "reasoning", "refusal": deliveredOutput += value.textLength
                case "tool_calls":
                    for call in value.elements {
                        deliveredOutput += call["function", "arguments"]?.textLength ?? 0
                        deliveredOutput += call["function", "name"]?.textLength ?? 0
                    }
                default: break
                }
            }
        }
        let isUsageChunk = isEmpty && root["usage"]?.kind == .object
        return isUsageChunk && dropsUsageChunk ? .drop : .pass
    }

    private mutating func responses(_ root: JSONSlice) -> Verdict {
        if let number = root["sequence_number"]?.int, number < Int.max { nextSequenceNumber = number + 1 }
        guard let type = root["type"]?.string else { return .pass }
        switch type {
        case "response.completed", "response.incomplete":
            isComplete = true
            if let usage = root["response", "usage"] { reported = UsageReading.openAI(usage) ?? reported }
        case "response.failed":
            if let usage = root["response", "usage"] { reported = UsageReading.openAI(usage) ?? reported }
            return .failed(root["response"] ?? root)
        case "error": return .failed(root)
        default:
            if type.hasSuffix(".delta") { deliveredOutput += root["delta"]?.textLength ?? 0 }
        }
        return .pass
    }

    private mutating func messages(_ root: JSONSlice) {
        guard let type = root["type"]?.string else { return }
        switch type {
        case "message_start":
            if let usage = root["message", "usage"] { reported = UsageReading.anthropic(usage, after: nil) }
        case "message_delta":
            if let usage = root["usage"] { reported = UsageReading.anthropic(usage, after: reported) }
        case "content_block_delta":
            guard let delta = root["delta"] else { return }
            for (name, value) in delta.members {
                switch name {
                case "text", "partial_json", "thinking": deliveredOutput += value.textLength
                default: break
                }
            }
        case "message_stop": isComplete = true
        default: break
        }
    }

    private mutating func gemini(_ root: JSONSlice) {
        if let usage = root["usageMetadata"] { reported = UsageReading.gemini(usage) ?? reported }
        if root["promptFeedback", "blockReason"]?.kind == .string { finished.insert(0) }
        guard let candidates = root["candidates"] else { return }
        for candidate in candidates.elements {
            let index = candidate["index"]?.int ?? 0
            opened.insert(index)
            if candidate["finishReason"]?.kind == .string { finished.insert(index) }
            guard let parts = candidate["content", "parts"] else { continue }
            for part in parts.elements {
                deliveredOutput += part["text"]?.textLength ?? 0
                if let call = part["functionCall", "args"] { deliveredOutput += call.range.count }
            }
        }
    }

    private mutating func typed(_ root: JSONSlice) {
        guard let type = root["type"]?.string else { return }
        if let usage = root["usage"], usage.kind == .object {
            var read = UsageReading.openAI(usage) ?? UsageReading.audio(usage)
            read?.images = reported?.images ?? base?.images ?? 0
            reported = read ?? reported
        }
        if type.hasSuffix(".completed") || type.hasSuffix(".done") { isComplete = true }
        if type.hasPrefix("transcript."), type.hasSuffix(".delta") { deliveredOutput += root["delta"]?.textLength ?? 0 }
    }
}

extension JSONSlice {
    /// The UTF-8 length of a string's text; 0 for other kinds.
    ///
    /// Nothing is decoded.
    var textLength: Int {
        guard kind == .string else { return 0 }
        return bytes.withUnsafeReadableBytes { bytes in
            var length = 0
            var position = 1
            while position < bytes.count - 1 {
                guard bytes[position] == UInt8(ascii: "\\") else {
                    length += 1
                    position += 1
                    continue
                }
                guard bytes[position + 1] == UInt8(ascii: "u") else {
                    length += 1
                    position += 2
                    continue
                }
                length += Self.escapedLength(bytes[(position + 2)..<min(position + 6, bytes.count)])
                position += 6
            }
            return length
        }
    }

    /// Half a surrogate pair is two of its four bytes.
    private static func escapedLength(_ digits: Slice<UnsafeRawBufferPointer>) -> Int {
        var unit: UInt32 = 0
        for digit in digits {
            unit = unit << 4 | UInt32(digit & 0xF) + (digit > UInt8(ascii: "9") ? 9 : 0)
        }
        return switch unit {
        case ..<0x80: 1
        case ..<0x800: 2
        case 0xD800...0xDFFF: 2
        default: 3
        }
    }
}
