import ElkWire
import NIOCore

/// How a stream of one text format becomes another's.
struct StreamTranslation: Sendable {
    var reader: any StreamReader
    var writer: any StreamWriter
}

/// A stream of another format than the client's: upstream events become neutral ones, and those the client's bytes.
struct TranslatedReply: Sendable {
    private var parser = SSEParser(maxLineBytes: ReplyLimits.event)
    private var events: [AnswerEvent] = []
    private var translation: StreamTranslation
    private let failures: FailureReading
    private(set) var usage: Usage?
    private(set) var deliveredOutput = 0
    private(set) var upstreamFailure: UpstreamFailure?

    init(_ translation: StreamTranslation, failures: FailureReading) {
        (self.translation, self.failures) = (translation, failures)
    }

    var isComplete: Bool { translation.reader.isComplete }

    mutating func consume(_ chunk: ByteBuffer, into out: inout ByteBuffer) throws(Failure) {
        parser.append(chunk)
        while let event = try nextEvent() { try read(event, into: &out) }
    }

    mutating func finish(into out: inout ByteBuffer) throws(Failure) {
        if let event = parser.finish() { try read(event, into: &out) }
        do {
            try translation.reader.finish(into: &events)
        } catch {
            write(into: &out)
            throw error
        }
        write(into: &out)
    }

    mutating func abort(_ failure: Failure, into out: inout ByteBuffer) {
        translation.writer.abort(failure, into: &out)
    }

    private mutating func nextEvent() throws(Failure) -> SSEEvent? {
        do {
            return try parser.next()
        } catch {
            throw ClientFailure.badAnswer("an event that is none")
        }
    }

    private mutating func read(_ event: SSEEvent, into out: inout ByteBuffer) throws(Failure) {
        do {
            try translation.reader.read(event, into: &events)
        } catch {
            write(into: &out)
            guard let root = try? JSONSlice(validating: event.data), root.kind == .object,
                let report = Self.error(in: root)
            else { throw error }
            let failure = failures.read(report)
            upstreamFailure = failure
            throw failure.failure
        }
        write(into: &out)
    }

    /// The document with the error in it, where the event is one that reports an error.
    private static func error(in root: JSONSlice) -> JSONSlice? {
        if let response = root["response"], response["error"]?.kind == .object { return response }
        if let error = root["error"], error.kind == .object || error.kind == .string { return root }
        return root["type"]?.string == "error" ? root : nil
    }

    private mutating func write(into out: inout ByteBuffer) {
        for event in events {
            switch event {
            case .usage(let reported): usage = reported
            case .partDelta(_, _, .text(let text)): deliveredOutput += text.utf8.count
            case .partStart(_, _, .toolCall(_, let name, _, _)): deliveredOutput += name.utf8.count
            default: break
            }
            translation.writer.write(event, into: &out)
        }
        events.removeAll(keepingCapacity: true)
    }
}

/// A whole text answer of another format than the client's.
struct WholeTextTranslation: WholeTranslation {
    let reader: any AnswerReader.Type
    let writer: any AnswerWriter.Type
    let names: ToolNames
    let context: AnswerContext

    func translate(_ root: JSONSlice, into out: inout ByteBuffer) throws(Failure) -> WholeOutcome {
        var answer = try reader.readAnswer(root)
        names.restore(&answer)
        out.writeImmutableBuffer(writer.writeAnswer(answer, context))
        return WholeOutcome(usage: answer.usage, outputBytes: answer.outputBytes)
    }
}

extension Answer {
    /// UTF-8 bytes of generated text, reasoning and tool arguments.
    var outputBytes: Int {
        var length = 0
        for choice in choices {
            for part in choice.parts {
                switch part {
                case .text(let text): length += text.content.utf8.count
                case .reasoning(let reasoning): length += reasoning.text.utf8.count
                case .refusal(let text): length += text.utf8.count
                case .toolCall(let call): length += call.name.utf8.count + call.arguments.utf8.count
                default: break
                }
            }
        }
        return length
    }
}
