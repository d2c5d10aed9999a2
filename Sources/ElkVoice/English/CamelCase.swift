/// Names with capitals inside them.
enum CamelCase {
    /// `Open` and `AI` of `OpenAI`, `i` and `OS` of `iOS`.
    static func parts(_ text: String) -> [Substring] {
        guard !whole.contains(text), !names.contains(where: { text.hasPrefix($0) && text.count > $0.count + 2 }) else {
            return [text[...]]
        }
        var parts: [Substring] = []
        var start = text.startIndex
        var index = text.startIndex
        while index < text.endIndex {
            let next = text.index(after: index)
            let isLast = next < text.endIndex && text.index(after: next) == text.endIndex
            if isLast, text[index].isUppercase, index > start, text[next].isLowercase, text[next] != "s" {
                // `IPv6`
                parts.append(text[start..<next])
                start = next
            } else if next < text.endIndex, text[next].isUppercase {
                // `JSONParser` has its word where small letters begin, `LLMs` has none.
                let small = text[next...].dropFirst().prefix(2)
                let isWord = text[index].isUppercase && small.count == 2 && small.allSatisfy(\.isLowercase)
                if text[index].isLowercase || isWord {
                    parts.append(text[start..<next])
                    start = next
                }
            }
            index = next
        }
        return parts + [text[start...]]
    }

    /// Beginnings of family names.
    private static let names = ["Mc", "Mac", "De", "Di", "Du", "La", "Le", "Fitz", "Van"]
    /// In the dictionary as they are.
    private static let whole: Set<String> = ["WiFi", "YouTube", "iPhone", "PhD"]
}
