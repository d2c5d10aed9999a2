@testable import ElkProviders

/// The generated block of `docs/translation.md`.
enum ConformanceTable {
    static let begin = "<!-- conformance: written by ConformanceTests -->"
    static let end = "<!-- end of conformance -->"

    /// The document with the block in it replaced; nil where it has none.
    static func replacing(in document: String, with table: String) -> String? {
        guard let head = document.firstRange(of: begin), let tail = document.firstRange(of: end) else { return nil }
        return document[..<head.upperBound] + "\n\n" + table + "\n" + document[tail.lowerBound...]
    }

    static func markdown(
        _ formats: [TextFormat],
        _ holds: (TextFormat, TextFormat, TextCase) -> Bool
    ) -> String {
        var lines = ["| Client | Upstream | " + TextCase.allCases.map(\.title).joined(separator: " | ") + " |"]
        lines.append("|---|---|" + TextCase.allCases.map { _ in ":-:|" }.joined())
        for client in formats {
            for upstream in formats {
                let marks = TextCase.allCases.map { holds(client, upstream, $0) ? "yes" : "**no**" }
                lines.append("| \(client.title) | \(upstream.title) | \(marks.joined(separator: " | ")) |")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension TextFormat {
    var title: String {
        switch self {
        case .openAIChat: "Chat"
        case .openAIResponses: "Responses"
        case .anthropicMessages: "Messages"
        case .geminiGenerate: "Gemini"
        }
    }
}
