import ElkGateway
import ElkServer
import ElkWire
import NIOCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(3)))
struct SpeechStreamTests {
    private static let news: [TranscriptNews] = [
        .began(duration: 4),
        .segment(
            TranscriptPiece(
                segment: SpokenSegment(
                    id: 0,
                    start: 0,
                    end: 1.5,
                    text: " Hello",
                    speaker: "A",
                    logProbabilities: [TokenLikelihood(token: " Hello", bytes: [32, 72], logProbability: -0.5)]
                ),
                delta: "Hello",
                body: "1\nHello\n\n"
            )
        ),
        .reached(2),
        .segment(
            TranscriptPiece(
                segment: SpokenSegment(id: 1, start: 2, end: 4, text: " there."),
                delta: " there.",
                body: "2\nthere.\n\n"
            )
        ),
    ]

    private func transcriber(body: String, tail: String = "") -> FakeTranscriber {
        FakeTranscriber(news: Self.news) { _ in
            TranscriptionResult(
                body: ByteBuffer(string: body),
                duration: 4,
                text: "Hello there.",
                tail: tail,
                tokens: 7
            )
        }
    }

    /// Four seconds, and as many tokens as they were written with.
    private static let usage =
        #"{"type":"tokens","input_tokens":40,"input_token_details":{"text_tokens":0,"audio_tokens":40},"output_tokens":7,"total_tokens":47,"seconds":4}"#

    @Test(arguments: ["json", "text"]) func `text comes in deltas, and the answer at the end`(
        format: String
    ) async throws {
        let form = TestForm(("stream", "true"), ("response_format", format))
        try await TestServer.run(transcriber(body: #"{"text":"Hello there.","usage":{"type":"duration","seconds":4}}"#))
        { server in
            let response = try #require(try await server.post(form))
            #expect(response.status == 200)
            #expect(response.headers["content-type"] == "text/event-stream")
            #expect(response.headers["cache-control"] == "no-cache")
            #expect(
                response.body == """
                    data: {"type":"transcript.text.delta","delta":"Hello","logprobs":[{"token":" Hello","logprob":-0.5,"bytes":[32,72]}]}

                    data: {"type":"transcript.text.delta","delta":" there."}

                    data: {"type":"transcript.text.done","text":"Hello there.","usage":\(Self.usage)}


                    """
            )
        }
    }

    @Test func `segments come with their speakers`() async throws {
        let form = TestForm(("stream", "true"), ("response_format", "diarized_json"))
        try await TestServer.run(transcriber(body: #"{"text":"Hello there."}"#)) { server in
            let body = try #require(try await server.post(form)?.body)
            let segment =
                #"{"type":"transcript.text.segment","id":"seg_001","start":0,"end":1.5,"text":" Hello","speaker":"A"}"#
            #expect(body.contains("data: \(segment)\n\n"))
            #expect(body.contains(#""delta":"Hello","segment_id":"seg_001""#))
        }
    }

    @Test func `cues are sent as they are, one by one`() async throws {
        let form = TestForm(("stream", "true"), ("response_format", "srt"))
        try await TestServer.run(transcriber(body: "unused", tail: "3\nend\n\n")) { server in
            let response = try #require(try await server.post(form))
            #expect(response.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(response.body == "1\nHello\n\n2\nthere.\n\n3\nend\n\n")
        }
    }

    @Test func `what fails before the recording is read has its status`() async throws {
        let transcriber = FakeTranscriber { _ throws(Failure) in throw .invalidRequest("bad audio") }
        try await TestServer.run(transcriber) { server in
            let response = try #require(try await server.post(TestForm(("stream", "true"))))
            #expect(response.status == 400)
            #expect(response.body.contains("bad audio"))
        }
    }

    @Test func `what fails later is an event`() async throws {
        let transcriber = FakeTranscriber(news: Self.news) { _ throws(Failure) in throw .server("broken") }
        try await TestServer.run(transcriber) { server in
            let response = try #require(try await server.post(TestForm(("stream", "true"))))
            #expect(response.status == 200)
            #expect(response.body.contains(#"data: {"error":{"message":"broken""#))
            #expect(!response.body.contains("transcript.text.done"))
        }
    }

    @Test func `a stream that is read to its end is metered`() async throws {
        try await TestServer.run(transcriber(body: #"{"text":"Hello there."}"#)) { server in
            _ = try await server.post(TestForm(("stream", "true")))
            let metrics = try #require(try await server.request("GET", "/metrics"))
            #expect(metrics.body.contains("4"))
        }
    }

    @Test func `the engine stops when the client of a stream leaves`() async throws {
        let (stopped, stop) = AsyncStream<Void>.makeStream()
        let transcriber = FakeTranscriber(news: Self.news) { _ throws(Failure) in
            try? await Task.sleep(for: .seconds(60))
            if Task.isCancelled { stop.finish() }
            throw .server("cancelled")
        }
        try await TestServer.run(transcriber) { server in
            let client = try await RawClient(port: server.port)
            try await client.send(TestForm(("stream", "true")).message)
            #expect(await client.text(containing: "there.") != nil)
            try await client.close()
            for await _ in stopped {}
        }
    }
}
