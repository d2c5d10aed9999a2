/// Numbers in Roman letters, where what stands before them says that they are no words.
enum RomanNumerals {
    /// "eight" in "chapter VIII", "the eighth" in "Henry VIII"; nil where the letters are likely something else.
    ///
    /// - Parameters:
    ///   - text: may end in `'s`.
    ///   - previous: the piece before it, if nothing stands between.
    ///   - next: the piece behind it, if nothing stands between.
    static func words(_ text: some StringProtocol, after previous: Substring?, before next: Substring?) -> [String]? {
        let letters = text.hasSuffix("'s") ? String(text.dropLast(2)) : String(text)
        // "Type C" is a letter.
        guard let previous, letters.contains(where: { "IVX".contains($0) }), let value = value(letters) else {
            return nil
        }
        let name = previous.lowercased()
        // "For my part I think", "then Mary I saw".
        if letters == "I" {
            let isRuler = next.map { ["of", "and", "was", "died", "ruled", "became"].contains($0) } ?? true
            guard previous.first?.isUppercase == true, counted.contains(name) || isRuler else { return nil }
        }
        var words: [String]
        if counted.contains(name) {
            words = NumberWords.cardinal(value) ?? []
        } else if previous.first?.isUppercase == true, rulers.contains(name) {
            words = ["the"] + (NumberWords.ordinal(value) ?? [])
        } else if previous.first?.isUppercase == true, previous.dropFirst().allSatisfy(\.isLowercase),
            previous.count > 1, letters.count > 1, letters.allSatisfy({ "IVX".contains($0) })
        {
            words = NumberWords.cardinal(value) ?? []
        } else {
            return nil
        }
        guard letters.count < text.count, let last = words.popLast() else { return words }
        return words + [last + "'s"]
    }

    /// What is written as numbers are: `IX`, but not `IIX` or `MIX`.
    private static func value(_ letters: String) -> Int? {
        var rest = letters[...]
        var value = 0
        for (part, worth) in parts {
            var times = 0
            while rest.hasPrefix(part), times < (part.count == 1 && "IXCM".contains(part) ? 3 : 1) {
                rest = rest.dropFirst(part.count)
                value += worth
                times += 1
            }
        }
        return rest.isEmpty && value > 0 ? value : nil
    }

    private static let parts: [(String, Int)] = [
        ("M", 1000), ("CM", 900), ("D", 500), ("CD", 400), ("C", 100), ("XC", 90), ("L", 50), ("XL", 40), ("X", 10),
        ("IX", 9), ("V", 5), ("IV", 4), ("I", 1),
    ]
    private static let counted: Set<String> = [
        "chapter", "part", "act", "scene", "war", "volume", "book", "section", "article", "title", "phase", "stage",
        "type", "class", "level", "figure", "table", "appendix", "bowl", "season", "episode", "page", "unit", "verse",
        "vol", "amendment", "grade", "category", "mark", "factor",
    ]
    /// Kings, queens and popes.
    private static let rulers: Set<String> = [
        "henry", "louis", "charles", "george", "edward", "william", "james", "richard", "elizabeth", "mary", "john",
        "paul", "pius", "benedict", "leo", "gregory", "innocent", "clement", "alexander", "nicholas", "peter",
        "catherine", "frederick", "wilhelm", "philip", "ferdinand", "francis", "napoleon", "ramses", "ramesses",
        "ptolemy", "ivan", "margaret", "anne", "otto", "christian", "gustav", "carlos", "felipe", "albert", "leopold",
        "robert", "david", "harald", "olaf", "haakon", "juan", "urban", "boniface", "julius", "sixtus", "adrian",
        "joseph", "maximilian", "rudolf", "umberto", "emmanuel", "cleopatra", "xerxes", "darius", "constantine",
        "thutmose", "amenhotep", "isabella", "selim", "mehmed", "murad", "edgar", "harold", "alfonso",
        "beatrix", "margrethe", "abdullah", "rama", "martin", "stephen", "celestine", "callixtus",
    ]
}
