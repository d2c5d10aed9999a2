/// Sounds of words that no dictionary has, by rules on their letters.
enum LetterToSound {
    /// What a letter or several are said as between others: before, letters, after and sounds.
    ///
    /// In `before` and `after` a letter stands for itself, `#` for one or more vowels, `:` for any number of consonants, `^` for one
    /// consonant, `+` for e, i or y and `_` for the end of the word.
    private typealias Rule = (before: String, letters: String, after: String, sounds: String)

    private static let rules: [Character: [Rule]] = {
        var table: [Character: [Rule]] = [:]
        for rule in all {
            guard let first = rule.letters.first else { continue }
            table[first, default: []].append(rule)
        }
        return table
    }()

    private static let all: [Rule] = [
        ("_", "a", "_", "AH"), ("", "aigh", "", "EY"), ("", "ai", "r", "EH"), ("", "ai", "", "EY"),
        ("", "ay", "", "EY"),
        ("", "augh", "", "AO"), ("", "au", "", "AO"), ("", "aw", "", "AO"), ("", "alk", "", "AO K"),
        ("", "all", "", "AO L"),
        ("", "alt", "", "AO L T"), ("", "are", "_", "EH R"), ("", "arr", "", "EH R"), ("w", "ar", "", "AO R"),
        ("", "ar", "#", "EH R"), ("", "ar", "", "AA R"), ("", "able", "_", "AH B AH L"), ("", "age", "_", "IH JH"),
        (":#^", "al", "_", "AH L"), ("", "ange", "", "EY N JH"), ("", "aste", "", "EY S T"), ("", "ae", "", "IY"),
        ("", "a", "tion", "EY"), ("", "a", "^e_", "EY"), ("", "a", "^es_", "EY"), ("", "a", "^ed_", "EY"),
        ("", "a", "^ing", "EY"), ("", "a", "^i#", "EY"), ("#^", "a", "_", "AH"), ("", "a", "_", "AH"),
        ("w", "a", "^", "AA"),
        ("", "a", "", "AE"),
        ("", "bb", "", "B"), ("m", "b", "_", ""), ("", "b", "", "B"),
        ("", "cch", "", "K"), ("_", "ch", "^", "K"), ("s", "ch", "", "K"), ("", "ch", "", "CH"), ("", "ck", "", "K"),
        ("", "cc", "+", "K S"), ("", "cc", "", "K"), ("", "cial", "", "SH AH L"), ("", "cian", "", "SH AH N"),
        ("", "cious", "", "SH AH S"), ("s", "c", "+", ""), ("", "c", "+", "S"), ("", "c", "", "K"),
        ("", "dge", "", "JH"), ("", "dd", "", "D"), ("", "d", "", "D"),
        ("", "eau", "", "OW"), ("", "eigh", "", "EY"), ("", "eer", "", "IH R"), ("", "ee", "", "IY"),
        ("", "ear", "^", "ER"), ("", "ear", "", "IH R"), ("", "ead", "_", "EH D"), ("", "ea", "", "IY"),
        ("c", "ei", "", "IY"),
        ("", "ei", "", "EY"), ("", "eu", "", "Y UW"), ("", "ew", "", "UW"), ("", "ey", "_", "IY"), ("", "ey", "", "EY"),
        ("", "err", "", "EH R"), ("", "er", "_", "ER"), ("", "ers", "_", "ER Z"), ("", "er", "^", "ER"),
        ("", "er", "#", "EH R"), ("t", "ed", "_", "IH D"), ("d", "ed", "_", "IH D"), ("k", "ed", "_", "T"),
        ("p", "ed", "_", "T"), ("s", "ed", "_", "T"), ("f", "ed", "_", "T"), ("ch", "ed", "_", "T"),
        ("sh", "ed", "_", "T"),
        ("#^", "ed", "_", "D"), ("s", "es", "_", "IH Z"), ("x", "es", "_", "IH Z"), ("z", "es", "_", "IH Z"),
        ("c", "es", "_", "IH Z"), ("ch", "es", "_", "IH Z"), ("sh", "es", "_", "IH Z"), ("g", "es", "_", "IH Z"),
        ("#^", "es", "_", "Z"), ("_:", "e", "_", "IY"), ("#:", "e", "_", ""), ("#", "e", "_", ""),
        ("#:", "e", "ly_", ""),
        ("#:", "e", "ment", ""), ("#:", "e", "ness", ""), ("#:", "e", "ful", ""), ("#:", "e", "less", ""),
        ("", "e", "^e_", "IY"), ("", "el", "_", "AH L"), ("", "en", "_", "AH N"), ("", "ent", "_", "AH N T"),
        ("", "ence", "_", "AH N S"), ("", "e", "", "EH"),
        ("", "ff", "", "F"), ("", "f", "", "F"),
        ("_", "gh", "", "G"), ("#", "ght", "", "T"), ("", "gh", "", ""), ("_", "gn", "", "N"), ("", "gn", "_", "N"),
        ("", "gg", "", "G"), ("_", "ge", "t", "G EH"), ("", "gue", "_", "G"), ("", "gu", "+", "G"),
        ("", "g", "+", "JH"),
        ("", "g", "", "G"),
        ("#", "h", "^", ""), ("", "h", "#", "HH"), ("", "h", "", ""),
        ("", "igh", "", "AY"), ("", "ign", "_", "AY N"), ("", "ind", "_", "AY N D"), ("", "ild", "_", "AY L D"),
        ("", "ing", "_", "IH NG"), ("", "ings", "_", "IH NG Z"), ("", "ique", "_", "IY K"), ("", "ier", "_", "IY ER"),
        ("", "ies", "_", "IY Z"), ("", "ied", "_", "IY D"), ("", "ie", "_", "IY"), ("", "ie", "", "IY"),
        ("", "ire", "_", "AY ER"),
        ("", "ir", "^", "ER"), ("", "ir", "_", "ER"), ("", "ism", "_", "IH Z AH M"), ("", "ious", "_", "IY AH S"),
        ("", "ize", "", "AY Z"), ("", "ise", "_", "AY Z"), ("", "ite", "_", "AY T"), ("", "ine", "_", "AY N"),
        ("", "ive", "_", "IH V"), ("", "ile", "_", "AY L"), ("", "i", "^e_", "AY"), ("", "i", "^es_", "AY"),
        ("", "i", "^ed_", "AY"), ("_:", "i", "^ing", "AY"), ("_:", "i", "_", "AY"), ("_:", "i", "#", "AY"),
        ("", "i", "_", "IY"),
        ("", "i", "a", "IY"), ("", "i", "o", "IY"), ("", "i", "u", "IY"), ("", "i", "", "IH"),
        ("", "j", "", "JH"), ("_", "kn", "", "N"), ("", "kk", "", "K"), ("", "k", "", "K"),
        ("^", "le", "_", "AH L"), ("^", "les", "_", "AH L Z"), ("", "ll", "", "L"), ("", "l", "", "L"),
        ("", "mm", "", "M"), ("", "mn", "_", "M"), ("", "m", "", "M"),
        ("", "ng", "+", "N JH"), ("", "ng", "r", "NG G"), ("", "ng", "#", "NG G"), ("", "ng", "", "NG"),
        ("", "nk", "", "NG K"),
        ("", "nn", "", "N"), ("", "n", "", "N"),
        ("", "ough", "t", "AO"), ("", "ough", "", "OW"), ("", "ould", "", "UH D"), ("", "ound", "", "AW N D"),
        ("", "ous", "_", "AH S"), ("", "our", "_", "AO R"), ("", "ou", "", "AW"), ("", "ook", "", "UH K"),
        ("", "oor", "", "AO R"),
        ("", "oo", "", "UW"), ("", "oar", "", "AO R"), ("", "oa", "", "OW"), ("", "oi", "", "OY"), ("", "oy", "", "OY"),
        ("", "ow", "n_", "AW"), ("", "ow", "_", "OW"), ("", "ow", "", "AW"), ("", "oe", "_", "OW"),
        ("", "old", "", "OW L D"),
        ("", "olk", "", "OW K"), ("", "ore", "_", "AO R"), ("#^", "or", "_", "ER"), ("#^", "ors", "_", "ER Z"),
        ("w", "or", "", "ER"), ("", "or", "", "AO R"), ("", "ost", "_", "OW S T"), ("#^", "on", "_", "AH N"),
        ("", "o", "^e_", "OW"), ("", "o", "^es_", "OW"), ("", "o", "^ed_", "OW"), ("", "o", "^i#", "OW"),
        ("", "o", "_", "OW"),
        ("", "o", "ing", "OW"), ("", "o", "", "AA"),
        ("", "ph", "", "F"), ("_", "pn", "", "N"), ("_", "ps", "", "S"), ("", "pp", "", "P"), ("", "p", "", "P"),
        ("", "que", "_", "K"), ("", "qu", "", "K W"), ("", "q", "", "K"),
        ("_", "rh", "", "R"), ("", "rr", "", "R"), ("", "r", "", "R"),
        ("", "ssion", "", "SH AH N"), ("", "sion", "", "ZH AH N"), ("", "sure", "", "ZH ER"), ("", "sch", "", "SH"),
        ("", "sh", "", "SH"), ("", "ss", "", "S"), ("", "sm", "_", "Z AH M"), ("#", "s", "#", "Z"),
        ("#", "s", "_", "Z"),
        ("b", "s", "_", "Z"), ("d", "s", "_", "Z"), ("g", "s", "_", "Z"), ("l", "s", "_", "Z"), ("m", "s", "_", "Z"),
        ("n", "s", "_", "Z"), ("r", "s", "_", "Z"), ("v", "s", "_", "Z"), ("w", "s", "_", "Z"), ("", "s", "", "S"),
        ("", "tch", "", "CH"), ("", "tion", "", "SH AH N"), ("", "tial", "", "SH AH L"), ("", "tious", "", "SH AH S"),
        ("", "ture", "_", "CH ER"), ("", "tures", "_", "CH ER Z"), ("", "th", "er", "DH"), ("", "th", "", "TH"),
        ("", "tt", "", "T"),
        ("", "t", "", "T"),
        ("_", "uni", "", "Y UW N IH"), ("", "ue", "_", "UW"), ("", "ui", "", "UW"), ("", "urr", "", "ER"),
        ("", "ure", "_", "Y ER"),
        ("", "ur", "", "ER"), ("", "um", "_", "AH M"), ("_:", "u", "^^", "AH"), ("", "u", "^^", "AH"),
        ("", "u", "^e_", "UW"),
        ("", "u", "^#", "UW"), ("", "u", "_", "UW"), ("", "u", "", "AH"),
        ("", "vv", "", "V"), ("", "v", "", "V"),
        ("_", "wr", "", "R"), ("_", "who", "", "HH UW"), ("", "wh", "", "W"), ("#", "w", "_", ""), ("", "w", "", "W"),
        ("_", "x", "", "Z"), ("", "x", "", "K S"),
        ("_", "y", "", "Y"), ("_:", "y", "_", "AY"), ("", "y", "_", "IY"), ("", "y", "^e_", "AY"), ("", "y", "", "IH"),
        ("", "zz", "", "Z"), ("", "z", "", "Z"),
    ]

