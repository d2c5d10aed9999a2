/// The tokens that a window's text is a continuation of:
/// `[startofprev, context…] startoftranscript [language, task] [notimestamps]`.
struct Prompt: Hashable {
    /// Tokens of context that fit in front of a window: half of the decoder's positions, without startofprev.
    static let contextLimit = 448 / 2 - 1

    /// What every window begins with, from startoftranscript on and without notimestamps.
    let start: [Int]
    let tokens: [Int]
    /// Position of startoftranscript.
    let startPosition: Int

    /// - Parameters:
    ///   - start: see `Prompt.start(_:language:task:)`.
    ///   - context: text in front of the window; its last 223 tokens count.
    init(start: [Int], context: [Int], timestamps: Bool, special: SpecialTokens) {
        let context = context.suffix(Self.contextLimit)
        let previous = context.isEmpty ? [] : [special.startOfPrevious] + context
        self.start = start
        tokens = previous + start + (timestamps ? [] : [special.noTimestamps])
        startPosition = previous.count
    }

    /// The tokens that name language and task; English-only models have neither.
    ///
    /// - Parameter language: token of the language, nil for an English-only model.
    static func start(_ special: SpecialTokens, language: Int?, task: Transcript.Task) -> [Int] {
        guard let language else { return [special.startOfTranscript] }
        return [
            special.startOfTranscript,
            language,
            task == .translate ? special.translate : special.transcribe,
        ]
    }
}
