/// A number and what it is of: an amount of money, a measure, a time of day, an ordinal, a decade.
struct Quantity {
    /// Without the unit.
    private(set) var words: [String]
    private(set) var unit: Unit?
    /// Behind the point of money.
    private var cents: Int?
    private var isMoney = false
    private var isOne = false
    private var isMinus = false
    /// What stands behind it.
    private(set) var rest: Substring

    /// Nil when the text does not begin with one.
    init?(_ text: Substring) {
        let (money, start) = Self.currency(text)
        if money == nil, let time = ClockTime(text) {
            (words, rest) = (time.words, time.rest)
            return
        }
        // "$-5" is "-$5".
        isMinus = money != nil && start.first == "-"
        guard let number = Numeral(isMinus ? start.dropFirst() : start) else { return nil }
        (words, rest) = (number.words, number.rest)
        (unit, isMoney) = (money, money != nil)
        isOne = number.digits == "1"
        if money == nil, let digits = number.digits, takeEnding(of: digits) { return }
        let hasMagnitude = takeMagnitude()
        if hasMagnitude { isOne = false }
        if unit == nil { takeUnit() }
        guard let digits = number.digits, !hasMagnitude else { return }
        if unit == nil, let year = Self.year(digits) { words = year }
        if isMoney { takeCents(of: digits) }
    }

    /// How it is said.
    ///
    /// - Parameter isBeforeNoun: "a ten kilometer run" has no plural.
    func spoken(isBeforeNoun: Bool = false) -> [String] {
        (isMinus ? ["minus"] : []) + unsigned(isBeforeNoun: isBeforeNoun)
    }

    private func unsigned(isBeforeNoun: Bool) -> [String] {
        guard let unit else { return words }
        guard let cents, let hundredth = unit.hundredth else {
            return words + Self.parts(isOne || isBeforeNoun ? unit.one : unit.many)
        }
        let whole = words == ["zero"] || words.isEmpty ? [] : words + Self.parts(isOne ? unit.one : unit.many)
        guard cents > 0 || whole.isEmpty else { return whole }
        let part = cents == 1 || hundredth != "cent" ? hundredth : hundredth + "s"
        return whole + (whole.isEmpty ? [] : ["and"]) + (NumberWords.cardinal(cents) ?? []) + [part]
    }

    /// "five to ten dollars": the unit is said once where both have the same, or one has none.
    func range(to second: Quantity) -> [String] {
        // "fifty fifty"
        if unit == nil, second.unit == nil, words == second.words { return words + words }
        guard let unit, cents == nil else { return spoken() + ["to"] + second.spoken() }
        if second.unit == nil {
            var last = second
            (last.unit, last.isMoney, last.isOne) = (unit, isMoney, false)
            return words + ["to"] + last.spoken()
        }
        return (second.unit == unit ? words : spoken()) + ["to"] + second.spoken()
    }

    /// `$`, `US$` or `€` at the start, and what follows.
    private static func currency(_ text: Substring) -> (Unit?, rest: Substring) {
        let country = text.prefix { $0.isUppercase && $0.isASCII }
        guard country.count <= 2, let sign = text[country.endIndex...].first,
            let unit = Unit.money(sign, of: country)
        else { return (nil, text) }
        let rest = text[country.endIndex...].dropFirst()
        return (unit, rest.first == " " ? rest.dropFirst() : rest)
    }

    /// `21st`, `1990s`.
    private mutating func takeEnding(of digits: Substring) -> Bool {
        let ending = rest.prefix { $0.isLetter || $0 == "'" }
        switch ending.lowercased() {
        case "st", "nd", "rd", "th":
            guard let ordinal = Int(digits.filter { $0 != "," }).flatMap(NumberWords.ordinal) else { return false }
            words = ordinal
        case "s", "'s":
            // `1.5s` are seconds.
            var plural = Self.year(digits) ?? words
            guard !digits.contains("."), let last = plural.popLast() else { return false }
            words = plural + [NumberWords.plural(last)]
        default: return false
        }
        rest = rest[ending.endIndex...]
        return true
    }

    /// `5 million`, `$1.2M`, `10k`.
    private mutating func takeMagnitude() -> Bool {
        let word = rest.drop { $0 == " " || $0 == "-" }.prefix(while: \.isLetter)
        if Self.magnitudes.contains(word.lowercased()), rest.distance(from: rest.startIndex, to: word.startIndex) == 1 {
            words.append(word.lowercased())
            rest = rest[word.endIndex...]
            return true
        }
        let letters = rest.prefix(while: \.isLetter)
        let short = isMoney ? Self.shortMoney[letters.lowercased()] : Self.short[String(letters)]
        guard let short else { return false }
        words.append(short)
        rest = rest[letters.endIndex...]
        return true
    }

    /// `km`, ` km`, `€`.
    private mutating func takeUnit() {
        let start = rest.first == " " ? rest.dropFirst() : rest
        let isApart = start.startIndex > rest.startIndex
        if let sign = start.first, let money = Unit.money(sign) {
            // "5 $10 notes" has the sign of the next number.
            guard start.dropFirst().first?.isNumber != true else { return }
            (unit, isMoney, rest) = (money, true, start.dropFirst())
            return
        }
        let text = start.prefix { $0.isLetter || "°%¢²³".contains($0) }
        let end = start[text.endIndex...]
        // A letter alone is a unit where another stands behind a stroke: `10 m/s`.
        let isPer = end.first == "/" && end.dropFirst().first?.isLetter == true
        guard let measure = Unit.measure(String(text), isApart: isApart && !isPer) else { return }
        // The point of "5 lbs. of" is the unit's own, that of "5 lbs." may end the sentence.
        let hasPoint = end.prefix(2) == ". " && end.dropFirst(2).first.map { $0.isLowercase || $0.isNumber } == true
        (unit, rest) = (measure, hasPoint ? end.dropFirst() : end)
    }

    /// What is written with two places.
    private mutating func takeCents(of digits: Substring) {
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard unit?.hundredth != nil, parts.count == 2, parts[1].count == 2, let value = Int(parts[1]) else { return }
        words = parts[0].isEmpty ? [] : NumberWords.number(parts[0]) ?? []
        cents = value
        isOne = parts[0] == "1"
    }

    /// Four digits from 1100 to 2099 are said as years.
    private static func year(_ digits: Substring) -> [String]? {
        guard digits.count == 4, let value = Int(digits), 1100...2099 ~= value else { return nil }
        return NumberWords.year(value)
    }

    private static func parts(_ words: String) -> [String] { words.split(separator: " ").map(String.init) }

    private static let magnitudes: Set<String> = ["hundred", "thousand", "million", "billion", "trillion"]
    private static let shortMoney = [
        "k": "thousand", "m": "million", "mn": "million", "bn": "billion", "b": "billion", "t": "trillion",
        "tn": "trillion",
    ]
    /// Of what is no money; `m` are meters and `K` may be anything.
    private static let short = ["k": "thousand", "M": "million", "bn": "billion", "mn": "million"]
}
