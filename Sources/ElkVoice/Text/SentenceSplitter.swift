/// Cuts a text into what is said at once: sentences, and parts of those that are long.
package enum SentenceSplitter {
    /// Characters of a part at most.
    package static let mostCharacters = 300
    /// A colon or semicolon ends a part from here on.
    private static let leastCharacters = 40

    /// The parts in their order, without spaces around them; none is empty.
    package static func parts(of text: String) -> [String] {
        var parts: [String] = []
        for paragraph in Paragraph.texts(of: text) {
            for sentence in sentences(of: paragraph[...]) { parts += shortened(sentence) }
        }
        return parts
    }

    private static func sentences(of line: Substring) -> [Substring] {
        var sentences: [Substring] = []
        var start = line.startIndex
        var index = line.startIndex
        while index < line.endIndex {
            let character = line[index]
            var end = line.index(after: index)
            if ends(character, in: line, at: index, from: start) {
                while end < line.endIndex, closes(line[end]) { end = line.index(after: end) }
                sentences.append(line[start..<end])
                start = end
            }
            index = end
        }
        sentences.append(line[start...])
        return sentences.map(trimmed).filter { !$0.isEmpty }
    }

    private static func ends(
        _ character: Character,
        in line: Substring,
        at index: Substring.Index,
        from start: Substring.Index
    ) -> Bool {
        if "。！？；।".contains(character) { return true }
        guard ".!?…;:؟".contains(character) else { return false }
        var next = line.index(after: index)
        while next < line.endIndex, closes(line[next]) { next = line.index(after: next) }
        guard next == line.endIndex || line[next].isWhitespace else { return false }
        if ";:".contains(character) { return line.distance(from: start, to: index) >= leastCharacters }
        guard character == "." else { return true }
        let word = line[start...index].split(whereSeparator: \.isWhitespace).last ?? ""
        let following = line[next...].split(maxSplits: 1, whereSeparator: \.isWhitespace).first
        let bare = word.drop { !$0.isLetter }
        // Behind a point that ends a sentence stands no small letter.
        if following?.first?.isLowercase == true, word.dropLast().contains(".") || Abbreviations.isShort(bare) {
            return false
        }
        return !Abbreviations.isKnown(bare, next: following)
    }

    private static func closes(_ character: Character) -> Bool { ".!?…\"'”’)]».".contains(character) }

    /// Cuts at a mark before a space, else at a space, else at a mark, else anywhere.
    private static func shortened(_ sentence: Substring) -> [String] {
        var parts: [String] = []
        var rest = sentence
        while rest.count > mostCharacters {
            let head = rest.prefix(mostCharacters)
            let lower = head.index(head.startIndex, offsetBy: mostCharacters / 3)
            let marks = head[lower...].indices.filter { ",;:–—".contains(head[$0]) }
            // The comma of "1,234" is no place for a breath.
            let cut =
                marks.last { rest[rest.index(after: $0)...].first?.isWhitespace == true }
                ?? head[lower...].lastIndex(where: \.isWhitespace) ?? marks.last ?? head.index(before: head.endIndex)
            parts.append(String(trimmed(rest[...cut])))
            rest = trimmed(rest[rest.index(after: cut)...])
        }
        if !rest.isEmpty { parts.append(String(rest)) }
        return parts.filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text = text.dropLast() }
        return text
    }
}
