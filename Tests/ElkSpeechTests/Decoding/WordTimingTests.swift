import Testing

@testable import ElkSpeech

struct WordTimingTests {
    private typealias Text = ScriptedText

    private func word(_ text: String, _ start: Double, _ end: Double) -> TimedWord {
        TimedWord(text: text, tokens: 1, start: start, end: end, probability: 0.5)
    }

    @Test func `the usual duration is the median of those that are not zero, at most 0.7 s`() {
        #expect(WordPace(of: []).median == 0)
        #expect(WordPace(of: [word("a", 0, 0), word("b", 0, 0.25), word("c", 1, 1.75)]).median == 0.5)
        #expect(WordPace(of: [word("a", 0, 5)]).median == 0.7)
        #expect(WordPace(of: [word("a", 0, 0.25)]).limit == 0.5)
    }

    @Test func `words that swallow the pause between sentences are cut`() {
        var words = [word(" one", 0, 0.5), word(".", 0.5, 3), word(" two", 3, 6), word(" three", 6, 9)]
        var pace = WordPace(of: [])
        pace.median = 0.5
        words.shortenAtSentenceEnds(pace)
        #expect(words.map(\.start) == [0, 0.5, 5, 6])
        #expect(words.map(\.end) == [0.5, 1.5, 6, 9])
    }

    @Test func `punctuation joins its neighbour`() {
        var words = [" (", "one", ",", " two", ".", "\"", " ...", " \"", " ("].map { word($0, 0, 1) }
        words.mergePunctuation(keepsTime: false)
        #expect(words.map(\.text) == ["", " (one,", "", " two.\"", "", "", " ...", "", " \" ("])
        #expect(words.map(\.tokens) == [0, 3, 0, 3, 0, 0, 1, 0, 2])
    }

    @Test func `the sound of a mark is its word's where pauses are known`() {
        let words = [word(" one", 0, 0.5), word(".", 0.5, 0.7), word(" two", 1, 1.5), word(",", 1.6, 1.7)]
        var (known, unknown) = (words, words)
        known.mergePunctuation(keepsTime: true)
        unknown.mergePunctuation(keepsTime: false)
        #expect(known.filter { $0.tokens > 0 }.map(\.end) == [0.7, 1.5])
        #expect(unknown.filter { $0.tokens > 0 }.map(\.end) == [0.5, 1.5])
    }

    @Test func `nothing to merge is no trouble`() {
        var words: [TimedWord] = []
        words.mergePunctuation(keepsTime: true)
        #expect(words.isEmpty)
    }

    /// Times words from a network that begins text token n at `steps[n]` (the end of text included).
    ///
    /// The first token always begins with the window where nobody says who speaks when: at the frames `speech` (32 ms).
    private func timed(
        _ tokens: [Int],
        steps: [Int],
        lag: Double = 0,
        speech: [Range<Int>]? = nil,
        window: AudioWindow = AudioWindow(start: 1000, count: 3000)
    ) -> WindowCut {
        let network = ScriptedNetwork(vocabulary: 51865) { _, _ in [:] }
        network.alignment = { tokens in
            var scores = [Float](repeating: 0, count: tokens.count * 1500)
            // Rows: three of the start sequence, notimestamps, text, end of text.
            for row in 3..<tokens.count - 1 {
                let end = row - 2 < steps.count ? steps[row - 2] : 1500
                for step in steps[row - 3]..<end { scores[row * 1500 + step] = 12 }
            }
            let probabilities = [Float](repeating: 0.5, count: tokens.count - 1)
            return Alignment(probabilities: probabilities, scores: scores, heads: 1, lag: lag)
        }
        var timing = WordTiming(
            network: network,
            tokenizer: Text.tokenizer,
            start: [50258, 50259, 50359],
            language: "en",
            speech: speech.map { speech in
                let frames = (0..<1250).map { frame in Float(speech.contains { $0.contains(frame) } ? 1 : 0) }
                return VoiceActivity(frames, duration: 40).speech
            }
        )
        var cut = WindowCut(tokens, of: window, firstTimestamp: Text.special.firstTimestamp)
        timing.time(&cut, of: window)
        return cut
    }

