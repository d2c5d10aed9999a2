import Testing

@testable import ElkSpeech

struct FittedWindowTests {
    private let special = ScriptedText.special
    private let window = AudioWindow(start: 500, count: 800)

    private func result(
        _ tokens: [Int],
        average: Float = -0.2,
        ratio: Float = 1,
        noSpeech: Float = 0,
        hasEnded: Bool = true
    ) -> DecodingResult {
        DecodingResult(
            tokens: tokens,
            text: "",
            temperature: 0,
            averageLogProbability: average,
            noSpeechProbability: noSpeech,
            compressionRatio: ratio,
            hasEnded: hasEnded
        )
    }

    private func doubts(_ result: DecodingResult, speech: SpeechRanges? = nil) throws -> Bool {
        try #require(FittedWindow(window)).doubts(
            result,
            fallback: Fallback(options: TranscriptionOptions()),
            special: special,
            speech: speech
        )
    }

    @Test(arguments: [(10, 210), (501, 702), (1100, 1300), (1800, 2000)])
    func `two seconds of silence are not coarse`(count: Int, frames: Int) {
        #expect(FittedWindow(AudioWindow(start: 0, count: count))?.frames == frames)
    }

    @Test(arguments: [1801, 2400, 3000])
    func `a window that would save little has no coarse silence`(count: Int) {
        #expect(FittedWindow(AudioWindow(start: 0, count: count)) == nil)
    }

    @Test func `text that ends within the recording is trusted`() throws {
        let time = ScriptedText.time
        #expect(try !doubts(result([time(0), 1, 2, time(3), time(3), 4, time(7.5)])))
        // A second of doubt at the end, and no times at all.
        #expect(try !doubts(result([time(0), 1, 2, time(8.9)])))
        #expect(try !doubts(result([1, 2, 3])))
    }

    @Test func `what the fallback ladder would not take is in doubt, and so is silence`() throws {
        #expect(try doubts(result([1, 2], average: -1.1)))
        #expect(try doubts(result([1, 2], ratio: 2.5)))
        #expect(try doubts(result([1, 2], average: -1.1, noSpeech: 0.9)))
    }

    @Test func `text without an end is in doubt`() throws {
        #expect(try doubts(result([1, 2], hasEnded: false)))
    }

    @Test func `text behind the recording is in doubt`() throws {
        let time = ScriptedText.time
        #expect(try doubts(result([time(0), 1, time(7), time(7), 2, time(10)])))
    }

    @Test(
        arguments: [
            ([1, 2, 3, 1, 2, 3, 1, 2, 3], true), ([1, 2, 3, 1, 2, 3, 4], false), ([7, 7, 7, 7], false),
            ([7, 7, 7, 7, 7], true), ([9, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2], true), ([1, 2, 1, 2, 1, 2], false),
            ([], false),
        ] as [([Int], Bool)]
    )
    func `repetition is in doubt`(tokens: [Int], isDoubtful: Bool) throws {
        #expect(try doubts(result(tokens)) == isDoubtful)
        // Times between the words change nothing.
        let timed = [ScriptedText.time(0)] + tokens + [ScriptedText.time(4)]
        #expect(try doubts(result(timed)) == isDoubtful)
    }

    @Test func `speech behind the text is in doubt`() throws {
        // Frames of 32 ms: somebody speaks from 10 s to 12.5 s of the recording, which is 5 s to 7.5 s of the window.
        let probabilities = (0..<410).map { Float((312..<390).contains($0) ? 1 : 0) }
        let speech = SpeechRanges(probabilities, duration: 13)
        let time = ScriptedText.time
        #expect(try doubts(result([time(0), 1, time(5)]), speech: speech))
        #expect(try !doubts(result([time(0), 1, time(7)]), speech: speech))
    }
}
