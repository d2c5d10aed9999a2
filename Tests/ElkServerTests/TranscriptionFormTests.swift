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
            ("stream", "true"), ("include[]", "logprobs"), ("chunking_strategy", "auto"), ("languages[]", "en"),
            ("chunking_strategy", #"{"type":"server_vad"}"#), ("chunking_strategy[threshold]", "0.5"),
            ("known_speaker_names[]", "A"), ("keywords[]", "elk"), ("", "x"), ("[]", "x"), ("a[b]c", "x"), ("]", "x"),
        ])
    }

    @Test(arguments: [
        [("keywords[]", "Elk, the"), ("keywords[]", "moose")],
        [("keywords[]", #"["Elk, the", "moose"]"#)],
        [("keywords", #"["Elk, the","moose"]"#)],
        [("keywords[0]", "Elk, the"), ("keywords[1]", "moose")],
    ])
    func `a keyword in brackets is one keyword, commas and all`(fields: [(String, String)]) throws {
        #expect(try job(fields).keywords == ["Elk, the", "moose"])
    }

    @Test func `keywords without brackets are parted by commas`() throws {
        #expect(try job([("keywords", "Elk, moose")]).keywords == ["Elk", "moose"])
    }

    @Test func `candidate languages are checked, and a named language makes them moot`() throws {
        #expect(try job([("languages[]", "en"), ("languages[]", "en")]).languages == ["en"])
        #expect(try job([("languages[]", "en"), ("language", "en")]).languages.isEmpty)
        let failure = #expect(throws: Failure.self) { try job([("languages[]", "xx")]) }
        #expect(failure?.code == "invalid_language_format")
        #expect(failure?.parameter == "languages")
    }

    @Test(arguments: [
        ("chunking_strategy", "auto"), ("chunking_strategy", "null"), ("chunking_strategy", ""),
        ("chunking_strategy", #"{"type":"server_vad","threshold":0.4,"silence_duration_ms":300}"#),
        ("chunking_strategy[type]", "server_vad"), ("chunking_strategy[prefix_padding_ms]", "300"),
    ])
    func `chunking strategies come in every spelling`(name: String, value: String) throws {
        _ = try job([(name, value)])
    }

    @Test(arguments: [
        ("chunking_strategy", "never"), ("chunking_strategy", #"{"type":"#), ("chunking_strategy", #"{"type":"none"}"#),
        ("chunking_strategy[type]", "none"), ("chunking_strategy[threshold]", "loud"), ("stream", "maybe"),
        ("include[]", "everything"),
    ])
    func `what is no value of a field is refused`(name: String, value: String) throws {
        #expect(throws: Failure.self) { try job([(name, value)]) }
    }

    @Test(arguments: [("true", true), ("True", true), ("1", true), ("false", false), ("0", false), ("", false)])
    func `streams are asked for in every spelling`(text: String, streams: Bool) throws {
        #expect(try job([("stream", text)]).streams == streams)
    }

    @Test func `log-probabilities go with JSON alone`() throws {
        #expect(try job([("include[]", "logprobs")]).wantsLogProbabilities)
        #expect(try !job([("include[]", "logprobs"), ("response_format", "srt")]).wantsLogProbabilities)
        let diarized = [("include[]", "logprobs"), ("response_format", "diarized_json"), ("stream", "true")]
        #expect(try !job(diarized).wantsLogProbabilities)
    }

    @Test func `at most four speakers have names`() throws {
        let names = (1...4).map { ("known_speaker_names[]", "Speaker \($0)") }
        #expect(try job(names + [("response_format", "diarized_json")]).speakers.count == 4)
        #expect(throws: Failure.self) { try job(names + [("known_speaker_names[]", "One more")]) }
    }
}
