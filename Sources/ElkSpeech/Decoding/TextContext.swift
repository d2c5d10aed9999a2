/// What was said before the next window: the caller's prompt, then the tokens of the segments, timestamps included.
struct TextContext {
    private let initial: [Int]
    private let carriesInitial: Bool
    private var tokens: [Int]
    /// Tokens that are no longer passed on.
    private var forgotten = 0

    /// - Parameter carriesInitial: keep the prompt in front of every window.
    init(prompt: String?, carriesInitial: Bool, tokenizer: Tokenizer) {
        let stripped = prompt?.trimmed ?? ""
        initial = stripped.isEmpty ? [] : tokenizer.encode(" " + stripped)
        self.carriesInitial = carriesInitial
        tokens = initial
    }

    mutating func append(_ segment: [Int]) {
        tokens += segment
    }

    /// The next window starts without what was said so far.
    mutating func reset() {
        forgotten = tokens.count
    }

    /// At most 223 tokens, the latest that were said.
    var current: [Int] {
        guard carriesInitial else {
            return Array(tokens[forgotten...].suffix(Prompt.contextLimit))
        }
        let carried = initial.suffix(Prompt.contextLimit)
        let said = tokens[max(initial.count, forgotten)...]
        return carried + said.suffix(Prompt.contextLimit - carried.count)
    }
}
