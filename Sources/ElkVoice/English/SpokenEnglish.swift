/// Turns written English into what is said: numbers, dates, money, abbreviations and signs become words.
struct SpokenEnglish {
    private var tokens: [SpokenToken] = []
    private var sources: [Range<Int>] = []
    private let pieces: [Substring]
    /// The pieces in plain characters.
    private let plain: [Substring]
    /// A whole text in capitals is no row of abbreviations.
    private let isShouted: Bool

    /// What a text is said as, and where it comes from.
    struct Reading {
        var tokens: [SpokenToken]
        /// For each token the pieces that it was written as, such as `7:30` or `$5 million`.
        var sources: [Range<Int>]
        /// What stands between two spaces of the text.
        var pieces: [Substring]
    }

    static func tokens(of text: String) -> [SpokenToken] { reading(of: text).tokens }

    static func reading(of text: String) -> Reading {
        var reader = SpokenEnglish(text)
        reader.read()
        return Reading(tokens: reader.tokens, sources: reader.sources, pieces: reader.pieces)
    }

    private init(_ text: String) {
        pieces = text.split(whereSeparator: \.isWhitespace)
        plain = pieces.map { PlainCharacters.text($0)[...] }
        let letters = text.filter(\.isLetter)
        isShouted = letters.count > 12 && letters.allSatisfy(\.isUppercase)
    }

    private mutating func read() {
        var index = 0
        while index < pieces.count {
            let taken = read(plain[index], at: index)
            sources += repeatElement(index..<index + taken, count: tokens.count - sources.count)
            index += taken
        }
    }

    /// - Returns: how many pieces were taken.
    private mutating func read(_ piece: Substring, at index: Int) -> Int {
        if let word = Self.operation(piece, after: previous(to: index), before: next(after: index)) {
            say([word])
            return 1
        }
        var core = piece
        var before: [Character] = []
        var after: [Character] = []
        while let first = core.first, !first.isLetter, !first.isNumber, !Self.begins.contains(first) {
            before.append(first)
            core = core.dropFirst()
        }
        while let last = core.last, !last.isLetter, !last.isNumber, !Self.ends.contains(last) {
            // The point of an abbreviation belongs to it.
            let following = after.isEmpty ? next(after: index) : nil
            if last == ".",
                let words = Abbreviations.words(String(core), after: previous(to: index), next: following)
            {
                for character in before { mark(character) }
                say(words)
                if isEnd(index) { mark(".") }
                for character in after.reversed() { mark(character) }
                return 1
            }
            after.append(last)
            core = core.dropLast()
        }
        // Quotes around a word are no apostrophes.
        if core.first == "'", after.contains("'") { core = core.dropFirst() }
        for character in before { mark(character) }
        var taken = 1
        if !core.isEmpty { taken = say(core, at: index, hasMark: !after.isEmpty) }
        for character in after.reversed() { mark(character) }
        return taken
    }

    private func previous(to index: Int) -> Substring? { index > 0 ? plain[index - 1] : nil }

    private func next(after index: Int) -> Substring? { index + 1 < plain.count ? plain[index + 1] : nil }

    private func isEnd(_ index: Int) -> Bool { index + 1 == plain.count }

    /// A minus sign or dash alone between two numbers.
    private static func operation(_ piece: Substring, after previous: Substring?, before next: Substring?) -> String? {
        guard piece == "-" || piece == "–", let previous, previous.last?.isNumber == true, let next,
            next.first?.isNumber == true
        else { return nil }
        // "2010 - 2015", "9:00 - 17:00".
        let isSpan = previous.contains(":") || previous.count == 4 && next.count >= 4
        return piece == "–" || isSpan ? "to" : "minus"
    }

    /// One piece without the marks around it.
    private mutating func say(_ core: Substring, at index: Int, hasMark: Bool) -> Int {
        let following = hasMark ? nil : next(after: index)
        if let words = words(ofWhole: core, after: previous(to: index), before: following) {
            say(words)
            return 1
        }
        if core.contains("@") || core.contains("://") || Self.isAddress(String(core)) {
            address(String(core))
            return 1
        }
        // What stands behind it may belong to a number: "5 million", "10 km/h".
        let line = ([core] + (hasMark ? [] : plain[(index + 1)...].prefix(Self.mostPieces))).joined(separator: " ")
        let end = line.utf8.index(line.startIndex, offsetBy: core.utf8.count)
        var rest = line[...]
        while rest.startIndex < end { rest = scanned(rest, isStart: rest.startIndex == line.startIndex, upTo: end) }
        guard rest.startIndex > end else { return 1 }
        let taken = line[end..<rest.startIndex].count { $0 == " " }
        let tail = rest.prefix { $0 != " " }
        return tail.isEmpty ? taken + 1 : taken + read(tail, at: index + taken)
    }

    /// Pieces without marks around them that are one thing.
    private func words(ofWhole core: Substring, after previous: Substring?, before next: Substring?) -> [String]? {
        if let words = SpokenNumbers.wholeWords(String(core)) { return words }
        // What ends in a mark says nothing about the next.
        let nearby = previous.flatMap { $0.last?.isLetter == true ? $0 : nil }
        if let words = RomanNumerals.words(core, after: nearby, before: next) { return words }
        if let words = Abbreviations.words(withoutPoint: core, after: previous, next: next) { return words }
        let isLetter = core == "A" && !isShouted && CapitalA.isLetter(after: nearby, before: next)
        return isLetter ? ["*a"] : nil
    }

