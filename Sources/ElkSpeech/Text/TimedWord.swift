/// A word with its times in seconds from the start of its window, before punctuation finds its place.
struct TimedWord: Hashable {
    var text: String
    /// Tokens that the word is made of; 0 and no text once it was merged into a neighbour.
    var tokens: Int
    var start: Double
    var end: Double
    var probability: Float

    var duration: Double { end - start }
}

/// What is usual for the words of a window, in seconds.
struct WordPace: Hashable {
    var median: Double
    /// A word above this is too long.
    var limit: Double { 2 * median }

    init(of words: [TimedWord]) {
        let durations = words.map(\.duration).filter { $0 != 0 }.sorted()
        guard !durations.isEmpty else {
            median = 0
            return
        }
        let middle = durations.count / 2
        let exact =
            durations.count.isMultiple(of: 2) ? (durations[middle - 1] + durations[middle]) / 2 : durations[middle]
        median = min(0.7, exact)
    }
}

extension [TimedWord] {
    /// Cuts words that are too long at the end of a sentence: there they swallow the pause.
    mutating func shortenAtSentenceEnds(_ pace: WordPace) {
        let marks = ".。!！?？"
        guard pace.median > 0 else { return }
        for index in indices.dropFirst() where self[index].duration > pace.limit {
            if self[index].text.isPart(of: marks) {
                self[index].end = self[index].start + pace.limit
            } else if self[index - 1].text.isPart(of: marks) {
                self[index].start = self[index].end - pace.limit
            }
        }
    }

    /// Puts opening marks in front of the next word and closing marks behind the previous one.
    ///
    /// Merged words stay as empty ones.
    ///
    /// - Parameter keepsTime: whether the time of a closing mark is its word's too: the rest of the sound where pauses are known,
    ///   else most likely the pause.
    mutating func mergePunctuation(keepsTime: Bool) {
        let opening = "\"'“¿([{-"
        let closing = "\"'.。,，!！?？:：”)]}、"

        var next = count - 1
        for index in indices.reversed().dropFirst() {
            if self[index].text.hasPrefix(" "), self[index].text.trimmed.isPart(of: opening) {
                self[next].text = self[index].text + self[next].text
                self[next].tokens += self[index].tokens
                self[index].text = ""
                self[index].tokens = 0
            } else {
                next = index
            }
        }

        var previous = 0
        for index in indices.dropFirst() {
            if !self[previous].text.hasSuffix(" "), self[index].text.isPart(of: closing) {
                self[previous].text += self[index].text
                self[previous].tokens += self[index].tokens
                if keepsTime, self[index].start == self[previous].end { self[previous].end = self[index].end }
                self[index].text = ""
                self[index].tokens = 0
            } else {
                previous = index
            }
        }
    }
}

extension String {
    /// The reference looks for a word in a list of marks as in a text, so nothing at all is found too.
    fileprivate func isPart(of marks: String) -> Bool {
        isEmpty || marks.contains(self)
    }
}
