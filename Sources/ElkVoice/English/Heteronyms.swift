/// Words that are spelled alike and said in several ways.
enum Heteronyms {
    /// After one of these a verb is likely.
    private static let beforeVerbs: Set<String> = [
        "to", "will", "would", "can", "could", "should", "must", "may", "might", "shall", "i", "we", "you", "they",
        "not",
        "don't", "didn't", "doesn't", "won't", "can't", "cannot", "who", "let's", "please", "i'll", "we'll", "you'll",
        "they'll",
    ]
    private static let perfect: Set<String> = [
        "have", "has", "had", "been", "was", "were", "be", "having", "is", "are",
    ]
    /// Said with the stress further back as a verb than as a noun.
    private static let shifting: Set<String> = [
        "record", "records", "present", "presents", "object", "objects", "content", "contents", "project", "projects",
        "permit",
        "permits", "produce", "refuse", "conduct", "contract", "contracts", "increase", "increases", "export",
        "exports",
        "import", "imports", "progress", "conflict", "conflicts", "contest", "convert", "insult", "protest", "rebel",
        "reject",
        "subject", "suspect", "suspects", "transport", "desert", "perfect", "decrease", "address", "research",
    ]
    /// End in a full vowel as verbs.
    private static let ending: Set<String> = [
        "estimate", "separate", "graduate", "deliberate", "alternate", "duplicate", "moderate", "approximate",
        "delegate",
        "advocate", "associate", "coordinate", "appropriate", "elaborate",
    ]
    private static let asVerb = [
        "use": "Y UW1 Z", "close": "K L OW1 Z", "live": "L IH1 V", "wind": "W AY1 N D", "tear": "T EH1 R",
        "read": "R IY1 D",
        "lead": "L IY1 D", "house": "HH AW1 Z", "excuse": "IH0 K S K Y UW1 Z", "abuse": "AH0 B Y UW1 Z",
    ]
    private static let asNoun = [
        "use": "Y UW1 S", "close": "K L OW1 S", "live": "L IH1 V", "wind": "W IH1 N D", "tear": "T IH1 R",
        "read": "R IY1 D",
        "lead": "L IY1 D", "house": "HH AW1 S", "excuse": "IH0 K S K Y UW1 S", "abuse": "AH0 B Y UW1 S",
        "minute": "M IH1 N AH0 T", "does": "D AH1 Z", "wound": "W UW1 N D", "bow": "B OW1", "row": "R OW1",
        "sow": "S OW1",
        "bass": "B EY1 S", "dove": "D AH1 V", "polish": "P AA1 L IH0 SH", "lives": "L IH1 V Z", "data": "D EY1 T AH0",
        "route": "R UW1 T", "either": "IY1 DH ER0", "neither": "N IY1 DH ER0", "often": "AO1 F AH0 N", "our": "AW1 ER0",
    ]

    static func choice(_ word: String, among known: [[Phone]], after previous: String?) -> [Phone] {
        let isVerb = previous.map { beforeVerbs.contains($0) } ?? false
        if word == "read", let previous, perfect.contains(previous) { return Phone.list("R EH1 D") }
        if word == "live", let previous, ["a", "the", "is", "are", "was"].contains(previous) {
            return Phone.list("L AY1 V")
        }
        if let sounds = (isVerb ? asVerb[word] : nil) ?? asNoun[word] { return Phone.list(sounds) }
        if shifting.contains(word) {
            return known.first { ($0.first(where: \.isVowel)?.stress == 1) != isVerb } ?? known[0]
        }
        if ending.contains(word) {
            return known.first { ($0.last(where: \.isVowel)?.stress == 2) == isVerb } ?? known[0]
        }
        return known[0]
    }
}
