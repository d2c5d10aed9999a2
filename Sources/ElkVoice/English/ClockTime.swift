/// A time of day: `3:05`, `14:30`, `12:30:45`, `9:00am`, `9 AM`.
struct ClockTime {
    var words: [String]
    /// What stands behind it.
    var rest: Substring

    /// Nil when the text does not begin with one.
    init?(_ text: Substring) {
        let clock = text.prefix { Numeral.isDigit($0) || $0 == ":" }
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        let behind = text[clock.endIndex...]
        let half = Self.half(behind)
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == parts.count, let hour = numbers.first, hour < 25,
            parts.dropFirst().allSatisfy({ $0.count == 2 }), numbers.dropFirst().allSatisfy({ $0 < 60 }),
            var words = NumberWords.cardinal(hour)
        else { return nil }
        switch numbers.count {
        case 1:
            guard half != nil, 1...12 ~= hour else { return nil }
        case 2 where numbers[1] == 0:
            // "3:00 p.m."
            let hasHalf = half != nil || [" a.m", " p.m"].contains(behind.prefix(4).lowercased())
            if !hasHalf { words += hour > 12 || hour == 0 ? ["hundred"] : ["o'clock"] }
        case 2, 3:
            for number in numbers.dropFirst() {
                words += (number < 10 ? ["oh"] : []) + (number == 0 ? ["oh"] : NumberWords.cardinal(number) ?? [])
            }
        default: return nil
        }
        self.words = words + (half.map { ["*" + $0.letters] } ?? [])
        rest = half?.rest ?? behind
    }

    /// `am`, ` PM`, `a.m`; the piece `p.m.` is an abbreviation, which may end a sentence.
    private static func half(_ text: Substring) -> (letters: String, rest: Substring)? {
        let isApart = text.first == " "
        let start = isApart ? text.dropFirst() : text
        for written in ["am", "pm", "a.m.", "p.m.", "a.m", "p.m"] {
            guard start.prefix(written.count).lowercased() == written else { continue }
            let rest = start.dropFirst(written.count)
            if let next = rest.first, next.isLetter || next.isNumber { continue }
            // "10 a.m.-5 p.m." goes on behind it.
            if isApart, written.contains("."), !"-–".contains(rest.first ?? " ") { continue }
            return (written.filter { $0 != "." }, rest)
        }
        return nil
    }
}
