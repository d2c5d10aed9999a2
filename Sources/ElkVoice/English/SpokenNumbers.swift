/// Words of pieces of text that have numbers in them.
enum SpokenNumbers {
    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]
    private static let currencies: [Character: (one: String, many: String, hundredth: String)] = [
        "$": ("dollar", "dollars", "cent"), "£": ("pound", "pounds", "pence"), "€": ("euro", "euros", "cent"),
        "¥": ("yen", "yen", "sen"),
    ]
    private static let magnitudes: Set<String> = ["hundred", "thousand", "million", "billion", "trillion"]
    private static let shortMagnitudes = ["k": "thousand", "m": "million", "bn": "billion", "b": "billion"]
    private static let units: [String: (one: String, many: String)] = [
        "km": ("kilometer", "kilometers"), "m": ("meter", "meters"), "cm": ("centimeter", "centimeters"),
        "mm": ("millimeter", "millimeters"), "mi": ("mile", "miles"), "ft": ("foot", "feet"), "in": ("inch", "inches"),
        "yd": ("yard", "yards"), "kg": ("kilogram", "kilograms"), "g": ("gram", "grams"),
        "mg": ("milligram", "milligrams"),
        "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"), "oz": ("ounce", "ounces"), "l": ("liter", "liters"),
        "ml": ("milliliter", "milliliters"), "s": ("second", "seconds"), "ms": ("millisecond", "milliseconds"),
        "min": ("minute", "minutes"), "h": ("hour", "hours"), "hr": ("hour", "hours"), "hrs": ("hour", "hours"),
        "mph": ("mile per hour", "miles per hour"), "kmh": ("kilometer per hour", "kilometers per hour"),
        "hz": ("hertz", "hertz"), "khz": ("kilohertz", "kilohertz"), "mhz": ("megahertz", "megahertz"),
        "ghz": ("gigahertz", "gigahertz"), "kb": ("kilobyte", "kilobytes"), "mb": ("megabyte", "megabytes"),
        "gb": ("gigabyte", "gigabytes"), "tb": ("terabyte", "terabytes"), "w": ("watt", "watts"),
        "kw": ("kilowatt", "kilowatts"), "v": ("volt", "volts"), "°": ("degree", "degrees"),
        "°c": ("degree celsius", "degrees celsius"), "°f": ("degree fahrenheit", "degrees fahrenheit"),
        "%": ("percent", "percent"),
    ]
    /// Said as a unit when it stands apart from the number; the others would be words or letters.
    private static let separateUnits: Set<String> = [
        "km", "cm", "mm", "kg", "mg", "lb", "lbs", "oz", "ml", "ms", "mph", "kmh", "hz", "khz", "mhz", "ghz", "kb",
        "mb",
        "gb", "tb", "kw", "°c", "°f",
    ]

    /// The full name of the month that begins with these three letters.
    static func month(_ prefix: String) -> String? {
        months.first { $0.hasPrefix(prefix.lowercased()) }
    }

    /// What a piece of text is said as, nil when it is not all about a number.
    ///
    /// - Parameter next: the word behind it, where nothing else stands between.
    /// - Returns: the words, and how many pieces they stand for: 2 when `next` is said with them.
    static func words(_ text: String, next: String?) -> (words: [String], taken: Int)? {
        guard text.contains(where: \.isNumber) else { return nil }
        if let sign = text.first, sign == "-" || sign == "+" || sign == "~", text.dropFirst().first?.isNumber == true {
            let rest = words(String(text.dropFirst()), next: next)
            let word = sign == "-" ? "minus" : sign == "+" ? "plus" : "about"
            return rest.map { ([word] + $0.words, $0.taken) }
        }
        if let sign = text.first, let currency = currencies[sign] {
            return money(text.dropFirst(), currency, next: next)
        }
        if text.first == "#", let number = NumberWords.number(text.dropFirst()) { return (["number"] + number, 1) }
        if let words = date(text) ?? time(text, next: next) ?? fraction(text) ?? range(text) ?? joined(text) {
            return (words, 1)
        }
        return measured(text, next: next)
    }

    private static func money(
        _ text: Substring,
        _ currency: (one: String, many: String, hundredth: String),
        next: String?
    ) -> (words: [String], taken: Int)? {
        let digits = text.prefix { $0.isNumber || $0 == "." || $0 == "," }
        guard let amount = NumberWords.number(digits) else { return nil }
        let suffix = text.dropFirst(digits.count).lowercased()
        if let magnitude = shortMagnitudes[suffix] { return (amount + [magnitude, currency.many], 1) }
        guard suffix.isEmpty else { return nil }
        if let next, magnitudes.contains(next.lowercased()) { return (amount + [next.lowercased(), currency.many], 2) }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count == 2, let cents = Int(parts[1]) else {
            return (amount + [digits == "1" ? currency.one : currency.many], 1)
        }
        let whole = NumberWords.number(parts[0]) ?? []
        var words = whole.isEmpty || whole == ["zero"] ? [] : whole + [parts[0] == "1" ? currency.one : currency.many]
        if cents > 0 || words.isEmpty {
            if !words.isEmpty { words.append("and") }
            let isPlural = cents != 1 && currency.hundredth == "cent"
            words += (NumberWords.cardinal(cents) ?? []) + [currency.hundredth + (isPlural ? "s" : "")]
        }
        return (words, 1)
    }

    /// `2024-01-15`, `1/15/2024` and `15.1.2024`.
    private static func date(_ text: String) -> [String]? {
        for separator in ["-", "/", "."] as [Character] {
            let parts = text.split(separator: separator, omittingEmptySubsequences: false)
            let numbers = parts.compactMap { $0.allSatisfy(\.isNumber) ? Int($0) : nil }
            guard parts.count == 3, numbers.count == 3 else { continue }
            let (year, month, day) =
                switch separator {
                case "-": (numbers[0], numbers[1], numbers[2])
                case "/": (numbers[2], numbers[0], numbers[1])
                default: (numbers[2], numbers[1], numbers[0])
                }
            guard 1000...2999 ~= year, 1...12 ~= month, 1...31 ~= day, let ordinal = NumberWords.ordinal(day),
                let words = NumberWords.year(year)
            else { continue }
            return [months[month - 1]] + ordinal + words
        }
        return nil
    }

    /// `3:05`, `14:30` and `9:00am`.
    private static func time(_ text: String, next: String?) -> [String]? {
        let clock = text.prefix { $0.isNumber || $0 == ":" }
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false)
        let half = text.dropFirst(clock.count).lowercased()
        guard ["", "am", "pm"].contains(half) else { return nil }
        if parts.count == 1, !half.isEmpty, let hour = Int(clock), 1...12 ~= hour {
            return (NumberWords.cardinal(hour) ?? []) + ["*" + half]
        }
        guard parts.count == 2, parts[1].count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 25,
            minute < 60
        else { return nil }
        var words = NumberWords.cardinal(hour) ?? []
        let hasHalf = !half.isEmpty || ["am", "pm", "a", "p"].contains(next?.lowercased() ?? "")
        if minute == 0 {
            if !hasHalf { words += hour > 12 || hour == 0 ? ["hundred"] : ["o'clock"] }
        } else {
            words += minute < 10 ? ["oh"] : []
            words += NumberWords.cardinal(minute) ?? []
        }
        return half.isEmpty ? words : words + ["*" + half]
    }

    private static func fraction(_ text: String) -> [String]? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let over = Int(parts[0]), let under = Int(parts[1]), 1...99 ~= over, 2...100 ~= under,
            var name = under == 2 ? ["half"] : under == 4 ? ["quarter"] : NumberWords.ordinal(under),
            let last = name.popLast()
        else { return nil }
        let many = last == "half" ? "halves" : last + "s"
        return (NumberWords.cardinal(over) ?? []) + name + [over == 1 ? last : many]
    }

    /// `10-20` is a range, `555-1234` a telephone number.
    private static func range(_ text: String) -> [String]? {
        let parts = text.split(whereSeparator: { $0 == "-" || $0 == "–" })
        guard parts.count >= 2, parts.allSatisfy({ $0.allSatisfy { $0.isNumber || $0 == "." || $0 == "," } }) else {
            return nil
        }
        if parts.count == 2, !(parts[0].count == 3 && parts[1].count == 4), let first = plain(parts[0]),
            let second = plain(parts[1])
        {
            return first + ["to"] + second
        }
        return parts.flatMap { NumberWords.digits($0) + [","] }.dropLast().filter { $0 != "," }
    }

    /// Versions and addresses: `1.2.3`.
    private static func joined(_ text: String) -> [String]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isNumber) }) else { return nil }
        return Array(parts.map { NumberWords.number($0) ?? [] }.joined(separator: ["point"]))
    }

    /// A number with or without a unit, an ordinal, a year or a decade.
    private static func measured(_ text: String, next: String?) -> (words: [String], taken: Int)? {
        let digits = text.prefix { $0.isNumber || $0 == "." || $0 == "," }
        guard let first = digits.last, first.isNumber, let amount = plain(digits) else { return nil }
        let suffix = text.dropFirst(digits.count).lowercased()
        let isOne = digits == "1"
        switch suffix {
        case "":
            guard let next else { return (amount, 1) }
            let unit = next.lowercased()
            // A capital letter alone is more likely a name than a unit.
            guard separateUnits.contains(unit), let names = units[unit] else { return (amount, 1) }
            return (quantity(digits, amount) + words(of: isOne ? names.one : names.many), 2)
        case "st", "nd", "rd", "th":
            return Int(digits.filter { $0 != "," }).flatMap(NumberWords.ordinal).map { ($0, 1) }
        case "s", "'s":
            guard let last = amount.last else { return nil }
            return (amount.dropLast() + [NumberWords.plural(last)], 1)
        case "k", "bn": return (quantity(digits, amount) + [shortMagnitudes[suffix] ?? ""], 1)
        default:
            guard let names = units[suffix] else { return nil }
            return (quantity(digits, amount) + words(of: isOne ? names.one : names.many), 1)
        }
    }

    private static func words(of unit: String) -> [String] {
        unit.split(separator: " ").map(String.init)
    }

    /// What has a unit is no year.
    private static func quantity(_ digits: Substring, _ amount: [String]) -> [String] {
        NumberWords.number(digits) ?? amount
    }

    /// Four digits from 1100 to 2099 are said as years.
    private static func plain(_ digits: Substring) -> [String]? {
        if digits.count == 4, let value = Int(digits), 1100...2099 ~= value { return NumberWords.year(value) }
        return NumberWords.number(digits)
    }
}
