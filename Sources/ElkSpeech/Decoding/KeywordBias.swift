/// Prefers the tokens of listed phrases where they are nearly as likely as what was heard.
///
/// A tree of the phrases' tokens: who has followed a phrase so far is helped on to its end; what was helped and then left the phrase
/// has its help taken away again, so that beginnings alone win nothing.
struct KeywordBias: Sendable, Hashable {
    /// Where in the phrases a text is: nodes of the tree, each with the help that got there.
    struct Place: Hashable {
        fileprivate var nodes: [Int] = []
        /// Help so far that a phrase left unfinished would have to give back.
        fileprivate(set) var debt: Float = 0
    }

    private struct Node: Hashable {
        var next: [Int: Int] = [:]
        var isEnd = false
    }

    private var nodes = [Node()]
    /// Logarithm of how much likelier each further token of a phrase becomes; its first one gets half of it.
    private static let help: Float = 2

    /// - Parameter phrases: at most a few hundred; each counts with and without a space in front.
    init(_ phrases: [String], tokenizer: Tokenizer) {
        for phrase in phrases.lazy.map(\.trimmed).filter({ !$0.isEmpty }).prefix(500) {
            add(tokenizer.encode(" " + phrase))
            add(tokenizer.encode(phrase))
        }
    }

    var isEmpty: Bool { nodes.count == 1 }

    private mutating func add(_ tokens: [Int]) {
        var at = 0
        for token in tokens {
            if let next = nodes[at].next[token] {
                at = next
            } else {
                nodes.append(Node())
                nodes[at].next[token] = nodes.count - 1
                at = nodes.count - 1
            }
        }
        if at > 0 { nodes[at].isEnd = true }
    }

    /// The tokens that go on in a phrase from `place`, and the help that each gets.
    func helped(at place: Place) -> [Int: Float] {
        guard !isEmpty else { return [:] }
        var found: [Int: Float] = [:]
        for token in nodes[0].next.keys { found[token] = Self.help / 2 }
        for node in place.nodes {
            for token in nodes[node].next.keys { found[token] = Self.help }
        }
        return found
    }

    /// Moves on with `token`.
    ///
    /// - Returns: what the text's score changes by: help, or help taken back.
    func advance(_ place: inout Place, with token: Int) -> Float {
        guard !isEmpty else { return 0 }
        let help = helped(at: place)[token] ?? 0
        let followed = place.nodes.compactMap { nodes[$0].next[token] }
        let begun = nodes[0].next[token].map { [$0] } ?? []
        let debt = place.debt
        place.nodes = (followed + begun).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        guard !place.nodes.isEmpty else {
            place.debt = 0
            return -debt
        }
        // A phrase that has come to its end has earned its help.
        if place.nodes.contains(where: { nodes[$0].isEnd }) {
            place.debt = 0
        } else if followed.isEmpty {
            place.debt = help
            return help - debt
        } else {
            place.debt = debt + help
        }
        return help
    }
}

extension KeywordBias {
    /// The `count` likeliest tokens, and those of phrases that help may bring among them.
    func candidates(_ distribution: TokenDistribution, _ count: Int, at place: Place) -> [Int] {
        let top = distribution.top(count)
        guard !isEmpty, let least = top.last.map(distribution.logProbability(of:)) else { return top }
        let helped = helped(at: place).filter { token, help in
            distribution.text.contains(token) && !top.contains(token)
                && distribution.logProbability(of: token) + help > least
        }
        return top + helped.keys.sorted()
    }

    /// The likeliest token with the help of the phrases; nil if there is none.
    func best(_ distribution: TokenDistribution, at place: Place) -> Int? {
        let helped = helped(at: place)
        return candidates(distribution, 2, at: place).max { first, second in
            distribution.logProbability(of: first) + (helped[first] ?? 0)
                < distribution.logProbability(of: second) + (helped[second] ?? 0)
        }
    }
}
