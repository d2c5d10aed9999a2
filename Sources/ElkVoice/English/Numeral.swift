/// A number as it is written, without what it counts: `1,234.5`, `1 000 000`, `1½`, `3/4`, `1.2.3`, `16:9`.
struct Numeral {
    var words: [String]
    /// The ASCII digits of a number that is nothing but digits with commas between thousands or a point.
    var digits: Substring?
    /// What stands behind it.
    var rest: Substring

    /// Nil when the text does not begin with a number.
    init?(_ text: Substring) {
        guard let first = text.first else { return nil }
        if let fraction = Self.fractions[first] {
            self.init(words: Self.fraction(fraction.over, fraction.under), rest: text.dropFirst())
        } else if let power = Self.powers[first] {
            self.init(words: [power], rest: text.dropFirst())
        } else if first.isNumber, !first.isASCII {
            let run = text.prefix { $0.isNumber && !$0.isASCII && Self.fractions[$0] == nil && Self.powers[$0] == nil }
            self.init(words: NumberWords.digits(run), rest: text[run.endIndex...])
        } else if let found = Self.parted(text) ?? Self.broken(text) ?? Self.listed(text) ?? Self.plain(text) {
            self = found
        } else {
            return nil
        }
    }

    private init(words: [String], digits: Substring? = nil, rest: Substring) {
        (self.words, self.digits, self.rest) = (words, digits, rest)
    }

    /// Versions, addresses and ratios: `1.2.3`, `127.0.0.1:8080`, `16:9`.
    private static func parted(_ text: Substring) -> Numeral? {
        let run = text.prefix { isDigit($0) || $0 == "." || $0 == ":" }
        let trimmed = run[..<(run.lastIndex(where: isDigit).map(run.index(after:)) ?? run.startIndex)]
        let parts = trimmed.split(separator: ":", omittingEmptySubsequences: false)
        guard let first = parts.first else { return nil }
        let numbers = first.split(separator: ".", omittingEmptySubsequences: false)
        guard numbers.allSatisfy({ !$0.isEmpty }), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        let rest = text[trimmed.endIndex...]
        if numbers.count > 2, parts.count <= 2 {
            let words = numbers.map { NumberWords.number($0) ?? [] }
            let address = Array(words.joined(separator: [numbers.count == 4 ? "dot" : "point"]))
            let port = parts.dropFirst().flatMap { ["colon"] + NumberWords.digits($0) }
            return Numeral(words: address + port, rest: rest)
        }
        guard parts.count == 2, let one = NumberWords.number(parts[0]), let other = NumberWords.number(parts[1]) else {
            return nil
        }
        return Numeral(words: one + ["to"] + other, rest: rest)
    }

    /// `3/4`, `24/7`, `1½` and `1 1/2`.
    private static func broken(_ text: Substring) -> Numeral? {
        let whole = text.prefix(while: isDigit)
        guard !whole.isEmpty, let number = NumberWords.number(whole) else { return nil }
        var rest = text[whole.endIndex...]
        if let pair = pair(text) { return Numeral(words: pair.words, rest: pair.rest) }
        if rest.first == " " { rest = rest.dropFirst() }
        if let character = rest.first, let fraction = fractions[character] {
            return Numeral(words: number + ["and"] + mixed(fraction.over, fraction.under), rest: rest.dropFirst())
        }
        guard rest.startIndex > whole.endIndex, let pair = pair(rest), pair.over < pair.under, pair.under <= 16 else {
            return nil
        }
        return Numeral(words: number + ["and"] + mixed(pair.over, pair.under), rest: pair.rest)
    }