    /// - Parameter word: in lower case; what is no letter from a to z is passed over.
    static func phones(of word: String) -> [Phone] {
        let letters = Array(word).filter { $0.isASCII && $0.isLetter }
        var phones: [Phone] = []
        var index = 0
        while index < letters.count {
            guard let rule = rules[letters[index]]?.first(where: { matches($0, letters, index) }) else {
                index += 1
                continue
            }
            phones += Phone.list(rule.sounds)
            index += rule.letters.count
        }
        return stressed(phones, word: word)
    }

    private static func matches(_ rule: Rule, _ letters: [Character], _ index: Int) -> Bool {
        let own = Array(rule.letters)
        guard index + own.count <= letters.count, letters[index..<index + own.count].elementsEqual(own) else {
            return false
        }
        return fits(Array(rule.before.reversed()), Array(letters[..<index].reversed()), isBefore: true)
            && fits(Array(rule.after), Array(letters[(index + own.count)...]), isBefore: false)
    }

    /// Whether the letters, from the rule's own outwards, are as the pattern wants them.
    private static func fits(_ pattern: [Character], _ letters: [Character], isBefore: Bool) -> Bool {
        var position = 0
        for sign in pattern {
            switch sign {
            case "_":
                guard position == letters.count else { return false }
            case "#":
                guard position < letters.count, isVowel(letters[position]) else { return false }
                while position < letters.count, isVowel(letters[position]) { position += 1 }
            case ":":
                while position < letters.count, !isVowel(letters[position]) { position += 1 }
            case "^":
                guard position < letters.count, !isVowel(letters[position]) else { return false }
                position += 1
            case "+":
                guard position < letters.count, "eiy".contains(letters[position]) else { return false }
                position += 1
            default:
                guard position < letters.count, letters[position] == sign else { return false }
                position += 1
            }
        }
        return true
    }

    private static func isVowel(_ letter: Character) -> Bool { "aeiouy".contains(letter) }

    /// One vowel gets the stress: the one before an ending that draws it, else the first of short words and the last but two of long ones.
    private static func stressed(_ phones: [Phone], word: String) -> [Phone] {
        let vowels = phones.indices.filter { phones[$0].isVowel }
        guard !vowels.isEmpty else { return phones }
        let drawing = ["tion", "sion", "cian", "ic", "ical", "ity", "ial", "ious", "ian"]
        let place: Int
        if let ending = drawing.first(where: word.hasSuffix) {
            place = vowels.count - (["ical", "ity"].contains(ending) ? 3 : 2)
        } else {
            place = vowels.count <= 3 ? 0 : vowels.count - 3
        }
        var result = phones
        result[vowels[max(0, place)]].stress = 1
        for index in vowels where result[index].stress == 0 && result[index].sound == .ae && index == vowels.last {
            result[index].sound = .ah
        }
        return result
    }
}
