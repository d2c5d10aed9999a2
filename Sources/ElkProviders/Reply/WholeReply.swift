import ElkWire
import NIOCore

/// An answer that is one JSON document: collected, checked for an error in disguise, then passed or translated.
struct WholeReply: Sendable {
    private var collected = ByteBuffer()
    private let translation: any WholeTranslation
    private let failures: FailureReading
    private(set) var usage: Usage?
    private(set) var isComplete = false
    private(set) var deliveredOutput = 0
    private(set) var upstreamFailure: UpstreamFailure?

    init(_ translation: any WholeTranslation, failures: FailureReading) {
        (self.translation, self.failures) = (translation, failures)
    }

    mutating func consume(_ chunk: ByteBuffer, into out: inout ByteBuffer) throws(Failure) {
        guard collected.readableBytes + chunk.readableBytes <= ReplyLimits.wholeAnswer else {
            throw ClientFailure.badAnswer("an answer over \(ReplyLimits.wholeAnswer) bytes")
        }
        if collected.readableBytes == 0 {
            collected = chunk
        } else {
            collected.writeImmutableBuffer(chunk)
        }
    }

    mutating func finish(into out: inout ByteBuffer) throws(Failure) {
        let root: JSONSlice
        do {
            root = try JSONSlice(validating: collected)
        } catch {
            throw ClientFailure.badAnswer("an answer that is no JSON")
        }
        if let error = Self.error(in: root) {
            let failure = failures.read(error)
            upstreamFailure = failure
            throw failure.failure
        }
        let start = out.writerIndex
        do {
            let outcome = try translation.translate(root, into: &out)
            (usage, deliveredOutput) = (outcome.usage, outcome.outputBytes)
        } catch {
            // Half a document is none.
            out.moveWriterIndex(to: start)
            throw error
        }
        isComplete = true
    }

    /// An error sent with a good status.
    ///
    /// Responses' objects have `"error":null`, and a failed one is a failure too.
    private static func error(in root: JSONSlice) -> JSONSlice? {
        guard root.kind == .object else { return nil }
        if let error = root["error"], error.kind == .object || error.kind == .string { return root }
        // DashScope and SiliconFlow put a code where the answer should be.
        if root["code"]?.kind == .string, root["message"]?.kind == .string, root["id"] == nil { return root }
        return nil
    }
}

/// What an answer was, in numbers.
struct WholeOutcome: Sendable {
    var usage: Usage?
    /// UTF-8 bytes of text that was generated, for usage that must be counted.
    var outputBytes = 0
}

/// Turns one whole answer into the client's shape.
protocol WholeTranslation: Sendable {
    /// Appends the client's document. A failure of kind `upstream` says that the answer has not the shape it must have.
    func translate(_ root: JSONSlice, into out: inout ByteBuffer) throws(Failure) -> WholeOutcome
}

/// The same shape on both sides: the bytes pass.
struct WholePass: WholeTranslation {
    enum Format: Sendable, Hashable {
        case text(StreamMeter.Format)
        /// Usage in OpenAI's names, or none.
        case embeddings, images, moderation, transcription, rerank, countTokens, other
    }

    let format: Format
    /// What the request itself says.
    var base: Usage?

    func translate(_ root: JSONSlice, into out: inout ByteBuffer) throws(Failure) -> WholeOutcome {
        out.writeImmutableBuffer(root.bytes)
        var outcome = measure(root)
        outcome.usage = outcome.usage ?? base
        return outcome
    }

    private func measure(_ root: JSONSlice) -> WholeOutcome {
        switch format {
        case .text(let format): return WholeMeter.text(root, format)
        case .images:
            var usage = root["usage"].flatMap(UsageReading.openAI) ?? base
            usage?.images = root["data"].map { WholeMeter.count($0) } ?? 0
            return WholeOutcome(usage: usage)
        case .transcription:
            let usage = root["usage"].flatMap { UsageReading.openAI($0) ?? UsageReading.audio($0) }
            let seconds = root["duration"]?.double.flatMap { UsageReading.audio(seconds: $0) }
            return WholeOutcome(usage: usage ?? seconds, outputBytes: root["text"]?.textLength ?? 0)
        case .rerank:
            let usage = root["usage"].flatMap(UsageReading.openAI) ?? root["meta"].flatMap(UsageReading.cohere)
            return WholeOutcome(usage: usage)
        case .embeddings, .moderation: return WholeOutcome(usage: root["usage"].flatMap(UsageReading.openAI))
        case .countTokens, .other: return WholeOutcome()
        }
    }
}

/// Reads usage and the length of the output from whole text answers.
enum WholeMeter {
    static func text(_ root: JSONSlice, _ format: StreamMeter.Format) -> WholeOutcome {
        switch format {
        case .chat, .completions:
            return WholeOutcome(usage: root["usage"].flatMap(UsageReading.openAI), outputBytes: chat(root))
        case .responses:
            return WholeOutcome(usage: root["usage"].flatMap(UsageReading.openAI), outputBytes: responses(root))
        case .messages:
            let usage = root["usage"].flatMap { UsageReading.anthropic($0, after: nil) }
            return WholeOutcome(usage: usage, outputBytes: messages(root))
        case .gemini:
            var meter = StreamMeter(.gemini)
            meter.readWhole(root)
            return WholeOutcome(usage: meter.usage, outputBytes: meter.deliveredOutput)
        case .typed: return WholeOutcome()
        }
    }

    static func count(_ array: JSONSlice) -> Int {
        var count = 0
        for _ in array.elements { count += 1 }
        return count
    }

    private static func chat(_ root: JSONSlice) -> Int {
        var length = 0
        guard let choices = root["choices"] else { return 0 }
        for choice in choices.elements {
            length += choice["text"]?.textLength ?? 0
            guard let message = choice["message"] else { continue }
            for name in ["content", "reasoning_content", "reasoning", "refusal"] {
                length += message[name]?.textLength ?? 0
            }
            guard let calls = message["tool_calls"] else { continue }
            for call in calls.elements {
                length += (call["function", "name"]?.textLength ?? 0) + (call["function", "arguments"]?.textLength ?? 0)
            }
        }
        return length
    }

    private static func responses(_ root: JSONSlice) -> Int {
        var length = 0
        guard let items = root["output"] else { return 0 }
        for item in items.elements {
            length += item["arguments"]?.textLength ?? 0
            for name in ["content", "summary"] {
                guard let parts = item[name] else { continue }
                for part in parts.elements { length += part["text"]?.textLength ?? part["refusal"]?.textLength ?? 0 }
            }
        }
        return length
    }

    private static func messages(_ root: JSONSlice) -> Int {
        var length = 0
        guard let blocks = root["content"] else { return 0 }
        for block in blocks.elements {
            length += block["text"]?.textLength ?? block["thinking"]?.textLength ?? block["input"]?.range.count ?? 0
        }
        return length
    }
}
