/// Turns written English into what is said: numbers, dates, money, abbreviations and signs become words.
struct SpokenEnglish {
    private var tokens: [SpokenToken] = []
    private var sources: [Range<Int>] = []
    private let pieces: [Substring]
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
        let letters = text.filter(\.isLetter)
        isShouted = letters.count > 12 && letters.allSatisfy(\.isUppercase)
    }

    private mutating func read() {
        var index = 0
        while index < pieces.count {
            let taken = read(pieces[index], at: index)
            sources += repeatElement(index..<index + taken, count: tokens.count - sources.count)
            index += taken
        }
    }

    /// - Returns: how many pieces were taken.
    private mutating func read(_ piece: Substring, at index: Int) -> Int {
        let plain = piece.map { Self.plain[$0] ?? String($0) }.joined()
        var core = plain[...]
        var before: [Character] = []
        var after: [Character] = []
        while let first = core.first, !first.isLetter, !first.isNumber, !Self.begins.contains(first) {
            before.append(first)
            core = core.dropFirst()
        }
        while let last = core.last, !last.isLetter, !last.isNumber, !Self.ends.contains(last) {
            // The point of an abbreviation belongs to it.
            if last == ".", let words = Abbreviations.words(String(core), next: next(after: index)) {
                for character in before { mark(character) }
                say(words)
                if isEnd(index) { mark(".") }
                for character in after.reversed() { mark(character) }
                return 1
            }
            after.append(last)
            core = core.dropLast()
        }
        for character in before { mark(character) }
        var taken = 1
        if !core.isEmpty { taken = say(String(core), at: index, hasMark: !after.isEmpty) }
        for character in after.reversed() { mark(character) }
        return taken
    }

    private func next(after index: Int) -> Substring? {
        index + 1 < pieces.count ? pieces[index + 1] : nil
    }

    private func isEnd(_ index: Int) -> Bool { index + 1 == pieces.count }

    /// One piece without the marks around it.
    private mutating func say(_ core: String, at index: Int, hasMark: Bool) -> Int {
        let following = hasMark ? nil : next(after: index).map { $0.prefix { $0.isLetter || $0 == "°" } }
        if let (words, taken) = SpokenNumbers.words(core, next: following.map(String.init)) {
            say(words)
            // A mark behind the word that was taken along is not lost.
            if taken == 2, let following, let piece = next(after: index) {
                for character in piece.dropFirst(following.count) { mark(character) }
            }
            return taken
        }
        if core.contains("@") || core.contains("://") || Self.isAddress(core) {
            address(core)
            return 1
        }
        for part in core.split(
            whereSeparator: { "-–—_/…*+=&%#~^|<>\\.,;:!?()[]{}\"°".contains($0) },
            keepingSeparators: true
        ) {
            if let sign = part.first, part.count == 1, !sign.isLetter, !sign.isNumber {
                if let word = Self.signs[sign] {
                    say([word])
                } else if "—–…;:".contains(sign) {
                    mark(",")
                }
                continue
            }
            word(part)
        }
        return 1
    }

    /// Letters and digits without anything between.
    private mutating func word(_ text: Substring) {
        for run in Self.runs(text) {
            if run.first?.isNumber == true {
                say(NumberWords.number(run) ?? NumberWords.digits(run))
            } else if run.contains(where: \.isLetter) {
                let capitals = run.allSatisfy { $0.isUppercase || $0 == "'" }
                let lower = run.lowercased()
                if capitals, !isShouted, run.count > 1 {
                    tokens.append(.letters(lower))
                } else {
                    tokens.append(.word(lower))
                }
            }
        }
    }

    /// Splits between letters and digits.
    private static func runs(_ text: Substring) -> [String] {
        var runs: [String] = []
        for character in text {
            let isLetter = character.isLetter || character == "'"
            if let last = runs.last?.last, (last.isLetter || last == "'") == isLetter {
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
            tokens.append(word.first == "*" ? .letters(String(word.dropFirst())) : .word(word))
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
            if let word = Self.signs[character], character != "-" { say([word]) }
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

    private static let plain: [Character: String] = [
        "’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": "\"", "”": "\"", "«": "\"", "»": "\"", "‑": "-", "−": "-",
        "½": "1/2", "¼": "1/4", "¾": "3/4",
    ]
    /// What a piece may begin or end with and is part of its meaning.
    private static let begins: Set<Character> = [
        "$", "£", "€", "¥", "-", "+", "#", "&", ".", "'", "~", "@", "<", ">", "=",
    ]
    private static let ends: Set<Character> = ["%", "°", "+", "&", "€", "#", "="]
    private static let signs: [Character: String] = [
        "&": "and", "+": "plus", "=": "equals", "%": "percent", "@": "at", "#": "number", "~": "about", "°": "degrees",
        "<": "less than", ">": "greater than", "^": "to the", "|": "or",
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
