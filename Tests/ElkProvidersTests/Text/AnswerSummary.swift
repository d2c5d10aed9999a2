import ElkWire
import NIOCore

@testable import ElkProviders

/// What an answer says, in a form that every format can say: to compare it across formats.
struct AnswerSummary: Hashable, CustomStringConvertible {
    var parts: [String] = []
    var stop = ""
    var usage: String?

    init(_ answer: Answer) {
        for choice in answer.choices {
            for part in choice.parts { add(part) }
            // In the words of the poorest format.
            stop = ChatStop.text(choice.stop)
        }
        if let usage = answer.usage { self.usage = Self.line(usage) }
    }

    init(_ parts: [String], stop: String, usage: String? = nil) {
        (self.parts, self.stop, self.usage) = (parts, stop, usage)
    }

    var description: String { "\(parts) \(stop) \(usage ?? "no usage")" }

    static func line(_ usage: Usage) -> String {
        "in \(usage.inputTokens) read \(usage.cacheReadTokens) out \(usage.outputTokens) thought \(usage.reasoningTokens)"
    }

    private mutating func add(_ part: Part) {
        switch part {
        case .text(let text): parts.append("text \(text.content)")
        case .reasoning(let thought): if !thought.text.isEmpty { parts.append("thought \(thought.text)") }
        case .toolCall(let call): parts.append("call \(call.name) \(String(buffer: call.argumentsObject))")
        case .refusal(let text): parts.append("refusal \(text)")
        case .image(let media): parts.append("image \(media.source)")
        case .audio, .document, .toolResult, .foreign: break
        }
    }
}

/// Gathers a stream's events into the answer they make, and finds breaches of the order that readers promise.
struct AnswerCollector {
    private(set) var answer = Answer(id: "", model: "", choices: [])
    private(set) var faults: [String] = []
    private var open: [Int: Int] = [:]
    private var counts: [Int: Int] = [:]
    private var started = false
    private(set) var hasEnded = false

    mutating func add(_ event: AnswerEvent) {
        if hasEnded { faults.append("an event after the end") }
        switch event {
        case .start(let start):
            if started { faults.append("two starts") }
            started = true
            (answer.id, answer.model, answer.created) = (start.id, start.model, start.created)
        case .partStart(let choice, let index, let start):
            if !started { faults.append("a part before the start") }
            if open[choice] != nil { faults.append("two open parts") }
            if index != counts[choice, default: 0] { faults.append("a gap before part \(index)") }
            counts[choice] = index + 1
            open[choice] = index
            grow(choice)
            answer.choices[choice].parts.append(Self.part(start))
        case .partDelta(let choice, let index, let delta):
            guard open[choice] == index else {
                faults.append("a delta of a part that is not open")
                return
            }
            answer.choices[choice].parts[index].append(delta)
        case .partStop(let choice, let index):
            if open.removeValue(forKey: choice) != index { faults.append("a stop of a part that is not open") }
        case .finish(let choice, let reason, let sequence):
            if open[choice] != nil { faults.append("a finish with an open part") }
            grow(choice)
            answer.choices[choice].stop = reason
            answer.choices[choice].stopSequence = sequence
        case .usage(let usage): answer.usage = usage
        case .end: hasEnded = true
        }
    }

    private mutating func grow(_ choice: Int) {
        while answer.choices.count <= choice { answer.choices.append(.init([], stop: .endOfTurn)) }
    }

    private static func part(_ start: AnswerEvent.PartStart) -> Part {
        switch start {
        case .text: .text("")
        case .reasoning(let id, let redacted):
            .reasoning(.init("", seal: redacted, isRedacted: redacted != nil, id: id))
        case .toolCall(let id, let name, let isCustom, let seal):
            .toolCall(.init(id: id, name: name, arguments: "", isCustom: isCustom, seal: seal))
        case .refusal: .refusal("")
        case .media(let part): part
        case .foreign(let format, let slice): .foreign(format, slice)
        }
    }
}

extension Part {
    fileprivate mutating func append(_ delta: AnswerEvent.PartDelta) {
        switch (self, delta) {
        case (.text(var text), .text(let more)):
            text.content += more
            self = .text(text)
        case (.text(var text), .citation(let citation)):
            text.citations.append(citation)
            self = .text(text)
        case (.reasoning(var thought), .text(let more)):
            thought.text += more
            self = .reasoning(thought)
        case (.reasoning(var thought), .seal(let seal)):
            thought.seal = seal
            self = .reasoning(thought)
        case (.toolCall(var call), .text(let more)):
            call.arguments += more
            self = .toolCall(call)
        case (.toolCall(var call), .seal(let seal)):
            call.seal = seal
            self = .toolCall(call)
        case (.refusal(let text), .text(let more)): self = .refusal(text + more)
        default: break
        }
    }
}

extension TextFormat {
    /// Reads a whole stream of this format.
    func collect(_ text: String) throws -> AnswerCollector {
        var parser = SSEParser()
        var reader: any StreamReader = tested.makeReader()
        var collector = AnswerCollector()
        var events: [AnswerEvent] = []
        parser.append(ByteBuffer(string: text))
        while let event = try parser.next() { try reader.read(event, into: &events) }
        try reader.finish(into: &events)
        for event in events { collector.add(event) }
        return collector
    }
}
