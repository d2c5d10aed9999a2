/// The text of one window at one temperature.
struct DecodingResult {
    /// Sampled tokens without end of text.
    var tokens: [Int]
    /// Of each token; fewer where nobody knows.
    var logProbabilities: [Float] = []
    /// Without the white space around it.
    var text: String
    var temperature: Float
    var averageLogProbability: Float
    var noSpeechProbability: Float
    var compressionRatio: Float
    /// The text came to its end before the tokens that it was given did.
    var hasEnded = true
}

/// Decodes the window that the network has encoded last.
struct DecodingTask {
    let network: any SpeechNetwork
    let tokenizer: Tokenizer
    let filters: LogitFilters
    let prompt: Prompt
    let options: TranscriptionOptions
    /// Phrases to prefer; nil for none.
    var keywords: KeywordBias?
    /// Where sampling starts from: hash of the recording and first frame of the window.
    let seed: (recording: UInt64, window: Int)
    let cancellation: Cancellation
    /// Tokens after which to give up, when those are fewer than the decoder has positions for.
    var limit = Int.max

    /// One try: runs the prompt, then samples until the search is complete or the decoder's positions are used up.
    func run(temperature: Float) throws(SpeechError) -> DecodingResult {
        if temperature <= 0, options.beamSize > 1 {
            return try run(
                BeamSearch(
                    filters: filters,
                    width: options.beamSize,
                    patience: options.patience,
                    keywords: keywords,
                    share: network.share
                ),
                temperature: temperature
            )
        }
        let samples = temperature > 0 ? max(1, options.bestOf) : 1
        let generators = (0..<samples).map {
            SeededGenerator(recording: seed.recording, window: seed.window, temperature: temperature, row: $0)
        }
        return try run(
            TokenSelection(filters: filters, temperature: temperature, generators: generators, keywords: keywords),
            temperature: temperature
        )
    }

    private func run(_ search: some TokenSearch, temperature: Float) throws(SpeechError) -> DecodingResult {
        var search = search
        try cancellation.check()
        var rows = rows(of: network.prefill(prompt.tokens, logitsAt: promptPositions))
        // The filters write into the logits, so silence is judged first.
        let noSpeech = rows[0].probability(of: tokenizer.special.noSpeech, in: 0..<network.shape.vocabulary)
        rows = rows.suffix(1)

        var hasEnded = false
        for position in 0..<tokenLimit {
            let next = search.advance(rows)
            hasEnded = next == nil
            guard let next, position < tokenLimit - 1 else { break }
            if position % Self.loopCheck == 0, let best = best(of: search.hypotheses), isLoop(best) { break }
            try cancellation.check()
            move(to: next.sources, from: rows.count)
            rows = self.rows(of: network.step(next.tokens))
        }
        var result = result(of: search.hypotheses, noSpeech: noSpeech, temperature: temperature)
        result.hasEnded = hasEnded
        return result
    }

    private func best(of hypotheses: [Hypothesis]) -> Hypothesis? {
        hypotheses.best(lengthPenalty: options.lengthPenalty)
    }

    /// Tokens from one look for a loop to the next.
    private static let loopCheck = 8

    /// Whether a text has come to an end that repeats itself so much that it is not taken: it would only go on to do so, ever likelier.
    private func isLoop(_ hypothesis: Hypothesis) -> Bool {
        guard let loop = hypothesis.tokens.filter({ $0 < tokenizer.special.endOfText }).loopAtEnd else { return false }
        return compressionRatio(of: tokenizer.decode(Array(loop)).trimmed) > options.compressionRatioThreshold
    }

    /// Half of the decoder's positions, or what the prompt leaves of them.
    private var tokenLimit: Int {
        max(0, min(limit, network.shape.textContext / 2, network.shape.textContext - prompt.tokens.count))
    }

    /// Where logits are needed: at startoftranscript, which tells silence, and at the end; the same for a bare prompt.
    private var promptPositions: [Int] {
        let last = prompt.tokens.count - 1
        return prompt.startPosition == last ? [last] : [prompt.startPosition, last]
    }

    private func rows(of logits: UnsafeMutableBufferPointer<Float>) -> [LogitRow] {
        let vocabulary = network.shape.vocabulary
        return (0..<logits.count / vocabulary).map { LogitRow(logits, row: $0, vocabulary: vocabulary) }
    }

    private func move(to sources: [Int], from rows: Int) {
        if rows == 1 {
            if sources.count > 1 { network.fork(into: sources.count) }
        } else if sources != Array(0..<rows) {
            network.rearrange(sources)
        }
    }

    private func result(of hypotheses: [Hypothesis], noSpeech: Float, temperature: Float) -> DecodingResult {
        let best = best(of: hypotheses) ?? Hypothesis()
        let text = tokenizer.decode(best.tokens).trimmed
        return DecodingResult(
            tokens: best.tokens,
            logProbabilities: best.logProbabilities,
            text: text,
            temperature: temperature,
            averageLogProbability: best.averageLogProbability,
            noSpeechProbability: noSpeech,
            compressionRatio: compressionRatio(of: text)
        )
    }
}