    /// Says what a text begins with.
    ///
    /// - Returns: the rest of it.
    private mutating func scanned(_ text: Substring, isStart: Bool, upTo end: Substring.Index) -> Substring {
        if let (words, rest) = SpokenNumbers.words(text, isStart: isStart) {
            say(words)
            return rest
        }
        let chunk = text[..<end].prefix { $0.isLetter || $0.isNumber || $0 == "'" }
        guard chunk.isEmpty else {
            // `A-level`
            if chunk == "A", !isShouted, !isStart || chunk.endIndex < end { say(["*a"]) } else { word(chunk) }
            return text[chunk.endIndex...]
        }
        if let sign = text.first {
            if let name = Self.signs[sign] {
                say(name.split(separator: " ").map(String.init))
            } else if "—–…;:,".contains(sign) {
                mark(",")
            }
        }
        return text.dropFirst()
    }

    /// Letters and digits without anything between.
    private mutating func word(_ text: Substring) {
        for run in Self.runs(text) {
            if run.first?.isNumber == true {
                say(Numeral(run[...])?.words ?? NumberWords.digits(run))
            } else if run == "A", text.count > 1, !isShouted {
                say(["*a"])
            } else if run.contains(where: \.isLetter) {
                for part in isShouted ? [run] : CamelCase.parts(run) { letters(part) }
            }
        }
    }

    /// `FBI`, `LLMs` and `NASA's` may be said letter by letter.
    private mutating func letters(_ text: String) {
        let stem = text.dropLast(text.hasSuffix("'s") ? 2 : text.hasSuffix("s") ? 1 : 0)
        guard !isShouted, stem.count > 1, stem.allSatisfy(\.isUppercase) else {
            tokens.append(.word(text.lowercased()))
            return
        }
        tokens.append(.capitals(stem.lowercased() + (stem.count < text.count ? "'s" : "")))
    }

    /// Splits between letters and digits.
    private static func runs(_ text: Substring) -> [String] {
        var runs: [String] = []
        for character in text {
            let isLetter = character.isLetter && !character.isNumber || character == "'"
            if let last = runs.last?.last, (last.isLetter && !last.isNumber || last == "'") == isLetter {
                runs[runs.count - 1].append(character)
            } else {
                runs.append(String(character))
            }
        }
        return runs
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, let last = parts.last, parts.allSatisfy({ !$0.isEmpty }) else { return false }
        let host = last.prefix { $0.isLetter }
        return text.hasPrefix("www.") || domains.contains(host.lowercased()) && parts[0].count > 1
    }

    private mutating func address(_ text: String) {
        var rest = text[...]
        for prefix in ["https://", "http://"] where rest.hasPrefix(prefix) { rest = rest.dropFirst(prefix.count) }
        for part in rest.split(whereSeparator: { !$0.isLetter && !$0.isNumber }, keepingSeparators: true) {
            if let sign = part.first, part.count == 1, !sign.isLetter, !sign.isNumber {
                if let word = Self.addressSigns[sign] { say([word]) }
            } else if part == "www" {
                tokens.append(.letters("www"))
            } else {
                word(part)
            }
        }
    }

    private mutating func say(_ words: [String]) {
        for word in words {
            if word == "," {
                mark(",")
            } else {
                tokens.append(word.first == "*" ? .letters(String(word.dropFirst())) : .word(word))
            }
        }
    }

    private mutating func mark(_ character: Character) {
        let mark: Character? =
            switch character {
            case ",", ".", "!", "?", ";", ":": character
            case "…": "."
            case "—", "–", "(", ")", "[", "]", "{", "}": ","
            default: nil
            }
        guard let mark else {
            if let name = Self.signs[character] { say(name.split(separator: " ").map(String.init)) }
            return
        }
        guard case .mark(let last)? = tokens.last else {
            if !tokens.isEmpty { tokens.append(.mark(mark)) }
            return
        }
        // Of several marks the stronger one is heard.
        if Self.strength(mark) > Self.strength(last) { tokens[tokens.count - 1] = .mark(mark) }
    }

    private static func strength(_ mark: Character) -> Int {
        switch mark {
        case "?", "!": 3
        case ".": 2
        case ";", ":": 1
        default: 0
        }
    }

    /// Pieces behind one that a number may take along.
    private static let mostPieces = 6
    /// What a piece may begin or end with and is part of its meaning.
    private static let begins: Set<Character> = [
        "$", "£", "€", "¥", "₹", "₽", "₩", "-", "+", "#", "&", ".", "'", "~", "@", "<", ">", "=",
    ]
    private static let ends: Set<Character> = ["%", "°", "+", "&", "$", "£", "€", "¥", "₹", "₽", "₩", "¢", "#", "="]
    private static let signs: [Character: String] = [
        "&": "and", "+": "plus", "=": "equals", "%": "percent", "@": "at", "#": "number", "~": "about", "°": "degrees",
        "<": "less than", ">": "greater than", "^": "to the", "|": "or", "×": "times", "÷": "divided by",
        "±": "plus or minus", "≈": "about", "≤": "at most", "≥": "at least", "≠": "is not", "$": "dollar",
        "£": "pound", "€": "euro", "¥": "yen",
    ]
    private static let addressSigns: [Character: String] = [
        ".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore", ":": "colon",
    ]
    private static let domains: Set<String> = [
        "com", "org", "net", "io", "dev", "edu", "gov", "ai", "uk", "de", "eu", "co", "info",
    ]
}

extension StringProtocol {
    /// The parts between separators and the separators themselves, each as a part of one character.
    func split(whereSeparator isSeparator: (Character) -> Bool, keepingSeparators: Bool) -> [SubSequence] {
        var parts: [SubSequence] = []
        var start = startIndex
        for index in indices where isSeparator(self[index]) {
            if start < index { parts.append(self[start..<index]) }
            if keepingSeparators { parts.append(self[index...index]) }
            start = self.index(after: index)
        }
        if start < endIndex { parts.append(self[start..<endIndex]) }
        return parts
    }
}
