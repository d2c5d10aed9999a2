/// Gives the segments of a window their words with times (openai/whisper, `timing.py`; see `TokenAlignment` for what differs).
struct WordTiming {
    let network: any SpeechNetwork
    let tokenizer: Tokenizer
    /// Where somebody speaks; nil when nobody can say.
    let speech: SpeechRanges?
    /// What the windows begin with; see `Prompt.start`.
    var start: [Int]
    /// Code of the language, which decides where words are cut.
    var language: String
    /// Where the last word so far ended, in seconds from the start of the recording.
    var lastSpeech = 0.0

    /// Speech ends about so many seconds before the detector says so.
    private static let afterglow = 0.07

    init(
        network: any SpeechNetwork,
        tokenizer: Tokenizer,
        start: [Int],
        language: String,
        speech: SpeechRanges? = nil
    ) {
        self.network = network
        self.tokenizer = tokenizer
        self.speech = speech
        self.start = start
        self.language = language
    }

    /// Fills in the words of `cut`, moves the times of its segments to them, and lets the next window begin after the
    /// last word.
    ///
    /// The network must have encoded `window` last.
    mutating func time(_ cut: inout WindowCut, of window: AudioWindow) {
        let endOfText = tokenizer.special.endOfText
        let texts = cut.segments.map { $0.tokens.filter { $0 < endOfText } }
        var words = align(Array(texts.joined()), of: window)
        let pace = WordPace(of: words)
        // Where pauses are known, nobody needs to guess at them.
        if speech == nil { words.shortenAtSentenceEnds(pace) }
        words.mergePunctuation(keepsTime: speech != nil)

        var rest = words[...]
        for index in cut.segments.indices {
            var taken = 0
            var own: [Word] = []
            while taken < texts[index].count, let word = rest.popFirst() {
                taken += word.tokens
                if !word.text.isEmpty { own.append(Word(word, offset: window.offset)) }
            }
            fit(&own, into: &cut.segments[index], pace: pace)
            cut.segments[index].words = own
        }

        let lastWord = cut.segments.last { $0.words?.isEmpty == false }?.words?.last
        guard let last = lastWord?.end ?? cut.segments.last?.end else { return }
        lastSpeech = last
        guard !cut.endsInSilence, last > window.offset else { return }
        // A last word in which the network says that its text ends goes on too long. Whole words behind that are dated better than the text.
        let isCut = lastWord.map { $0.start < Timestamp.seconds(ofFrame: cut.next) } ?? false
        let next = Int((last * Double(Timestamp.framesPerSecond)).rounded())
        cut.next = isCut ? min(cut.next, next) : next
    }

    private func align(_ text: [Int], of window: AudioWindow) -> [TimedWord] {
        let special = tokenizer.special
        let columns = window.count / Timestamp.framesPerStep
        guard !text.isEmpty, columns > 0 else { return [] }
        let words = tokenizer.words(of: text + [special.endOfText], language: language)
        let looks = network.align(start + [special.noTimestamps] + text + [special.endOfText])
        let alignment = TokenAlignment(
            looks,
            start: start.count,
            words: words.map(\.tokens.count),
            isSilent: silence(in: window, columns: columns, lag: looks.lag),
            isKnown: speech != nil
        )
        let end = Double(columns) * Timestamp.step
        func seconds(_ step: Int) -> Double {
            step == 0 ? 0 : min(max(Double(step) * Timestamp.step + looks.lag, 0), end)
        }
        var position = 0
        return zip(words, alignment.words).map { word, steps in
            let tokens = position..<min(position + word.tokens.count, text.count)
            position = tokens.upperBound
            let probability = alignment.probabilities[tokens].reduce(0, +) / Float(max(tokens.count, 1))
            return TimedWord(
                text: word.text,
                tokens: word.tokens.count,
                start: seconds(steps.lowerBound),
                end: seconds(steps.upperBound),
                probability: probability
            )
        }
    }

    /// Whether nobody speaks, of each encoder step of `window`, when the network looks at what is said `lag` seconds later.
    private func silence(in window: AudioWindow, columns: Int, lag: Double) -> [Bool] {
        guard let speech else { return [Bool](repeating: false, count: columns) }
        func step(_ seconds: Double) -> Int {
            let step = ((seconds - window.offset - lag) / Timestamp.step).rounded(.up)
            return Int(min(max(step, 0), Double(columns)))
        }
        var isSilent = [Bool](repeating: true, count: columns)
        for range in speech.ranges {
            let (first, end) = (step(range.lowerBound), step(range.upperBound - Self.afterglow))
            for index in first..<max(first, end) { isSilent[index] = false }
        }
        return isSilent
    }

    /// Words at the borders of a segment are often too long; its own times are then the better ones, else the words'.
    private mutating func fit(_ words: inout [Word], into segment: inout WindowCut.TimedTokens, pace: WordPace) {
        guard !words.isEmpty else { return }
        guard speech == nil else {
            (segment.start, segment.end) = (words[0].start, words[words.count - 1].end)
            lastSpeech = segment.end
            return
        }
        shortenAfterPause(&words, pace: pace)

        if segment.start < words[0].end, segment.start - 0.5 > words[0].start {
            words[0].start = max(0, min(words[0].end - pace.median, segment.start))
        } else {
            segment.start = words[0].start
        }

        let last = words.count - 1
        if segment.end > words[last].start, segment.end + 0.5 < words[last].end {
            words[last].end = max(words[last].start + pace.median, segment.end)
        } else {
            segment.end = words[last].end
        }
        lastSpeech = segment.end
    }

    /// After a pause the first word, or the first two, begin too early.
    private func shortenAfterPause(_ words: inout [Word], pace: WordPace) {
        let second = words.dropFirst().first
        let startsLong = words[0].end - words[0].start > pace.limit
        let bothAreLong = second.map { $0.end - words[0].start > 2 * pace.limit } ?? false
        guard words[0].end - lastSpeech > 4 * pace.median, startsLong || bothAreLong else { return }
        if let second, second.end - second.start > pace.limit {
            let border = max(second.end / 2, second.end - pace.limit)
            words[0].end = border
            words[1].start = border
        }
        words[0].start = max(0, words[0].end - pace.limit)
    }
}

extension Word {
    fileprivate init(_ word: TimedWord, offset: Double) {
        func hundredths(_ seconds: Double) -> Double { (seconds * 100).rounded() / 100 }
        self.init(
            text: word.text,
            start: hundredths(offset + word.start),
            end: hundredths(offset + word.end),
            probability: word.probability
        )
    }
}
