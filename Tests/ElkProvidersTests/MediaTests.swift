import ElkProviders
import ElkWire
import NIOCore
import Testing

struct MediaTests {
    private static func parsed(_ request: UpstreamRequest) throws -> MultipartForm {
        let boundary = try MultipartBoundary(contentType: try #require(request.header("content-type")))
        return try MultipartForm(parsing: request.body, boundary: boundary)
    }

    private static func file(_ name: String, _ content: String) -> MultipartForm.Part {
        MultipartForm.Part(
            name: name,
            filename: "\(name).bin",
            contentType: "image/png",
            content: ByteBuffer(string: content)
        )
    }

    private static func field(_ name: String, _ value: String) -> MultipartForm.Part {
        MultipartForm.Part(name: name, content: ByteBuffer(string: value))
    }

    @Test func `an image edit is written anew with the mapped model and every part`() throws {
        let parts = [
            Self.file("image[]", "one"), Self.field("model", "client-model"), Self.file("image[]", "two\r\n--x"),
            Self.field("prompt", "paint"), Self.file("mask", "three"),
        ]
        let exchange = try exchange(
            call(.imageEdits, form: MultipartForm(parts: parts)),
            target("openai", overrides: [("quality", ByteBuffer(string: "\"low\"")), ("prompt", nil)])
        )
        #expect(exchange.request.path == "/v1/images/edits")
        let form = try Self.parsed(exchange.request)
        #expect(form.value(of: "model") == "up-model" && form.count(of: "model") == 1)
        #expect(form.files.map(\.name) == ["image[]", "image[]", "mask"])
        #expect(form.files[1].content == ByteBuffer(string: "two\r\n--x"))
        #expect(form.value(of: "quality") == "low" && form.value(of: "prompt") == nil)
        let answer =
            #"{"created":1,"data":[{"b64_json":"QQ=="},{"b64_json":"QQ=="}],"usage":{"input_tokens":10,"output_tokens":20,"total_tokens":30,"input_tokens_details":{"text_tokens":4,"image_tokens":6}}}"#
        let outcome = exchange.answer(answer)
        #expect(outcome.text == answer)
        #expect(outcome.usage?.images == 2 && outcome.usage?.imageInputTokens == 6 && outcome.usage?.outputTokens == 20)
    }

    @Test func `images without reported usage are counted`() throws {
        let body = #"{"model":"client-model","prompt":"a","n":2,"style":"vivid"}"#
        let exchange = try exchange(call(.imageGenerations, body), target("xai"))
        #expect(exchange.request.text == #"{"model":"up-model","prompt":"a","n":2}"#)
        #expect(exchange.dropped == ["style"])
        let outcome = exchange.answer(#"{"data":[{"url":"u"}]}"#)
        #expect(outcome.usage?.images == 1 && outcome.usage?.source == .counted)
    }

    @Test(arguments: [1, 9, 4096])
    func `an image stream passes and tells its usage`(size: Int) throws {
        let stream = """
            event: image_generation.partial_image
            data: {"type":"image_generation.partial_image","b64_json":"QQ==","partial_image_index":0}

            event: image_generation.completed
            data: {"type":"image_generation.completed","b64_json":"QQ==","usage":{"input_tokens":5,"output_tokens":7,"total_tokens":12}}


            """
        let body = #"{"model":"m","prompt":"a","stream":true}"#
        let outcome = try exchange(call(.imageGenerations, body, streams: true), target("openai")).stream(
            stream,
            size: size
        )
        #expect(outcome.text == stream && outcome.isComplete)
        #expect(outcome.usage?.outputTokens == 7 && outcome.usage?.images == 1)
    }

    @Test(arguments: ["text", "srt", "vtt"])
    func `subtitles pass as text`(format: String) throws {
        let form = MultipartForm(parts: [Self.file("file", "audio"), Self.field("response_format", format)])
        let outcome = try exchange(call(.transcriptions, form: form), target("openai"))
            .answer("1\n00:00 --> 00:01\nhello\n", type: "text/plain; charset=utf-8", size: 4)
        #expect(outcome.text == "1\n00:00 --> 00:01\nhello\n")
        #expect(outcome.contentType == "text/plain; charset=utf-8")
        #expect(outcome.isComplete && outcome.delivered == outcome.text.utf8.count)
    }

    @Test func `a transcription tells its seconds or tokens`() throws {
        let form = MultipartForm(parts: [Self.file("file", "audio"), Self.field("model", "client-model")])
        let exchange = try exchange(call(.transcriptions, form: form), target("groq"))
        #expect(exchange.request.path == "/openai/v1/audio/transcriptions")
        #expect(exchange.answer(#"{"text":"a","duration":12.3456}"#).usage?.audioMilliseconds == 12_346)
        #expect(
            exchange.answer(#"{"text":"a","usage":{"type":"duration","seconds":3}}"#).usage?.audioMilliseconds == 3_000
        )
        let tokens = exchange.answer(
            #"{"text":"a","usage":{"type":"tokens","input_tokens":14,"output_tokens":5,"total_tokens":19,"input_token_details":{"audio_tokens":14,"text_tokens":0}}}"#
        ).usage
        #expect(tokens?.audioInputTokens == 14 && tokens?.outputTokens == 5)
        #expect(exchange.answer("not json").failure?.kind == .upstream)
    }

    @Test func `a transcription stream passes`() throws {
        let stream =
            #"data: {"type":"transcript.text.delta","delta":"hi"}"# + "\n\n"
            + #"data: {"type":"transcript.text.done","text":"hi","usage":{"type":"tokens","input_tokens":3,"output_tokens":1,"total_tokens":4}}"#
            + "\n\n"
        let form = MultipartForm(parts: [Self.file("file", "audio"), Self.field("stream", "true")])
        let outcome = try exchange(call(.transcriptions, form: form, streams: true), target("openai")).stream(
            stream,
            size: 2
        )
        #expect(outcome.text == stream && outcome.isComplete && outcome.delivered == 2)
        #expect(outcome.usage?.inputTokens == 3)
    }

    @Test func `speech passes as bytes and is counted by characters`() throws {
        let body = #"{"model":"client-model","input":"h\u00e9 👋","voice":"x"}"#
        let exchange = try exchange(call(.speech, body), target("openai"))
        let outcome = exchange.answer("\u{1}\u{2}ID3", type: "audio/mpeg", size: 2)
        #expect(outcome.text == "\u{1}\u{2}ID3")
        #expect(outcome.contentType == "audio/mpeg")
        #expect(outcome.usage?.characters == 4 && outcome.delivered == 0)
    }

    @Test func `moderations and legacy completions pass`() throws {
        let moderation = try exchange(call(.moderations, #"{"input":"a"}"#), target("openai"))
        #expect(moderation.request.text == #"{"input":"a","model":"up-model"}"#)
        #expect(moderation.answer(#"{"results":[]}"#).text == #"{"results":[]}"#)
        let body = #"{"model":"client-model","prompt":"a","stream":true}"#
        let completions = try exchange(call(.completions, body, streams: true), target("llama-cpp"))
        #expect(completions.request.path == "/v1/completions")
        let stream = #"data: {"choices":[{"index":0,"text":"abc","finish_reason":"length"}]}"# + "\n\ndata: [DONE]\n\n"
        let outcome = completions.stream(stream)
        #expect(outcome.text == stream && outcome.delivered == 3)
    }
}
