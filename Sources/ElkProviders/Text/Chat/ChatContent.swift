import ElkWire

/// `content` of an answer: a string by the book; from Mistral also parts of text and of thinking.
enum ChatContent {
    static func pieces(_ content: JSONSlice?) -> [(text: String, isThought: Bool)] {
        guard let content else { return [] }
        if let text = content.string { return [(text, false)] }
        return content.elements.compactMap { part in
            if let text = part["text"]?.string { return (text, false) }
            guard let thinking = part["thinking"] else { return nil }
            let text = thinking.string ?? thinking.elements.compactMap { $0["text"]?.string }.joined()
            return (text, true)
        }
    }
}
