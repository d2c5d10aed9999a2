/// A piece of a sentence and the mark that ends it, which shapes how it is said.
struct Clause: Hashable {
    /// Without the mark.
    var text: String
    /// One of `, . ! ? ; :`.
    var mark: Character?
    /// The words with all marks at them.
    var words: [String]

    /// The clauses of one part of a text; those without a letter or digit are left out.
    static func clauses(of part: String) -> [Clause] {
        var clauses: [Clause] = []
        var start = part.startIndex
        for index in part.indices {
            let next = part.index(after: index)
            guard let mark = marks[part[index]] else { continue }
            // "3,5" and "10:30" are words; a point within a part belongs to an abbreviation.
            let isEnd = part[next...].allSatisfy { !$0.isLetter && !$0.isNumber }
            let isFree = wide.contains(part[index]) || part[next...].first?.isWhitespace ?? true
            guard isEnd || mark != "." && isFree else { continue }
            append(part[start..<index], mark, written: isEnd ? part[start...] : part[start..<next], to: &clauses)
            start = isEnd ? part.endIndex : next
            if isEnd { break }
        }
        append(part[start...], nil, written: part[start...], to: &clauses)
        return clauses
    }

    private static func append(
        _ text: Substring,
        _ mark: Character?,
        written: Substring,
        to clauses: inout [Clause]
    ) {
        guard text.contains(where: { $0.isLetter || $0.isNumber }) else { return }
        var words: [String] = []
        for word in written.split(whereSeparator: \.isWhitespace) {
            if let last = words.indices.last, !word.contains(where: { $0.isLetter || $0.isNumber }) {
                words[last] += " \(word)"
            } else {
                words.append(String(word))
            }
        }
        clauses.append(Clause(text: String(text), mark: mark, words: words))
    }

    private static let marks: [Character: Character] = [
        ",": ",", ".": ".", "!": "!", "?": "?", ";": ";", ":": ":", "…": ".", "，": ",", "、": ",", "。": ".", "！": "!",
        "？": "?", "；": ";", "：": ":", "،": ",", "؛": ";", "؟": "?", "।": ".",
    ]
    /// Those of scripts that have no space behind them.
    private static let wide: Set<Character> = ["，", "、", "。", "！", "？", "；", "："]
}
