extension Tokenizer {
    /// Words with their tokens, cut as openai/whisper does: on whole characters, then at spaces and ASCII punctuation.
    ///
    /// `tokens` are ordinary tokens and, at the end, end of text, which becomes a word of its own with no text. Languages
    /// written without spaces are cut on characters alone. The tokens of the words joined are `tokens`.
    package func words(of tokens: [Int], language: String) -> [(text: String, tokens: [Int])] {
        let pieces = characterPieces(of: tokens)
        if ["zh", "ja", "th", "lo", "my", "yue"].contains(language) { return pieces }
        var words: [(text: String, tokens: [Int])] = []
        for piece in pieces {
            let isSpecial = piece.tokens.contains { $0 >= special.endOfText }
            if words.isEmpty || isSpecial || piece.text.hasPrefix(" ") || isPunctuation(piece.text) {
                words.append(piece)
            } else {
                words[words.count - 1].text += piece.text
                words[words.count - 1].tokens += piece.tokens
            }
        }
        return words
    }

    /// The shortest runs of tokens that decode to whole characters.
    private func characterPieces(of tokens: [Int]) -> [(text: String, tokens: [Int])] {
        var pieces: [(text: String, tokens: [Int])] = []
        for run in tokens.split(omittingEmptySubsequences: false, whereSeparator: { $0 >= special.endOfText }) {
            appendPieces(of: run, to: &pieces)
            if run.endIndex < tokens.endIndex { pieces.append(("", [tokens[run.endIndex]])) }
        }
        return pieces
    }

    private func appendPieces(of run: ArraySlice<Int>, to pieces: inout [(text: String, tokens: [Int])]) {
        let whole = Array(decode(run).unicodeScalars)
        var offset = 0
        var pending: [Int] = []
        for token in run {
            pending.append(token)
            let text = decode(pending)
            let scalars = text.unicodeScalars
            if let broken = scalars.firstIndex(of: "\u{FFFD}") {
                // Half a character, unless the whole text is broken at this place too.
                let place = offset + scalars.distance(from: scalars.startIndex, to: broken)
                guard place < whole.count, whole[place] == "\u{FFFD}" else { continue }
            }
            pieces.append((text, pending))
            pending = []
            offset += scalars.count
        }
        // The reference loses these; word times need a place for every token.
        if !pending.isEmpty { pieces.append((decode(pending), pending)) }
    }
}

/// Whether a piece is punctuation to the reference, which looks for it as a substring of the ASCII signs in order: white
/// space alone counts, and so does `()`, but not `...`.
private func isPunctuation(_ text: String) -> Bool {
    let signs = Array(##"!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"##.utf8)
    let wanted = text.trimmed.utf8
    guard wanted.count <= signs.count else { return false }
    return (0...(signs.count - wanted.count)).contains { signs[$0...].starts(with: wanted) }
}
