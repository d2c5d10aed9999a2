/// Writes sounds in IPA the way eSpeak NG does for American English, which is what voices have learned from.
enum PhoneSpelling {
    private static let consonants: [Phone.Sound: String] = [
        .b: "b", .ch: "tʃ", .d: "d", .dh: "ð", .f: "f", .g: "ɡ", .hh: "h", .jh: "dʒ", .k: "k", .l: "l", .m: "m",
        .n: "n",
        .ng: "ŋ", .p: "p", .r: "ɹ", .s: "s", .sh: "ʃ", .t: "t", .th: "θ", .v: "v", .w: "w", .y: "j", .z: "z", .zh: "ʒ",
    ]
    private static let vowels: [Phone.Sound: String] = [
        .aa: "ɑː", .ae: "æ", .ah: "ʌ", .ao: "ɔː", .aw: "aʊ", .ay: "aɪ", .eh: "ɛ", .er: "ɜː", .ey: "eɪ", .ih: "ɪ",
        .iy: "iː", .ow: "oʊ", .oy: "ɔɪ", .uh: "ʊ", .uw: "uː",
    ]

    /// - Parameters:
    ///   - word: as it is spelled.
    ///   - isStressed: false leaves the marks of stress out.
    static func ipa(_ phones: [Phone], word: String, isStressed: Bool = true) -> String {
        var text = ""
        for (index, phone) in phones.enumerated() {
            let before = index > 0 ? phones[index - 1] : nil
            let after = index + 1 < phones.count ? phones[index + 1] : nil
            guard phone.isVowel else {
                text += consonant(phone, before, after, isLastButOne: index + 3 == phones.count, last: phones.last)
                continue
            }
            if isStressed, phone.stress > 0 { text += phone.stress == 1 ? "ˈ" : "ˌ" }
            text += vowel(phone, after, isEnding: index + 2 == phones.count && index > 0, word: word)
        }
        // The n of "button" is a syllable.
        return text.hasSuffix("ʔən") ? text.dropLast(2) + "n̩" : text
    }

    private static func vowel(_ phone: Phone, _ after: Phone?, isEnding: Bool, word: String) -> String {
        guard phone.stress == 0 else {
            if phone.sound == .iy, after?.sound == .r { return "ɪ" }
            if phone.sound == .ow, after?.sound == .r { return "oː" }
            return vowels[phone.sound] ?? ""
        }
        switch phone.sound {
        case .ah, .ih:
            // The endings of "wanted" and "roses".
            let isPast = after?.sound == .d && word.hasSuffix("ed")
            let isPlural =
                after?.sound == .z && (word.hasSuffix("es") || word.hasSuffix("s's") || word.hasSuffix("e's"))
            if isEnding, isPast || isPlural { return "ᵻ" }
            return phone.sound == .ah ? "ə" : "ɪ"
        case .er: return after?.isVowel == true ? "ɚɹ" : "ɚ"
        case .iy: return after == nil || after?.isVowel == true ? "i" : after?.sound == .r ? "ɪ" : "iː"
        default: return vowels[phone.sound] ?? ""
        }
    }

    private static func consonant(
        _ phone: Phone,
        _ before: Phone?,
        _ after: Phone?,
        isLastButOne: Bool,
        last: Phone?
    ) -> String {
        let text = consonants[phone.sound] ?? ""
        if phone.sound == .t, let before, let after, after.isVowel, after.stress == 0 {
            // "button", but "important".
            if isLastButOne, before.isVowel, before.stress == 1, after.sound == .ah, last?.sound == .n { return "ʔ" }
            // "water", "party".
            if before.isVowel || before.sound == .r { return "ɾ" }
        }
        // "very" has its r; after a long r-coloured vowel it is written, too.
        if phone.sound == .r, before?.sound == .er { return "ɹ" }
        return text
    }
}
