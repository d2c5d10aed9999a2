import ElkWire
import NIOCore

extension Conversation {
    /// About how many tokens the conversation has as a model's input: for `count_tokens` of upstreams that cannot count, and
    /// for start events that must show a number before the upstream has said one.
    ///
    /// Text is estimated by `TokenEstimate`. What is no text is counted by what providers charge for it at usual sizes,
    /// and never by its base64 length.
    package var estimatedTokens: Int {
        var sum = 3
        for turn in turns {
            // What frames a message.
            sum += 4
            for part in turn.parts { sum += part.estimatedTokens }
        }
        for tool in tools {
            sum += 8 + TokenEstimate.tokens(of: tool.name) + TokenEstimate.tokens(of: tool.description ?? "")
            if let parameters = tool.parameters { sum += TokenEstimate.tokens(of: parameters.bytes) }
            if case .builtIn(_, let definition, _) = tool.kind { sum += TokenEstimate.tokens(of: definition.bytes) }
        }
        if case .jsonSchema(_, _, let schema, _) = output { sum += TokenEstimate.tokens(of: schema.bytes) }
        return sum
    }
}

extension Part {
    fileprivate var estimatedTokens: Int {
        switch self {
        case .text(let text): TokenEstimate.tokens(of: text.content)
        case .refusal(let text): TokenEstimate.tokens(of: text)
        case .reasoning(let thought): TokenEstimate.tokens(of: thought.text)
        case .toolCall(let call): 8 + TokenEstimate.tokens(of: call.name) + TokenEstimate.tokens(of: call.arguments)
        case .toolResult(let result): result.parts.reduce(8) { $0 + $1.estimatedTokens }
        case .image(let media): media.detail == "low" ? 85 : 1000
        case .audio(let media): media.estimatedTokens(bytesPerToken: 2000, least: 10)
        // A page of about 60 kB has some 2,000 tokens.
        case .document(let media): media.estimatedTokens(bytesPerToken: 32, least: 1500)
        case .foreign(_, let slice): TokenEstimate.tokens(of: slice.bytes)
        }
    }
}

extension Part.Media {
    fileprivate func estimatedTokens(bytesPerToken: Int, least: Int) -> Int {
        switch source {
        case .text(let text): TokenEstimate.tokens(of: text)
        case .base64(let data, _): max(least, data.utf8.count / 4 * 3 / bytesPerToken)
        case .url, .file: least
        }
    }
}
