import ElkWire
import NIOCore

@testable import ElkProviders

/// What a request says, in lines that every format can say.
struct ConversationSummary: Hashable, CustomStringConvertible {
    var lines: [String] = []

    init(_ lines: [String]) { self.lines = lines }

    init(_ conversation: Conversation) {
        for turn in conversation.turns {
            for part in turn.parts {
                guard let text = Self.text(part, of: conversation) else { continue }
                lines.append("\(Self.role(turn.role)) \(text)")
            }
        }
        for tool in conversation.tools {
            let parameters = tool.parameters.map { String(buffer: $0.bytes) } ?? "{}"
            lines.append("tool \(tool.name) \(parameters)")
        }
        if let choice = conversation.toolChoice { lines.append("choice \(choice)") }
        if let count = conversation.maxOutputTokens { lines.append("max \(count)") }
        if let temperature = conversation.sampling.temperature { lines.append("temperature \(temperature)") }
        if !conversation.sampling.stop.isEmpty { lines.append("stop \(conversation.sampling.stop)") }
        if let wish = conversation.reasoning { lines.append("effort \(wish.nearestEffort())") }
        if conversation.streams { lines.append("streams") }
    }

    var description: String { lines.joined(separator: "\n") }

    private static func role(_ role: Conversation.Role) -> String {
        switch role {
        case .system, .developer: "system"
        case .user: "user"
        case .assistant: "assistant"
        }
    }

    private static func text(_ part: Part, of conversation: Conversation) -> String? {
        switch part {
        case .text(let text): "text \(text.content)"
        case .image(let media): "image \(media.source)"
        case .audio(let media): "audio \(media.source)"
        case .document(let media): "document \(media.source)"
        case .toolCall(let call): "call \(call.name) \(String(buffer: call.argumentsObject))"
        case .toolResult(let result):
            "result of \(conversation.toolName(ofCall: result.id) ?? "?") \(result.text)"
        // Whether a thought may go up depends on who signed it.
        case .reasoning, .foreign: nil
        case .refusal(let text): "refusal \(text)"
        }
    }
}
