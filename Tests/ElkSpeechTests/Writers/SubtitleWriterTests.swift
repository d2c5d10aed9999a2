import ElkSpeech
import Testing

struct SubtitleWriterTests {
    private let speech = Transcript.sample([
        .sample(" And so my fellow Americans, …", 0, 11)
    ])

    private func srt(_ segments: [Segment], duration: Double = 11) -> String {
        TranscriptFormat.srt.rendered(.sample(segments, duration: duration))
    }

    @Test func `SRT has numbered cues, each followed by a blank line`() {
        #expect(
            TranscriptFormat.srt.rendered(speech)
                == "1\n00:00:00,000 --> 00:00:11,000\nAnd so my fellow Americans, …\n\n"
        )
        #expect(
            srt([.sample(" One", 0, 1), .sample(" two.", 1, 2.5)])
                == "1\n00:00:00,000 --> 00:00:01,000\nOne\n\n2\n00:00:01,000 --> 00:00:02,500\ntwo.\n\n"
        )
    }

    @Test func `WebVTT has a header and hours always`() {
        #expect(
            TranscriptFormat.vtt.rendered(speech)
                == "WEBVTT\n\n00:00:00.000 --> 00:00:11.000\nAnd so my fellow Americans, …\n\n"
        )
    }

    @Test func `a transcript without speech is a file without cues`() {
        #expect(TranscriptFormat.srt.rendered(.sample([])).isEmpty)
        #expect(TranscriptFormat.vtt.rendered(.sample([])) == "WEBVTT\n\n")
        #expect(TranscriptFormat.text.rendered(.sample([])) == "\n")
    }

    @Test func `plain lines hold one segment each`() {
        var writer = SubtitleWriter(.txt)
        #expect(writer.header.isEmpty)
        #expect(writer.render(.sample(" One,\ntwo. ", 0, 1)) == "One, two.\n")
        #expect(writer.render(.sample("  ", 1, 2)).isEmpty)
    }

    @Test func `segments without text are dropped and do not count`() {
        #expect(srt([.sample(" ", 0, 1), .sample("x", 1, 2)]).hasPrefix("1\n00:00:01,000 --> "))
    }

    @Test(arguments: [
        (0.0005, "00:00:00,000"), (0.0015, "00:00:00,002"), (0.0025, "00:00:00,002"), (59.9996, "00:01:00,000"),
        (3599.9994, "00:59:59,999"), (3661.5, "01:01:01,500"), (360_000, "100:00:00,000"),
    ])
    func `milliseconds are rounded half to even`(_ seconds: Double, _ time: String) {
        #expect(srt([.sample("x", seconds, seconds)], duration: 1e6).hasPrefix("1\n\(time) --> \(time)\n"))
    }

    @Test(arguments: [
        (-1, 2, "00:00:00,000 --> 00:00:02,000"),
        (2, 1, "00:00:02,000 --> 00:00:02,000"),
        (10, 30, "00:00:10,000 --> 00:00:11,000"),
        (.nan, .infinity, "00:00:00,000 --> 00:00:11,000"),
        (-.infinity, .nan, "00:00:00,000 --> 00:00:00,000"),
        (1e300, -1e300, "00:00:11,000 --> 00:00:11,000"),
    ])
    func `times are in order and within the recording`(_ start: Double, _ end: Double, _ times: String) {
        #expect(srt([.sample("x", start, end)]) == "1\n\(times)\nx\n\n")
    }

    @Test func `endless times do not overflow`() {
        var writer = SubtitleWriter(.srt)
        #expect(writer.render(.sample("x", 1e300, .infinity)) == "1\n999:59:59,000 --> 999:59:59,000\nx\n\n")
        #expect(srt([.sample("x", 1, 2)], duration: .nan) == "1\n00:00:00,000 --> 00:00:00,000\nx\n\n")
    }

    @Test func `a cue does not reach into the next one`() {
        let cues = srt([.sample("a", 0, 6), .sample("b", 5, 7), .sample("c", 4, 8)])
        #expect(cues.contains("00:00:00,000 --> 00:00:05,000\na"))
        #expect(cues.contains("00:00:05,000 --> 00:00:07,000\nb"))
    }

    @Test(arguments: [
        ("a --> b", "a -> b"), ("--->", "->"), ("----->x-->", "->x->"), ("a - > -- b", "a - > -- b"), ("->", "->"),
        ("one\n\ntwo\r\nthree", "one two three"),
    ])
    func `nothing in a text reads as the arrow or the end of a cue`(_ text: String, _ written: String) {
        #expect(srt([.sample(text, 0, 1)]) == "1\n00:00:00,000 --> 00:00:01,000\n\(written)\n\n")
    }
}