    private static func pair(_ text: Substring) -> (over: Int, under: Int, words: [String], rest: Substring)? {
        let first = text.prefix(while: isDigit)
        let second = text[first.endIndex...].dropFirst().prefix(while: isDigit)
        guard text[first.endIndex...].first == "/", let over = Int(first), let under = Int(second),
            first.count < 10, second.count < 10
        else { return nil }
        let rest = text[second.endIndex...]
        // A date or a path has more of them.
        if let next = rest.first, next == "/" || (next == "." || next == ","),
            rest.dropFirst().first.map(isDigit) ?? false
        {
            return nil
        }
        let (one, other) = (NumberWords.cardinal(over) ?? [], NumberWords.cardinal(under) ?? [])
        let isPair = over == under || over + under == 100 || (over, under) == (24, 7) || (over, under) == (9, 11)
        if isPair { return (over, under, one + other, rest) }
        guard 1...99 ~= over, 2...100 ~= under else { return (over, under, one + ["over"] + other, rest) }
        return (over, under, fraction(over, under), rest)
    }

    /// "three quarters" of 3 and 4.
    private static func fraction(_ over: Int, _ under: Int) -> [String] {
        var name = under == 2 ? ["half"] : under == 4 ? ["quarter"] : NumberWords.ordinal(under) ?? []
        guard let last = name.popLast() else { return [] }
        let many = last == "half" ? "halves" : last + "s"
        return (NumberWords.cardinal(over) ?? []) + name + [over == 1 ? last : many]
    }

    /// "a half" behind "one and".
    private static func mixed(_ over: Int, _ under: Int) -> [String] {
        let words = fraction(over, under)
        return over == 1 ? [under == 8 || under == 11 || under == 18 ? "an" : "a"] + words.dropFirst() : words
    }

    /// `1,2,3` are numbers, `1,5` is a comma as others write a point; `1,234` is neither.
    private static func listed(_ text: Substring) -> Numeral? {
        let run = text.prefix { isDigit($0) || $0 == "," }
        let trimmed = run[..<(run.lastIndex(where: isDigit).map(run.index(after:)) ?? run.startIndex)]
        let parts = trimmed.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count > 1, parts.allSatisfy({ !$0.isEmpty }), NumberWords.number(trimmed) == nil else { return nil }
        let rest = text[trimmed.endIndex...]
        if parts.count == 2, let whole = NumberWords.number(parts[0]) {
            return Numeral(words: whole + ["comma"] + NumberWords.digits(parts[1]), rest: rest)
        }
        return Numeral(words: Array(parts.map { NumberWords.number($0) ?? [] }.joined(separator: [","])), rest: rest)
    }

    private static func plain(_ text: Substring) -> Numeral? {
        if let found = spaced(text) { return found }
        var end = text.prefix { isDigit($0) || $0 == "," }.endIndex
        while end > text.startIndex, text[text.index(before: end)] == "," { end = text.index(before: end) }
        let point = text[end...].dropFirst().prefix(while: isDigit)
        if text[end...].first == ".", !point.isEmpty { end = point.endIndex }
        let digits = text[..<end]
        return NumberWords.number(digits).map { Numeral(words: $0, digits: digits, rest: text[end...]) }
    }

    /// `1 000 000`; one space alone stands before three zeros only, since "12 345 people" may be two numbers.
    private static func spaced(_ text: Substring) -> Numeral? {
        let first = text.prefix(while: isDigit)
        guard 1...3 ~= first.count, first.first != "0" else { return nil }
        var groups = [first]
        var rest = text[first.endIndex...]
        while rest.first == " " {
            let group = rest.dropFirst().prefix(while: isDigit)
            guard group.count == 3 else { break }
            groups.append(group)
            rest = text[group.endIndex...]
        }
        guard groups.count > 2 || groups.dropFirst() == ["000"] else { return nil }
        return NumberWords.number(groups.joined()).map { Numeral(words: $0, rest: rest) }
    }

    static func isDigit(_ character: Character) -> Bool { character.isASCII && character.isNumber }

    private static let powers: [Character: String] = ["²": "squared", "³": "cubed"]
    private static let fractions: [Character: (over: Int, under: Int)] = [
        "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5),
        "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅐": (1, 7), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
        "⅑": (1, 9), "⅒": (1, 10),
    ]
}
