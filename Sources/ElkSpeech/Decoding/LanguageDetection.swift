/// Hears which language is spoken in the window that the network has encoded last.
struct LanguageDetection {
    let network: any SpeechNetwork
    let special: SpecialTokens

    /// The likeliest language, as its token, and its probability among all languages.
    func run() -> (token: Int, probability: Float) {
        let logits = network.prefill([special.startOfTranscript], logitsAt: [0])
        let row = LogitRow(logits, row: 0, vocabulary: network.shape.vocabulary)
        let languages = special.firstLanguage..<special.firstLanguage + special.languageCount
        // Without any number to go by (a damaged model) the first language, English, is as good as another.
        let best = row.top(1, in: languages, and: 0..<0).first ?? languages.lowerBound
        return (best, row.probability(of: best, in: languages))
    }
}
