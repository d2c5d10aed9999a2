/// Decodes a window again, with more and more chance, while its text looks wrong: repetitive, or unlikely.
struct Fallback {
    let options: TranscriptionOptions

    /// The temperatures to try in turn.
    ///
    /// One that the caller gave is tried alone.
    var ladder: [Float] {
        guard let given = options.temperature, given > 0 else { return [0, 0.2, 0.4, 0.6, 0.8, 1] }
        return [given]
    }

    /// The first result that is good.
    ///
    /// If none is, the likeliest of those that are not repetitive, or else of all, as faster-whisper has it.
    ///
    /// - Returns: also the last temperature tried, which may be above that of the result.
    func decode(
        _ attempt: (_ temperature: Float) throws(SpeechError) -> DecodingResult
    ) throws(SpeechError) -> (result: DecodingResult, lastTemperature: Float) {
        var results: [DecodingResult] = []
        for temperature in ladder {
            let result = try attempt(temperature)
            if isGood(result) { return (result, temperature) }
            results.append(result)
        }
        let varied = results.filter { !isRepetitive($0) }
        return (likeliest(varied.isEmpty ? results : varied), results[results.count - 1].temperature)
    }

    /// Unlikely text over silence passes: another try would only make something up.
    func isGood(_ result: DecodingResult) -> Bool {
        isSilence(result) || !isRepetitive(result) && result.averageLogProbability >= options.logProbabilityThreshold
    }

    /// Nobody speaks, and whatever was decoded is not even likely.
    func isSilence(_ result: DecodingResult) -> Bool {
        result.noSpeechProbability > options.noSpeechThreshold
            && result.averageLogProbability <= options.logProbabilityThreshold
    }

    private func isRepetitive(_ result: DecodingResult) -> Bool {
        result.compressionRatio > options.compressionRatioThreshold
    }

    /// The first with the highest average; `results` is not empty.
    private func likeliest(_ results: [DecodingResult]) -> DecodingResult {
        results.dropFirst().reduce(results[0]) {
            $1.averageLogProbability > $0.averageLogProbability ? $1 : $0
        }
    }
}
