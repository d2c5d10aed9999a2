/// English words of numbers.
enum NumberWords {
    private static let small = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ]
    private static let tens = [
        "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ]
    private static let scales = ["", "thousand", "million", "billion", "trillion", "quadrillion"]
    private static let ordinals = [
        "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
        "twelve": "twelfth",
    ]

    /// `1234` is "one thousand two hundred thirty four"; nil beyond quadrillions.
    static func cardinal(_ value: Int) -> [String]? {
        guard value >= 0 else { return nil }
        guard value >= 1000 else { return belowThousand(value) }
        var groups: [Int] = []
        var rest = value
        while rest > 0 {
            groups.append(rest % 1000)
            rest /= 1000
        }
        guard groups.count <= scales.count else { return nil }
        var words: [String] = []
        for (scale, group) in groups.enumerated().reversed() where group > 0 {
            words += belowThousand(group)
            if scale > 0 { words.append(scales[scale]) }
        }
        return words
    }

    static func ordinal(_ value: Int) -> [String]? {
        guard var words = cardinal(value), let last = words.popLast() else { return nil }
        return words + [ordinal(of: last)]
    }

    /// As years are said: "nineteen oh five", "twenty twenty four", "two thousand six".
    static func year(_ value: Int) -> [String]? {
        guard 1000...9999 ~= value else { return cardinal(value) }
        let (century, rest) = (value / 100, value % 100)
        if century % 10 == 0, rest < 10 { return cardinal(value) }
        let first = belowThousand(century)
        if rest == 0 { return first + ["hundred"] }
        return first + (rest < 10 ? ["oh", small[rest]] : belowThousand(rest))
    }

    /// Every digit of any script by itself, and what else stands for a whole number (百, ㊿) as that; other characters are left out.
    static func digits(_ text: some StringProtocol) -> [String] {
        text.compactMap(\.wholeNumberValue).flatMap { cardinal($0) ?? [] }
    }

    /// A number as it is written: whole, with a point, with commas between thousands.
    static func number(_ text: some StringProtocol) -> [String]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else { return nil }
        let groups = parts[0].split(separator: ",", omittingEmptySubsequences: false)
        // A comma stands between thousands only.
        if groups.count > 1 {
            guard 1...3 ~= groups[0].count, groups.dropFirst().allSatisfy({ $0.count == 3 }) else { return nil }
        }
        let whole = groups.joined()
        guard whole.allSatisfy({ $0.isASCII && $0.isNumber }),
            !(whole.isEmpty && parts.count == 1)
        else { return nil }
        var words: [String]
        if whole.isEmpty {
            words = []
        } else if whole.count > 1, whole.first == "0", parts.count == 1 {
            words = digits(whole)
        } else {
            words = Int(whole).flatMap(cardinal) ?? digits(whole)
        }
        guard parts.count == 2 else { return words }
        guard !parts[1].isEmpty, parts[1].allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return words + ["point"] + digits(parts[1])
    }

    /// "five" becomes "fives", "twenty" "twenties".
    static func plural(_ word: String) -> String {
        if word.hasSuffix("y") { return word.dropLast() + "ies" }
        return word.hasSuffix("x") ? word + "es" : word + "s"
    }

    private static func ordinal(of word: String) -> String {
        if let known = ordinals[word] { return known }
        return word.hasSuffix("y") ? word.dropLast() + "ieth" : word + "th"
    }

    private static func belowThousand(_ value: Int) -> [String] {
        var words: [String] = []
        if value >= 100 { words = [small[value / 100], "hundred"] }
        let rest = value % 100
        if rest == 0 { return words.isEmpty ? [small[0]] : words }
        if rest < 20 { return words + [small[rest]] }
        words.append(tens[rest / 10])
        return rest % 10 == 0 ? words : words + [small[rest % 10]]
    }
}
