import ElkProviders
import ElkWire
import NIOCore
import Testing

struct RealtimeRequestTests {
    private func request(
        _ provider: String,
        model: String = "gpt-realtime",
        query: String? = nil,
        headers: [(name: String, value: String)] = []
    ) throws -> UpstreamRequest {
        let call = try call(.realtime, "{}", streams: true, headers: headers, query: query)
        return try exchange(call, target(provider, model: model)).request
    }

    @Test(
        arguments: [
            ("openai", nil, "https://api.openai.com:443/v1/realtime?model=gpt-realtime"),
            ("openai", "intent=transcription", "https://api.openai.com:443/v1/realtime?intent=transcription"),
            ("openai-compatible", nil, "https://channel.example:443/v1/realtime?model=gpt-realtime"),
            (
                "elk", "intent=transcription",
                "https://channel.example:443/v1/realtime?intent=transcription&model=gpt-realtime"
            ),
            ("azure-openai", nil, "https://channel.example:443/openai/v1/realtime?model=gpt-realtime"),
        ] as [(String, String?, String)]
    )
    func `a session is asked for at the provider's own address`(id: String, query: String?, url: String) throws {
        #expect(try request(id, query: query).description == "GET " + url)
    }

    @Test func `a model's name cannot leave its place in the query`() throws {
        let path = try request("openai", model: "org/model:1&intent=x#é").path
        #expect(path == "/v1/realtime?model=org%2Fmodel%3A1%26intent%3Dx%23%C3%A9")
    }

    @Test func `the key goes where the provider wants it, and the beta's header goes along`() throws {
        let beta = [(name: "openai-beta", value: "realtime=v1"), (name: "anthropic-beta", value: "x")]
        let openAI = try request("openai", headers: beta)
        #expect(openAI.header("authorization") == "Bearer secret-key")
        #expect(openAI.header("openai-beta") == "realtime=v1" && openAI.header("anthropic-beta") == nil)
        #expect(openAI.body.readableBytes == 0 && openAI.header("content-type") == nil)
        let azure = try request("azure-openai")
        #expect(azure.header("api-key") == "secret-key" && azure.header("authorization") == nil)
    }

    @Test func `who has no realtime models serves none`() {
        for id in ["anthropic", "gemini", "cohere", "deepseek"] {
            #expect(Provider.named(id)?.canServe(.realtime) == false)
        }
    }
}

struct RealtimeClientEventTests {
    private func sent(_ event: String) throws(Failure) -> String {
        let event = try RealtimeClientEvent(ByteBuffer(string: event))
        let text = try event.forUpstream(model: (client: "mine", upstream: "theirs")) {
            (name: String) throws(Failure) -> String in
            guard name != "forbidden" else { throw .invalidRequest("no", code: "forbidden") }
            return "up-\(name)"
        }
        return String(buffer: text)
    }

    @Test(arguments: [
        #"{ "type":"input_audio_buffer.append","audio":"AAAA" }"#,
        #"{"type":"session.update","session":{"instructions":"model","tools":[{"name":"model"}]}}"#,
        #"{"type":"session.update","session":{"audio":{"input":{"transcription":null}}}}"#,
        #"{"type":"response.create","response":{"model":"x"}}"#, #"{"session":{"model":"x"}}"#,
        #"{"type":"session.update","session":7}"#, #"{"type":"session.update"}"#,
    ])
    func `what names no model passes byte for byte`(event: String) throws {
        #expect(try sent(event) == event)
    }

    @Test(arguments: [
        (
            #"{"type":"session.update","session":{"model":"mine","voice":"a"}}"#,
            #"{"type":"session.update","session":{"model":"theirs","voice":"a"}}"#
        ),
        (
            #"{"type":"session\u002eupdate","session":{"input_audio_transcription":{"language":"en","m\u006fdel":"w"}}}"#,
            #"{"type":"session\u002eupdate","session":{"input_audio_transcription":{"language":"en","m\u006fdel":"up-w"}}}"#
        ),
        (
            #"{"session":{"audio":{"input":{"transcription":{"model":"w"}}}},"type":"transcription_session.update"}"#,
            #"{"session":{"audio":{"input":{"transcription":{"model":"up-w"}}}},"type":"transcription_session.update"}"#
        ),
    ])
    func `models get the provider's names, and nothing else changes`(event: String, wanted: String) throws {
        #expect(try sent(event) == wanted)
    }

    @Test(arguments: [
        "", "{", "[]", "7", #"{"type":"a","type":"b"}"#, #"{"type":"session.update","session":{},"session":{}}"#,
        #"{"type":"session.update","session":{"model":"other"}}"#,
        #"{"type":"session.update","session":{"model":7}}"#,
        #"{"type":"session.update","session":{"audio":{"input":{"transcription":{"model":"w"}}},"audio":{}}}"#,
        #"{"type":"session.update","session":{"input_audio_transcription":{"model":"w","model":"v"}}}"#,
        #"{"type":"session.update","session":{"input_audio_transcription":{"model":7}}}"#,
        #"{"type":"session.update","session":{"input_audio_transcription":{"model":"forbidden"}}}"#,
    ])
    func `what two readers could take in two ways, or nobody may have, is refused`(event: String) {
        #expect(throws: Failure.self) { try sent(event) }
    }

    @Test func `an event says its name and who is to transcribe`() throws {
        let text =
            #"{"type":"session.update","event_id":"e","session":{"audio":{"input":{"transcription":{"model":"w"}}}}}"#
        let event = try RealtimeClientEvent(ByteBuffer(string: text))
        #expect(event.id == "e" && event.transcriber == "w")
    }
}
