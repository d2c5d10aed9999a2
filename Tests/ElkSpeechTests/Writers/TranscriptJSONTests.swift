import Foundation
import Testing

@testable import ElkSpeech

struct TranscriptJSONTests {
    private func parsed(_ json: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    }

    private func word(_ text: String, _ start: Double = 0, _ end: Double = 1) -> Word {
        Word(text: text, start: start, end: end, probability: 0.5)
    }

    @Test func `json holds the text and the seconds rounded up`() {
        #expect(
            TranscriptFormat.json.rendered(
                .sample([.sample(" Hello", 0, 1), .sample(" there. ", 1, 2)], duration: 8.47)
            )
                == #"{"text":"Hello there.","usage":{"type":"duration","seconds":9}}"#
        )
    }

    @Test func `text ends in one line feed`() {
        #expect(TranscriptFormat.text.rendered(.sample([.sample(" Hi", 0, 1), .sample(" you", 1, 2)])) == "Hi you\n")
    }

    @Test func `a translation is english and has no usage`() throws {
        var transcript = Transcript.sample([.sample(" Hi", 0, 1)], task: .translate)
        transcript.language = "de"
        #expect(TranscriptFormat.json.rendered(transcript) == #"{"text":"Hi"}"#)
        let verbose = try parsed(TranscriptFormat.verboseJSON.rendered(transcript))
        #expect(verbose["language"] as? String == "english")
        #expect(verbose["task"] as? String == "translate")
        #expect(verbose["usage"] == nil)
    }

    @Test func `verbose json lists the segments by default`() {
        #expect(
            TranscriptFormat(rawValue: "verbose_json")?.rendered(.sample([.sample(" Hi", 0, 1.52)]))
                == #"{"task":"transcribe","language":"english","duration":11.0,"text":"Hi","segments":"#
                + #"[{"id":0,"seek":0,"start":0.0,"end":1.52,"text":" Hi","tokens":[50364,400,50914],"#
                + #""temperature":0.0,"avg_logprob":-0.25,"compression_ratio":1.1,"no_speech_prob":1e-10}],"#
                + #""usage":{"type":"duration","seconds":11}}"#
        )
    }

    @Test func `the granularities choose the lists`() throws {
        let transcript = Transcript.sample([
            .sample(" Don't —", 0, 2, words: [word(" Don't", 0, 1), word(" —", 1, 2)]),
            .sample(" stop.", 2, 3, words: [word(" stop.", 2, 30)]),
        ])
        let words = TranscriptFormat.verboseJSON.rendered(transcript, segments: false, words: true)
        #expect(
            words.contains(
                #""words":[{"word":"Don't","start":0.0,"end":1.0,"probability":0.5},"#
                    + #"{"word":"stop","start":2.0,"end":11.0,"probability":0.5}],"usage""#
            )
        )
        #expect(try parsed(words)["segments"] == nil)
        let both = try parsed(TranscriptFormat.verboseJSON.rendered(transcript, segments: true, words: true))
        #expect((both["segments"] as? [Any])?.count == 2)
        #expect((both["words"] as? [Any])?.count == 2)
        let neither = try parsed(TranscriptFormat.verboseJSON.rendered(transcript, segments: false, words: false))
        #expect(neither["segments"] == nil && neither["words"] == nil)
    }

    @Test func `lists that were asked for are there when nothing was said`() throws {
        let empty = TranscriptFormat.verboseJSON.rendered(.sample([.sample(" ", 0, 1)]), segments: true, words: true)
        #expect(empty.contains(#""text":"","segments":[],"words":[],"usage""#))
    }

    @Test func `segments are numbered without gaps and lie within the recording`() throws {
        let transcript = Transcript.sample([.sample("a", -1, 1), .sample("", 1, 2), .sample("b", 9, 30)])
        let segments = try #require(
            parsed(TranscriptFormat.verboseJSON.rendered(transcript))["segments"] as? [[String: Any]]
        )
        #expect(segments.map { $0["id"] as? Int } == [0, 1])
        #expect(segments.map { $0["start"] as? Double } == [0, 9])
        #expect(segments.map { $0["end"] as? Double } == [1, 11])
    }

    @Test func `text survives whatever is in it`() throws {
        let text = "\"\\/\u{0}\u{1}\u{1F}\u{7F}\n\r\t\u{8}\u{2028}é e\u{301} 👍🏽 \u{FFFD}</script>"
        let json = TranscriptFormat.verboseJSON.rendered(.sample([.sample(text, 0, 1)]))
        #expect(try parsed(json)["text"] as? String == text)
        #expect(json.contains(#""\"\\/\u0000\u0001\u001f"#))
        #expect(json.contains("é e\u{301} 👍🏽"))
    }

    @Test func `numbers that JSON cannot hold become zero`() throws {
        var segment = Segment.sample("x", .nan, .infinity)
        segment.averageLogProbability = -.infinity
        segment.compressionRatio = .nan
        segment.noSpeechProbability = 1e-30
        for duration in [Double.nan, .infinity, -1, 1e300] {
            let json = TranscriptFormat.verboseJSON.rendered(.sample([segment], duration: duration))
            let verbose = try parsed(json)
            #expect((verbose["duration"] as? Double).map { $0 >= 0 } == true)
            let first = try #require((verbose["segments"] as? [[String: Any]])?.first)
            #expect(first["avg_logprob"] as? Double == 0)
            #expect(first["compression_ratio"] as? Double == 0)
        }
    }

    @Test(arguments: [
        (" Hello,", "Hello"), (" “Don't!”", "Don't"), (" (well-known)...", "well-known"), (" 3.14.", "3.14"),
        (" 100%", "100%"), (" $5,", "$5"), (" -5", "-5"), (" -Yes", "Yes"), (" ¿Qué", "Qué"), ("世界。", "世界"),
        (" —", ""), ("...", ""), (" ", ""), ("", ""), (" &", "&"),
    ])
    func `a word has no punctuation around it`(_ text: String, _ spoken: String) {
        #expect(word(text).spoken == spoken)
    }
}
