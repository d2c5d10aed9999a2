import ElkWire

/// A stream whose tool calls have the client's names again, and whose free-text calls are free text.
struct ToolRestoringReader: StreamReader {
    private var reader: any StreamReader
    private let names: ToolNames
    /// The arguments of the open free-text call of each choice: only the whole of them can be unwrapped.
    private var freeText: [Int: String] = [:]
    private var events: [AnswerEvent] = []

    init(_ reader: any StreamReader, _ names: ToolNames) {
        self.reader = reader
        self.names = names
    }

    var isComplete: Bool { reader.isComplete }

    mutating func read(_ event: SSEEvent, into events: inout [AnswerEvent]) throws(Failure) {
        defer { restore(into: &events) }
        try reader.read(event, into: &self.events)
    }

    mutating func finish(into events: inout [AnswerEvent]) throws(Failure) {
        defer { restore(into: &events) }
        try reader.finish(into: &self.events)
    }

    private mutating func restore(into events: inout [AnswerEvent]) {
        for event in self.events {
            switch event {
            case .partStart(let choice, let index, .toolCall(let id, let name, let isCustom, let seal)):
                let own = names.clientName(name)
                let isFree = names.takesFreeText(own)
                if isFree { freeText[choice] = "" }
                let start = AnswerEvent.PartStart.toolCall(id: id, name: own, isCustom: isCustom || isFree, seal: seal)
                events.append(.partStart(choice: choice, index: index, start))
            case .partDelta(let choice, _, .text(let text)) where freeText[choice] != nil:
                freeText[choice]?.append(text)
            case .partStop(let choice, let index):
                if let arguments = freeText.removeValue(forKey: choice), !arguments.isEmpty {
                    events.append(.partDelta(choice: choice, index: index, .text(ToolNames.freeText(in: arguments))))
                }
                events.append(event)
            default: events.append(event)
            }
        }
        self.events.removeAll(keepingCapacity: true)
    }
}
