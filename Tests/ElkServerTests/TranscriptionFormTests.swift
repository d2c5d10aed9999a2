import ElkGateway
import ElkWire
import NIOCore
import Testing

@testable import ElkServer

struct TranscriptionFormTests {
    private func job(_ fields: [(String, String)]) throws(Failure) -> TranscriptionJob {
        var form = TranscriptionForm(models: ["whisper-1"]) { $0 == "en" ? "en" : nil }
        try form.take("model", "whisper-1")
        for (name, value) in fields { try form.take(name, value) }
        guard let job = try form.job(.transcribe, audio: .memory(ByteBuffer()), filename: nil) else {
            throw .server("not a job for the local engine")
        }
        return job
    }

    @Test(arguments: [
        [("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment")],
        [("timestamp_granularities", "word"), ("timestamp_granularities", "segment")],
        [("timestamp_granularities", "word,segment")],
        [("timestamp_granularities[]", " word , segment ")],
        [("timestamp_granularities", #"["word", "segment"]"#)],
        [("timestamp_granularities[0]", "segment"), ("timestamp_granularities[1]", "word")],
    ])
    func `lists come in every spelling`(fields: [(String, String)]) throws {
        let job = try job(fields + [("response_format", "verbose_json")])
        #expect(job.wantsWords)
        #expect(job.wantsSegments)
    }

    @Test(arguments: [("word", true, false), ("segment", false, true), ("", false, true), ("[]", false, true)])
    func `granularities choose words, segments or both`(value: String, words: Bool, segments: Bool) throws {
        let job = try job([("response_format", "verbose_json"), ("timestamp_granularities[]", value)])
        #expect(job.wantsWords == words)
        #expect(job.wantsSegments == segments)
    }

    @Test(arguments: [
        ("0", 0.0), ("0.0", 0), (" 0.2 ", 0.2), ("1", 1), ("1e-1", 0.1), (".5", 0.5), ("+1", 1), ("-0", 0),
    ])
    func `temperatures are read from text`(text: String, number: Double) throws {
        #expect(try job([("temperature", text)]).temperature == number)
    }

    @Test func `empty fields are not given`() throws {
        let job = try job([
            ("language", ""), ("prompt", " "), ("temperature", ""), ("response_format", "\n"),
            ("timestamp_granularities[]", ""),
        ])
        #expect(job.language == nil)
        #expect(job.prompt == nil)
        #expect(job.temperature == nil)
        #expect(job.format == .json)
    }

    @Test func `the last of a repeated field counts`() throws {
        #expect(try job([("response_format", "srt"), ("response_format", "vtt")]).format == .vtt)
    }

    @Test func `fields that are not ours are ignored, whatever is in them`() throws {
        _ = try job([
            ("stream", "true"), ("include[]", "logprobs"), ("chunking_strategy", "auto"), ("languages[]", "xx"),
            ("chunking_strategy", #"{"type":"server_vad"}"#), ("chunking_strategy[threshold]", "0.5"),
            ("known_speaker_names[]", "A"), ("keywords[]", "elk"), ("", "x"), ("[]", "x"), ("a[b]c", "x"), ("]", "x"),
        ])
    }
}
