/// The lines of a text that belong together, however they were wrapped.
enum Paragraph {
    /// A line that ends before this many characters may be a title, or a line of a poem or of an address.
    private static let leastWrapped = 40

    /// Each in one line, without the signs of Markdown; none is empty.
    static func texts(of text: String) -> [String] {
        var texts: [String] = []
        var last: Substring?
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let line = Markdown.unquoted(trimmed(line))
            if let previous = last, continues(line, after: previous) {
                texts[texts.count - 1] += " " + Markdown.plain(line)
            } else if !line.isEmpty {
                texts.append(Markdown.plain(line))
            }
            last = line.isEmpty ? nil : line
        }
        return texts.filter { !$0.isEmpty }
    }

    private static func continues(_ line: Substring, after previous: Substring) -> Bool {
        guard let first = line.first, !Markdown.isHeading(line), !Markdown.isHeading(previous), !beginsItem(line) else {
            return false
        }
        return previous.count >= leastWrapped || first.isLowercase
    }

    /// `- milk`, `• milk`, `2. milk`, `3) milk`.
    private static func beginsItem(_ line: Substring) -> Bool {
        let sign = line.prefix { !$0.isWhitespace }
        guard sign.endIndex < line.endIndex, let last = sign.last else { return false }
        if sign.count == 1, "-*+•‣◦–—·".contains(last) { return true }
        return ".)".contains(last) && sign.count <= 4 && sign.dropLast().allSatisfy(\.isNumber) && sign.count > 1
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}
