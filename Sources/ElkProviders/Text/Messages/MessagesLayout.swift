import ElkWire

/// The turns of a conversation in the order that the Messages format wants: instructions apart, roles that alternate,
/// all results of one round of calls first in one user message, no empty blocks.
struct MessagesLayout {
    struct Message {
        let isAssistant: Bool
        var parts: [Part]
    }

    var system: [Part.Text] = []
    private(set) var messages: [Message] = []

    init(_ conversation: Conversation) {
        for turn in conversation.turns {
            switch turn.role {
            case .system, .developer: instruct(turn)
            case .user: append(turn.parts.filter(Self.isCarried), isAssistant: false)
            case .assistant: append(turn.parts.filter(Self.isCarried), isAssistant: true)
            }
        }
        for index in messages.indices where !messages[index].isAssistant {
            messages[index].parts = Self.resultsFirst(messages[index].parts)
        }
        // A message there must be.
        if messages.isEmpty {
            messages = [Message(isAssistant: false, parts: system.map(Part.text))]
            system = []
        }
    }

    /// Instructions before the first turn go to `system`, a block each.
    ///
    /// Later ones keep their place, as words of the user that say what they are.
    private mutating func instruct(_ turn: Conversation.Turn) {
        for case .text(var text) in turn.parts where Self.hasText(text) {
            if messages.isEmpty {
                system.append(text)
            } else {
                text.content = "<system>\n\(text.content)\n</system>"
                append([.text(text)], isAssistant: false)
            }
        }
    }

    private mutating func append(_ parts: [Part], isAssistant: Bool) {
        guard !parts.isEmpty else { return }
        if let last = messages.last, last.isAssistant == isAssistant {
            messages[messages.count - 1].parts += parts
        } else {
            messages.append(Message(isAssistant: isAssistant, parts: parts))
        }
    }

    private static func resultsFirst(_ parts: [Part]) -> [Part] {
        let results = parts.filter { if case .toolResult = $0 { true } else { false } }
        return results.isEmpty ? parts : results + parts.filter { if case .toolResult = $0 { false } else { true } }
    }

    /// Thoughts without this format's own signature are refused, and so is empty text.
    private static func isCarried(_ part: Part) -> Bool {
        switch part {
        case .text(let text): hasText(text)
        case .refusal(let text): !text.isEmpty
        case .reasoning(let thought): thought.seal?.format == .anthropicMessages
        case .foreign(let format, _): format == .anthropicMessages
        case .image, .audio, .document, .toolCall, .toolResult: true
        }
    }

    /// Text of white space only is refused as well.
    private static func hasText(_ text: Part.Text) -> Bool {
        text.content.unicodeScalars.contains { !$0.properties.isWhitespace }
    }
}
