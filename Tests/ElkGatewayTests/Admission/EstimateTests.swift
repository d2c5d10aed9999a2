import ElkGateway
import ElkProviders
import ElkWire
import NIOCore
import Testing

@Suite struct EstimateTests {
    private func estimate(_ json: String, _ endpoint: Endpoint = .chat, defaultMaxOutput: Int = 1_000) throws
        -> Estimate
    {
        let body = try JSONSlice(validating: ByteBuffer(string: json))
        let call = Call(
            id: RequestID(),
            endpoint: endpoint,
            dialect: endpoint.dialect,
            model: "m",
            streams: false,
            body: .json(body)
        )
        return Estimate(of: call, defaultMaxOutput: defaultMaxOutput)
    }

    @Test(arguments: [
        (Endpoint.chat, "{\"max_tokens\":7}", 7), (.chat, "{\"max_completion_tokens\":7,\"max_tokens\":9}", 9),
        (.chat, "{\"n\":3,\"max_tokens\":7}", 21), (.responses, "{\"max_output_tokens\":7}", 7),
        (.messages, "{\"max_tokens\":7}", 7), (.completions, "{\"best_of\":4,\"n\":2,\"max_tokens\":7}", 28),
        (.geminiGenerate, "{\"generationConfig\":{\"maxOutputTokens\":7,\"candidateCount\":2}}", 14),
        (.chat, "{\"max_tokens\":7.5}", 8), (.chat, "{\"max_tokens\":-1}", 0),
    ])
    func `the client's own limit bounds the output`(endpoint: Endpoint, json: String, expected: Int) throws {
        let estimate = try estimate(json, endpoint)
        #expect(estimate.maxOutput == expected && estimate.isLimited)
    }

    @Test func `without a limit the default stands in and does not count for the token window`() throws {
        let estimate = try estimate("{\"n\":2}")
        #expect(estimate.maxOutput == 2_000 && !estimate.isLimited)
        #expect(estimate.windowTokens < 10)
    }

    @Test func `a limit that is out of range is absurd`() throws {
        for number in ["9223372036854775808", "1e30", "123456789012345678901234567890"] {
            #expect(try estimate("{\"max_tokens\":\(number),\"n\":128}").isAbsurd)
        }
        #expect(try estimate("{\"n\":9223372036854775807}", .imageGenerations).isAbsurd)
        #expect(try !estimate("{\"max_tokens\":128000,\"n\":128}").isAbsurd)
    }

    @Test func `text is bounded by its size and a picture counts as one`() throws {
        let text = String(repeating: "Elk drink water. ", count: 4_000)
        let plain = try estimate("{\"content\":\"\(text)\"}")
        #expect(plain.input.inputTokens >= text.utf8.count / 4)
        let picture = String(repeating: "iVBORw0KGgo/", count: 80_000)
        let mixed = try estimate(
            "{\"content\":\"\(text)\",\"url\":\"data:image/png;base64,\(picture)\",\"b\":\"\(picture)\"}"
        )
        let difference = mixed.input.inputTokens - plain.input.inputTokens
        #expect(difference >= 2 * Estimate.mediaTokens && difference < 2 * Estimate.mediaTokens + 100)
    }

    @Test func `speech is counted in characters and a recording in seconds`() throws {
        #expect(try estimate("{\"input\":\"Grüße, Elch\"}", .speech).input.characters == 11)
        let recording = ByteBuffer(repeating: 0, count: 75_000)
        let file = MultipartForm(parts: [
            .init(name: "file", filename: "a.wav", contentType: "audio/wav", content: recording)
        ])
        let call = Call(
            id: RequestID(),
            endpoint: .transcriptions,
            dialect: .openAI,
            model: "m",
            streams: false,
            body: .form(file)
        )
        #expect(Estimate(of: call, defaultMaxOutput: 1).input.audioMilliseconds == 100_000)
        #expect(Estimate(of: call, audioMilliseconds: 2_000, defaultMaxOutput: 1).input.audioMilliseconds == 2_000)
    }
}
