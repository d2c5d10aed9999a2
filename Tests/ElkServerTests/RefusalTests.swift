import ElkGateway
import ElkServer
import ElkWire
import Testing

/// Every refusal that needs no engine, with its status and its envelope (SP 1.9).
@Suite(.timeLimit(.minutes(3)))
struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var form: TestForm
        var status = 400
        var envelope: [String]
    }

    private static let cases = [
        Case(
            testDescription: "no model",
            form: TestForm(model: nil),
            envelope: [
                "\"you must provide a model parameter\"", #""type":"invalid_request_error","param":null,"code":null"#,
            ]
        ),
        Case(
            testDescription: "empty model",
            form: TestForm(model: " "),
            envelope: ["\"you must provide a model parameter\""]
        ),
        Case(
            testDescription: "unknown model",
            form: TestForm(model: "gpt-9"),
            status: 404,
            envelope: [
                "\"The model `gpt-9` does not exist or you do not have access to it.\"",
                #""type":"invalid_request_error","param":null,"code":"model_not_found""#,
            ]
        ),
        Case(testDescription: "no file", form: TestForm(file: nil), envelope: ["Field required", #""param":"file""#]),
        Case(testDescription: "no file chosen", form: TestForm(file: "", filename: ""), envelope: [#""param":"file""#]),
        Case(
            testDescription: "empty file",
            form: TestForm(file: ""),
            envelope: ["The audio file could not be decoded"]
        ),
        Case(
            testDescription: "language auto",
            form: TestForm(("language", "auto")),
            envelope: [
                "\"Invalid language 'auto'. Language parameter must be specified in ISO-639-1 format.\"",
                #""param":"language","code":"invalid_language_format""#,
            ]
        ),
        Case(
            testDescription: "language zh-tw",
            form: TestForm(("language", "zh-tw")),
            envelope: ["invalid_language_format"]
        ),
        Case(
            testDescription: "unknown format",
            form: TestForm(("response_format", "xml")),
            envelope: [
                "'type': 'enum'", "'loc': ('body', 'response_format')", "'verbose_json', 'vtt' or 'diarized_json'",
            ]
        ),
        Case(
            testDescription: "granularities without verbose_json",
            form: TestForm(("timestamp_granularities[]", "word")),
            envelope: [#""param":"timestamp_granularities""#]
        ),
        Case(
            testDescription: "unknown granularity",
            form: TestForm(("timestamp_granularities[]", "letter"), ("response_format", "verbose_json")),
            envelope: ["'word' or 'segment'"]
        ),
        Case(
            testDescription: "fields without end",
            form: TestForm(("prompt", String(repeating: "x", count: 1_100_000))),
            envelope: ["The form fields are too long."]
        ),
    ]

    @Test(arguments: cases)
    func `a request with this mistake is refused before the engine hears of it`(wrong: Case) async throws {
        let transcriber = FakeTranscriber()
        try await TestServer.run(transcriber) { server in
            let response = try #require(try await server.post(wrong.form))
            #expect(response.status == wrong.status)
            #expect(response.headers["content-type"] == "application/json")
            #expect(response.headers["x-request-id"]?.hasPrefix("req_") == true)
            for piece in wrong.envelope { #expect(response.body.contains(piece)) }
        }
        #expect(transcriber.jobs.isEmpty)
    }

    @Test(arguments: ["1.1", "-0.1", "2", "abc", "nan", "inf", "0x1p-2", "0,5", "1e400", "--1", "."])
    func `a temperature that is no number from 0 to 1 is refused`(text: String) async throws {
        try await TestServer.run { server in
            let response = try #require(try await server.post(TestForm(("temperature", text))))
            #expect(response.status == 400)
            #expect(response.body.contains(#""param":"temperature""#))
        }
    }

    @Test func `a second file is refused rather than dropped`() async throws {
        var form = TestForm()
        form.add("file\"; filename=\"b.wav", "more")
        try await TestServer.run { server in
            let response = try #require(try await server.post(form))
            #expect(response.status == 400)
            #expect(response.body.contains(#""param":"file""#))
        }
    }

    @Test(arguments: ["a.txt", "a", "wav", "a.wav.exe", "recording.opus"])
    func `strict servers know extensions`(filename: String) async throws {
        try await TestServer.run(configure: { $0.strictFormats = true }) { server in
            let response = try #require(try await server.post(TestForm(filename: filename)))
            #expect(response.status == 400)
            #expect(response.body.contains("Invalid file format. Supported formats: ['flac', 'm4a', 'mp3'"))
            let good = try await server.post(TestForm(filename: "a.b.OGA"))
            #expect(good?.status == 200)
        }
    }

    @Test(arguments: [
        ("application/json", "{}"), ("", ""), ("multipart/form-data", "--a--"),
        ("multipart/form-data; boundary=a", "junk"),
        ("multipart/form-data; boundary=a", ""),
        ("multipart/form-data; boundary=a", "--a\r\nContent-Disposition: form-data"),
    ])
    func `a body that is not multipart is refused`(contentType: String, body: String) async throws {
        try await TestServer.run { server in
            let headers = ["Content-Type": contentType]
            let response = try #require(
                try await server.request("POST", "/v1/audio/transcriptions", headers: headers, body: body)
            )
            #expect(response.status == 400)
            #expect(response.body.contains("Could not parse multipart form"))
            #expect(response.body.contains(#""type":"invalid_request_error""#))
        }
    }

    @Test func `an answer to HEAD has no body, so that the next answer is where it belongs`() async throws {
        try await TestServer.run { server in
            let client = try await RawClient(port: server.port)
            for (path, status) in [
                ("/health", 200), ("/v1/models", 200), ("/nothing", 404), ("/v1/audio/translations", 405),
            ] {
                try await client.send(TestServer.message("HEAD", path))
                let response = try #require(await client.response(toHead: true))
                #expect(response.status == status)
                #expect(response.headers["content-length"] != "0")
            }
        }
    }

    @Test func `without a model installed the server says so`() async throws {
        try await TestServer.run(FakeTranscriber(models: [])) { server in
            let response = try #require(try await server.post(TestForm()))
            #expect(response.status == 503)
            #expect(response.headers["retry-after"] == "30")
            #expect(response.body.contains(#""code":"model_unavailable""#))
        }
    }

    @Test(arguments: [
        ("POST", "/", 405), ("GET", "/v1/nothing", 404), ("POST", "/v1/audio/nothing", 404),
        ("GET", "/v1/models/nothing", 404),
        ("GET", "/v1/audio/transcriptions", 405), ("DELETE", "/v1/models", 405), ("POST", "/health", 405),
        ("PUT", "/v1/audio/translations", 405), ("PROPFIND", "/v1/models", 404), ("GET", "/v1/%", 404),
        ("GET", "/%00/..", 404),
    ])
    func `what is not there is refused in the envelope`(method: String, path: String, status: Int) async throws {
        try await TestServer.run { server in
            let response = try #require(try await server.request(method, path))
            #expect(response.status == status)
            #expect(response.body.hasPrefix(#"{"error":{"message":""#))
            #expect(response.headers["x-request-id"] != nil)
            #expect((response.headers["allow"] != nil) == (status == 405))
        }
    }
}
