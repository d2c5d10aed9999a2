import ElkWire

/// The turns of a conversation as contents: instructions apart, roles that alternate, results right after their calls.
struct GeminiLayout {
    struct Message {
        let isModel: Bool
        var parts: [Part]
    }

    private(set) var system: [String] = []
    private(set) var messages: [Message] = []

    init(_ conversation: Conversation) {
        for turn in conversation.turns {
            switch turn.role {
            case .system, .developer: instruct(turn)
            case .user: append(turn.parts.filter(Self.isCarried), isModel: false)
            case .assistant: append(turn.parts.filter(Self.isCarried), isModel: true)
            }
        }
        // A content there must be.
        if messages.isEmpty {
            messages = [Message(isModel: false, parts: system.map { Part.text($0) })]
            system = []
        }
    }

    /// Instructions before the first turn go to `systemInstruction`.
    ///
    /// Later ones keep their place, as words of the user that say what they are.
    private mutating func instruct(_ turn: Conversation.Turn) {
        for case .text(let text) in turn.parts where !text.content.isEmpty {
            if messages.isEmpty {
                system.append(text.content)
            } else {
                append([.text("<system>\n\(text.content)\n</system>")], isModel: false)
            }
        }
    }

    private mutating func append(_ parts: [Part], isModel: Bool) {
        guard !parts.isEmpty else { return }
        if let last = messages.last, last.isModel == isModel {
            messages[messages.count - 1].parts += parts
        } else {
            messages.append(Message(isModel: isModel, parts: parts))
        }
    }

    /// Thoughts are not sent back, only their signatures are; empty text is refused.
    private static func isCarried(_ part: Part) -> Bool {
        switch part {
        case .text(let text): !text.content.isEmpty
        case .refusal(let text): !text.isEmpty
        case .reasoning(let thought): thought.seal?.format == .geminiGenerate
        case .foreign(let format, _): format == .geminiGenerate
        case .image, .audio, .document, .toolCall, .toolResult: true
        }
    }
}
