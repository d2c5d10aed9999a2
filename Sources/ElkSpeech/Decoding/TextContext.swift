/// What was said before the next window: the caller's prompt, then the tokens of the segments, timestamps included.
struct TextContext {
    /// Stands in front of every window, whatever else does.
    private let keywords: [Int]
    private let initial: [Int]
    private let carriesInitial: Bool
    private var tokens: [Int]
    /// Tokens that are no longer passed on.
    private var forgotten = 0

    /// Tokens of keywords that fit: half of the context.
    private static let keywordLimit = Prompt.contextLimit / 2

    /// - Parameter carriesInitial: keep the prompt in front of every window.
    init(prompt: String?, keywords: [String] = [], carriesInitial: Bool, tokenizer: Tokenizer) {
        let stripped = prompt?.trimmed ?? ""
        initial = stripped.isEmpty ? [] : tokenizer.encode(" " + stripped)
        let listed = keywords.map(\.trimmed).filter { !$0.isEmpty }.joined(separator: ", ")
        self.keywords = listed.isEmpty ? [] : Array(tokenizer.encode(" " + listed + ".").prefix(Self.keywordLimit))
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
        let room = Prompt.contextLimit - keywords.count
        guard carriesInitial else {
            return keywords + tokens[forgotten...].suffix(room)
        }
        let carried = initial.suffix(room)
        let said = tokens[max(initial.count, forgotten)...]
        return keywords + carried + said.suffix(room - carried.count)
    }
}
