/// Hears which language is spoken in the window that the network has encoded last.
struct LanguageDetection {
    let network: any SpeechNetwork
    let special: SpecialTokens
    /// Tokens of the languages to choose from; empty chooses from all.
    var candidates: [Int] = []

    /// The likeliest language, as its token, and its probability among those to choose from.
    func run() -> (token: Int, probability: Float) {
        let logits = network.prefill([special.startOfTranscript], logitsAt: [0])
        let row = LogitRow(logits, row: 0, vocabulary: network.shape.vocabulary)
        let languages = special.firstLanguage..<special.firstLanguage + special.languageCount
        guard candidates.isEmpty else {
            let best = candidates.max { row[$0] < row[$1] } ?? languages.lowerBound
            let shares = candidates.map { row.probability(of: $0, in: languages) }
            let total = shares.reduce(0, +)
            return (best, total > 0 ? row.probability(of: best, in: languages) / total : 0)
        }
        // Without any number to go by (a damaged model) the first language, English, is as good as another.
        let best = row.top(1, in: languages, and: 0..<0).first ?? languages.lowerBound
        return (best, row.probability(of: best, in: languages))
    }
}
