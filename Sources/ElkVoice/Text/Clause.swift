/// A piece of a sentence and the mark that ends it, which shapes how it is said.
struct Clause: Hashable {
    var text: String
    /// One of `, . ! ? ; :`.
    var mark: Character?

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
            append(part[start..<index], mark, to: &clauses)
            start = next
            if isEnd { break }
        }
        append(part[start...], nil, to: &clauses)
        return clauses
    }

    private static func append(_ text: Substring, _ mark: Character?, to clauses: inout [Clause]) {
        guard text.contains(where: { $0.isLetter || $0.isNumber }) else { return }
        clauses.append(Clause(text: String(text), mark: mark))
    }

    private static let marks: [Character: Character] = [
        ",": ",", ".": ".", "!": "!", "?": "?", ";": ";", ":": ":", "…": ".", "，": ",", "、": ",", "。": ".", "！": "!",
        "？": "?", "；": ";", "：": ":", "،": ",", "؛": ";", "؟": "?", "।": ".",
    ]
    /// Those of scripts that have no space behind them.
    private static let wide: Set<Character> = ["，", "、", "。", "！", "？", "；", "："]
}