    @Test func `segments take the times of their words`() {
        let tokens = [
            Text.time(0), 101, 102, Text.comma, Text.time(2), Text.time(2), 103, Text.fullStop, Text.time(3),
            Text.time(3),
        ]
        let cut = timed(tokens, steps: [20, 40, 70, 80, 120, 130])
        #expect(cut.segments.map { $0.words?.map(\.text) } == [[" wbab", " wbac,"], [" wbad."]])
        #expect(cut.segments[0].words?.map(\.start) == [10, 10.8])
        #expect(cut.segments[0].words?.map(\.end) == [10.8, 11.4])
        #expect(cut.segments.map(\.start) == [10, 11.6])
        #expect(cut.segments.map(\.end) == [11.4, 12.4])
        #expect(cut.next == 1240)
    }

    @Test func `a last word does not go on past the end of its text`() {
        // The window goes on at 12 s; the last word begins before that and seems to end at 13 s, or begins only behind it.
        let tokens = [Text.time(0), 101, 102, Text.time(2), Text.time(2)]
        #expect(timed(tokens, steps: [0, 80, 150]).next == 1200)
        #expect(timed(tokens, steps: [0, 110, 150]).next == 1300)
    }

    @Test func `words leave out the pauses that somebody knows of`() {
        // Speech from 11.2 to 12.16 s and from 14.4 to 15.36 s of the recording; the second word seems to begin in between.
        let tokens = [Text.time(0), 101, 102, Text.time(6), Text.time(6)]
        let cut = timed(tokens, steps: [50, 160, 300], speech: [350..<380, 450..<480])
        #expect(cut.segments[0].words?.map(\.start) == [11.18, 14.38])
        #expect(cut.segments[0].words?.map(\.end) == [12.12, 15.32])
        #expect(cut.segments[0].start == 11.18)
        #expect(cut.segments[0].end == 15.32)
    }

    @Test func `words are later than what the network looks at by its lag`() {
        let tokens = [Text.time(0), 101, 102, Text.time(2), Text.time(2)]
        let cut = timed(tokens, steps: [20, 40, 70], lag: 0.07)
        #expect(cut.segments[0].words?.map(\.start) == [10, 10.87])
        #expect(cut.segments[0].words?.map(\.end) == [10.87, 11.47])
    }

    @Test func `a window that ends in silence is left at its end`() {
        let cut = timed([Text.time(0), 101, Text.time(2)], steps: [20, 40])
        #expect(cut.endsInSilence)
        #expect(cut.next == 4000)
    }

    @Test func `a first word that begins far too early is cut to its segment`() {
        let cut = timed(
            [Text.time(4), 101, 102, 103, Text.time(6), Text.time(6)],
            steps: [0, 210, 225, 240]
        )
        // The words before have a median of 0.3 s, so the first lasts 0.6 s at most.
        #expect(cut.segments[0].words?.map(\.end) == [14.2, 14.5, 14.8])
        #expect(abs((cut.segments[0].words?[0].start ?? 0) - 13.6) < 1e-9)
        #expect(cut.segments[0].start == cut.segments[0].words?[0].start)
    }

    @Test func `a last word that lasts far too long ends with its segment`() {
        let cut = timed([Text.time(0), 101, 102, 103, Text.time(1), Text.time(1)], steps: [0, 15, 30, 400])
        #expect(cut.segments[0].words?.last?.end == 11)
        #expect(cut.segments[0].end == 11)
    }

    @Test func `a window without text has no words`() {
        let cut = timed([Text.time(0)], steps: [])
        #expect(cut.segments.map(\.words) == [[]])
    }
}
