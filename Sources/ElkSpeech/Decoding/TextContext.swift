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
    /// Characters of a prompt: 64 a token.
    private static let longestPrompt = 64 * Prompt.contextLimit

    /// - Parameter carriesInitial: keep the prompt in front of every window.
    init(prompt: String?, keywords: [String] = [], carriesInitial: Bool, tokenizer: Tokenizer) {
        let stripped = String(Self.end(of: prompt ?? "")).trimmed
        initial = stripped.isEmpty ? [] : tokenizer.encode(" " + stripped)
        let listed = keywords.map(\.trimmed).filter { !$0.isEmpty }.joined(separator: ", ")
        self.keywords = listed.isEmpty ? [] : Array(tokenizer.encode(" " + listed + ".").prefix(Self.keywordLimit))
        self.carriesInitial = carriesInitial
        tokens = initial
    }

    /// As much of a prompt's end as may become tokens that are seen: a prompt of megabytes would take seconds.
    private static func end(of prompt: String) -> Substring {
        let end = prompt.suffix(longestPrompt)
        // From a word's beginning on, as a piece of a word becomes other tokens.
        guard end.startIndex > prompt.startIndex, let space = end.firstIndex(where: \.isWhitespace) else { return end }
        return end[space...]
    }

    /// The tokens behind the keywords, and behind the prompt where that is carried along: what the next windows can still come to see.
    var said: [Int] {
        get {
            Array(tokens[(carriesInitial ? max(initial.count, forgotten) : forgotten)...].suffix(Prompt.contextLimit))
        }
        set {
            tokens = carriesInitial ? initial + newValue : newValue
            forgotten = 0
        }
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
            return keywords + said.suffix(room)
        }
        let carried = initial.suffix(room)
        return keywords + carried + said.suffix(room - carried.count)
    }
}
