import ElkAudio
import ElkSpeech
import Testing

@testable import elk

struct TranscriptionRunTests {
    private let transcript = Transcript(
        task: .transcribe,
        language: "en",
        duration: 6,
        segments: [
            segment(0, 0, 2.5, " Hello there."), segment(1, 2.0, 4, " "), segment(2, 4, 9, " General --> Kenobi."),
        ]
    )

    private static func segment(_ id: Int, _ start: Double, _ end: Double, _ text: String) -> Segment {
        Segment(
            id: id,
            seek: 0,
            start: start,
            end: end,
            text: text,
            tokens: [],
            temperature: 0,
            averageLogProbability: -0.1,
            compressionRatio: 1,
            noSpeechProbability: 0
        )
    }

    @Test(arguments: [TranscriptFormat.srt, .vtt])
    func `cues printed one by one are the bytes of the finished file`(format: TranscriptFormat) {
        var stream = SegmentStream(format, duration: transcript.duration)
        var printed = stream.header
        for segment in transcript.segments { printed += stream.text(of: segment) }
        printed += stream.end()
        #expect(printed == format.rendered(transcript))
    }

    @Test func `text comes a line a segment, at once`() {
        var stream = SegmentStream(.text, duration: transcript.duration)
        #expect(stream.text(of: transcript.segments[0]) == "Hello there.\n")
        #expect(stream.text(of: transcript.segments[1]) == "")
        #expect(stream.end() == "")
    }

    @Test func `JSON is not printed in pieces`() {
        #expect(!SegmentStream(.json, duration: 1).isPiecemeal)
        #expect(!SegmentStream(.verboseJSON, duration: 1).isPiecemeal)
    }

    private func targets(_ files: [String], _ format: TranscriptFormat = .srt) throws(CommandFault) -> [String?] {
        try TranscriptionRun(
            files: files,
            options: TranscriptionOptions(),
            format: format,
            words: false,
            folder: "/tmp",
            limits: AudioLimits()
        ).targets()
    }

    @Test func `files are named after the recordings`() throws {
        #expect(
            try targets(["a/b.wav", "c.tar.mp3", ".hidden", "-"])
                == ["b", "c.tar", ".hidden", "stdin"].map { "/tmp/\($0).srt" }
        )
        #expect(try targets(["x.wav"], .text) == ["/tmp/x.txt"])
        #expect(try targets(["x.wav"], .verboseJSON) == ["/tmp/x.json"])
    }

    @Test func `two recordings that would share a file are refused`() {
        let error = #expect(throws: CommandFault.self) { try targets(["a/x.wav", "b/x.mp3"]) }
        #expect(error?.code == .usage)
    }

    @Test func `the progress line shows a bar, a share and a note`() {
        let line = ProgressLine.line("a.wav", fraction: 0.5, note: "0:30 of 1:00")
        #expect(line == "a.wav  ████████████░░░░░░░░░░░░ 50 %  0:30 of 1:00")
        #expect(ProgressLine.line("a.wav", fraction: nil, note: "3 B") == "a.wav  3 B")
        #expect(clockText(3661) == "1:01:01")
        #expect(clockText(59.9) == "0:59")
        #expect(sizeText(145_217_532) == "145 MB")
        #expect(sizeText(99_960_000) == "100 MB")
        #expect(sizeText(3_087_000_000) == "3.1 GB")
        #expect(sizeText(999) == "999 B")
    }
}
