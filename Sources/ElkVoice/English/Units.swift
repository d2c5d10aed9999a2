/// What numbers are of: measures and money.
struct Unit: Equatable {
    /// With spaces between the words; those that begin with `*` are letters to be said one by one.
    var one: String
    var many: String
    /// A hundredth of it, of money.
    var hundredth: String?

    init(_ one: String, _ many: String, hundredth: String? = nil) {
        (self.one, self.many, self.hundredth) = (one, many, hundredth)
    }

    /// The unit of a measure, such as `km`.
    ///
    /// - Parameter isApart: it stands behind a space, where the short ones are more likely words or letters.
    static func measure(_ text: String, isApart: Bool = false) -> Unit? {
        if let last = text.last, let power = powers[last], let unit = measures[text.dropLast().lowercased()] {
            return Unit("\(power) \(unit.one)", "\(power) \(unit.many)")
        }
        let small = text.lowercased()
        // `5G` and `4K` are no grams and no kelvins.
        guard text.count > 1 || text == small || "LWV".contains(text) else { return nil }
        guard !isApart || separate.contains(small) else { return nil }
        return measures[small]
    }

    /// What stands behind a stroke: `h` in `km/h`, `month` in `$5/month`.
    static func per(_ text: String) -> String {
        let small = text.lowercased()
        // A capital letter alone is no unit.
        guard text.count > 1 || text == small else { return small }
        return (measures[small] ?? spans[small])?.one ?? small
    }

    /// Money by the sign before or behind a number, with the country before it: `US$`.
    static func money(_ sign: Character, of country: Substring = "") -> Unit? {
        guard var unit = currencies[sign] else { return nil }
        if country.isEmpty { return unit }
        guard sign == "$", let name = countries[country.uppercased()] else { return nil }
        (unit.one, unit.many) = ("\(name) \(unit.one)", "\(name) \(unit.many)")
        return unit
    }

    private static let currencies: [Character: Unit] = [
        "$": Unit("dollar", "dollars", hundredth: "cent"), "£": Unit("pound", "pounds", hundredth: "pence"),
        "€": Unit("euro", "euros", hundredth: "cent"), "¥": Unit("yen", "yen", hundredth: "sen"),
        "₹": Unit("rupee", "rupees"), "₽": Unit("ruble", "rubles"), "₩": Unit("won", "won"),
    ]
    private static let countries = [
        "US": "*us", "HK": "hong kong", "A": "australian", "AU": "australian", "C": "canadian", "CA": "canadian",
        "NZ": "new zealand", "S": "singapore", "NT": "taiwan", "MX": "mexican",
    ]
    private static let powers: [Character: String] = ["²": "square", "³": "cubic"]
    private static let measures: [String: Unit] = [
        "km": Unit("kilometer", "kilometers"), "m": Unit("meter", "meters"), "cm": Unit("centimeter", "centimeters"),
        "mm": Unit("millimeter", "millimeters"), "mi": Unit("mile", "miles"), "ft": Unit("foot", "feet"),
        "in": Unit("inch", "inches"), "yd": Unit("yard", "yards"), "kg": Unit("kilogram", "kilograms"),
        "g": Unit("gram", "grams"), "mg": Unit("milligram", "milligrams"), "lb": Unit("pound", "pounds"),
        "lbs": Unit("pound", "pounds"), "oz": Unit("ounce", "ounces"), "l": Unit("liter", "liters"),
        "ml": Unit("milliliter", "milliliters"), "s": Unit("second", "seconds"), "sec": Unit("second", "seconds"),
        "ms": Unit("millisecond", "milliseconds"), "min": Unit("minute", "minutes"), "h": Unit("hour", "hours"),
        "hr": Unit("hour", "hours"), "hrs": Unit("hour", "hours"), "mph": Unit("mile per hour", "miles per hour"),
        "kmh": Unit("kilometer per hour", "kilometers per hour"), "hz": Unit("hertz", "hertz"),
        "khz": Unit("kilohertz", "kilohertz"), "mhz": Unit("megahertz", "megahertz"),
        "ghz": Unit("gigahertz", "gigahertz"), "kb": Unit("kilobyte", "kilobytes"), "mb": Unit("megabyte", "megabytes"),
        "gb": Unit("gigabyte", "gigabytes"), "tb": Unit("terabyte", "terabytes"),
        "kib": Unit("kibibyte", "kibibytes"), "mib": Unit("mebibyte", "mebibytes"),
        "gib": Unit("gibibyte", "gibibytes"),
        "kbps": Unit("kilobit per second", "kilobits per second"),
        "mbps": Unit("megabit per second", "megabits per second"),
        "gbps": Unit("gigabit per second", "gigabits per second"), "w": Unit("watt", "watts"),
        "kw": Unit("kilowatt", "kilowatts"), "kwh": Unit("kilowatt hour", "kilowatt hours"), "v": Unit("volt", "volts"),
        "°": Unit("degree", "degrees"), "°c": Unit("degree celsius", "degrees celsius"),
        "°f": Unit("degree fahrenheit", "degrees fahrenheit"), "%": Unit("percent", "percent"),
        "¢": Unit("cent", "cents"),
    ]
    /// Units of time that are written so behind a stroke only.
    private static let spans: [String: Unit] = [
        "mo": Unit("month", "months"), "yr": Unit("year", "years"), "wk": Unit("week", "weeks"),
        "d": Unit("day", "days"), "y": Unit("year", "years"),
    ]
    private static let separate: Set<String> = [
        "km", "cm", "mm", "kg", "mg", "lb", "lbs", "oz", "ml", "ms", "mph", "kmh", "hz", "khz", "mhz", "ghz", "kb",
        "mb", "gb", "tb", "kib", "mib", "gib", "kbps", "mbps", "gbps", "kw", "kwh", "°", "°c", "°f", "ft", "yd", "min",
        "hr", "hrs", "%",
        "¢",
    ]
}
