import ElkVoice
import Testing

@testable import elk

@Suite struct SpokenTimesTests {
    /// Two parts of a second each.
    private static let times: SpokenTimes = {
        var times = SpokenTimes()
        let samples = [Float](repeating: 0, count: 100)
        times.append(
            SpokenPart(
                samples: samples,
                words: [
                    SpokenWord(text: "Hello,", start: 0.1, end: 0.4), SpokenWord(text: "you.", start: 0.45, end: 0.9),
                ]
            ),
            sampleRate: 100
        )
        times.append(
            SpokenPart(samples: samples, words: [SpokenWord(text: "Bye.", start: 0.1234, end: 0.8)]),
            sampleRate: 100
        )
        return times
    }()

    @Test func wordsAreTimedFromTheStartOfTheWhole() throws {
        #expect(
            try Self.times.text(forFile: "words.json") == """
                {"duration":2,"words":[{"end":0.4,"start":0.1,"word":"Hello,"},{"end":0.9,"start":0.45,"word":"you."},\
                {"end":1.8,"start":1.123,"word":"Bye."}]}

                """
        )
    }

    @Test func captionsAreSentences() throws {
        #expect(
            try Self.times.text(forFile: "a.SRT") == """
                1
                00:00:00,100 --> 00:00:00,900
                Hello, you.

                2
                00:00:01,123 --> 00:00:01,800
                Bye.


                """
        )
        #expect(
            try Self.times.text(forFile: "a.vtt").hasPrefix("WEBVTT\n\n00:00:00.100 --> 00:00:00.900\nHello, you.\n")
        )
    }

    @Test func longSentencesHaveSeveralCaptions() throws {
        var times = SpokenTimes()
        let words = (0..<40).map { SpokenWord(text: "word", start: Double($0), end: Double($0) + 1) }
        times.append(SpokenPart(samples: [Float](repeating: 0, count: 40), words: words), sampleRate: 1)
        let lines = try times.text(forFile: "a.srt").split(separator: "\n").filter { $0.hasPrefix("word") }
        #expect(lines.count == 3)
        #expect(lines.allSatisfy { $0.count <= 80 })
    }
}
