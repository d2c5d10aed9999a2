/// Words of what has numbers in it.
enum SpokenNumbers {
    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]

    /// The full name of the month that begins with these three letters.
    static func month(_ prefix: String) -> String? {
        months.first { $0.hasPrefix(prefix.lowercased()) }
    }

    /// What a text begins with and is said as, nil when that is no number.
    ///
    /// - Parameter isStart: a minus sign belongs to the number, which it does not between two.
    /// - Returns: the words, and what stands behind the number with its unit.
    static func words(_ text: Substring, isStart: Bool) -> (words: [String], rest: Substring)? {
        if isStart, let sign = text.first, let word = signs[sign], let found = words(text.dropFirst(), isStart: false) {
            return ([word] + found.words, found.rest)
        }
        if isStart, text.first == "#", let number = NumberWords.number(text.dropFirst().prefix(while: \.isNumber)) {
            return (["number"] + number, text.dropFirst().drop(while: \.isNumber))
        }
        if let decade = shortDecade(text) { return decade }
        guard let first = Quantity(text) else { return nil }
        // "$5 - $10" is a range, "5 - 3" is none.
        for dash in first.unit == nil ? ["-", "–"] : ["-", "–", " - ", " – "] where first.rest.hasPrefix(dash) {
            guard let second = Quantity(first.rest.dropFirst(dash.count)) else { continue }
            return per(first.range(to: second), second.rest)
        }
        // "a ten kilometer run", but "five dollars a day"; "a million dollar deal" says its unit itself.
        let noun = first.rest.first == "-" ? first.rest.dropFirst().prefix(while: \.isLetter) : ""
        if noun.isEmpty || noun == "a" { return per(first.spoken(), first.rest) }
        return (noun == first.unit?.one ?? "" ? first.words : first.spoken(isBeforeNoun: true), first.rest)
    }

    /// What is written as a number but not as one quantity.
    static func wholeWords(_ text: String) -> [String]? {
        if text.first == "+" { return telephone(text.dropFirst()).map { ["plus"] + $0 } }
        return date(text) ?? telephone(text[...])
    }

    /// `km/h`, `$20/month/user`.
    private static func per(_ words: [String], _ rest: Substring) -> (words: [String], rest: Substring) {
        let unit = rest.dropFirst().prefix(while: \.isLetter)
        guard rest.first == "/", !unit.isEmpty else { return (words, rest) }
        let name = Unit.per(String(unit)).split(separator: " ").map(String.init)
        return per(words + ["per"] + name, rest[unit.endIndex...])
    }

    /// A decade without its century: `'90s`.
    private static func shortDecade(_ text: Substring) -> (words: [String], rest: Substring)? {
        let digits = text.dropFirst().prefix(while: Numeral.isDigit)
        let rest = text[digits.endIndex...]
        guard text.first == "'", digits.count == 2, digits.last == "0", rest.first == "s",
            rest.dropFirst().first?.isLetter != true, var words = NumberWords.number(digits), let last = words.popLast()
        else { return nil }
        return (words + [NumberWords.plural(last)], rest.dropFirst())
    }

    /// `2024-01-15`, `2024/01/15`, `1/15/2024`, `15/1/2024` and `15.1.2024`.
    private static func date(_ text: String) -> [String]? {
        for separator in ["-", "/", "."] as [Character] {
            let parts = text.split(separator: separator, omittingEmptySubsequences: false)
            let numbers = parts.compactMap { $0.allSatisfy(\.isNumber) ? Int($0) : nil }
            guard parts.count == 3, numbers.count == 3 else { continue }
            var (year, month, day) = (numbers[2], numbers[1], numbers[0])
            if parts[0].count == 4 {
                (year, day) = (numbers[0], numbers[2])
            } else if separator == "/", numbers[0] <= 12 {
                (month, day) = (numbers[0], numbers[1])
            }
            guard 1000...2999 ~= year, 1...12 ~= month, 1...31 ~= day, let ordinal = NumberWords.ordinal(day),
                let words = NumberWords.year(year)
            else { continue }
            return [months[month - 1]] + ordinal + words
        }
        return nil
    }

    /// `555-1234`, `555-123-4567`.
    private static func telephone(_ text: Substring) -> [String]? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count > 2 || parts.map(\.count) == [3, 4],
            parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Numeral.isDigit) })
        else { return nil }
        return parts.flatMap(NumberWords.digits)
    }

    private static let signs: [Character: String] = ["-": "minus", "+": "plus", "~": "about"]
}
