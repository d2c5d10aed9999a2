import ElkGateway
import ElkStorage
import Testing

@Suite struct SpokenRoutesTests {
    private static let path = "/v1/audio/speech"

    private static func body(_ more: String = "") -> String {
        #"{"model":"tts-1","input":"Say it.","voice":"alloy"\#(more)}"#
    }

    @Test func soundComesPieceByPieceInTheAskedFormat() async throws {
        let voice = FakeSynthesizer()
        try await TestServer.run(synthesizer: voice) { server in
            let response = try await server.post(Self.body(#","response_format":"opus","speed":1.5"#), to: Self.path)
            #expect(response?.status == 200)
            #expect(response?.headers["content-type"] == "audio/opus")
            #expect(response?.headers["transfer-encoding"] == "chunked")
            #expect(response?.body == "firstsecond")
            let job = voice.jobs.first
            #expect(job?.format == .opus)
            #expect(job?.speed == 1.5)
            #expect(job?.input == "Say it.")
        }
    }

    @Test func eventsHaveTheSoundInBase64AndEndWithTheUsage() async throws {
        try await TestServer.run(synthesizer: FakeSynthesizer(["abc"])) { server in
            let response = try await server.post(Self.body(#","stream_format":"sse""#), to: Self.path)
            #expect(response?.headers["content-type"] == "text/event-stream")
            #expect(
                response?.body == """
                    data: {"type":"speech.audio.delta","audio":"YWJj"}

                    data: {"type":"speech.audio.done","usage":{"input_tokens":1,"output_tokens":20,"total_tokens":21}}


                    """
            )
        }
    }

    @Test(arguments: [
        (#"{"model":"tts-1","voice":"alloy"}"#, "input"),
        (#"{"model":"tts-1","input":"  ","voice":"alloy"}"#, "input"),
        (#"{"model":"tts-1","input":"🙂 …!","voice":"alloy"}"#, "input"),
        (#"{"model":"tts-1","input":"a"}"#, "voice"),
        (#"{"model":"tts-1","input":"a","voice":"nobody"}"#, "voice"),
        (#"{"model":"tts-1","input":"a","voice":"alloy","speed":4.5}"#, "speed"),
        (#"{"model":"tts-1","input":"a","voice":"alloy","speed":"fast"}"#, "speed"),
        (#"{"model":"tts-1","input":"a","voice":"alloy","response_format":"ogg"}"#, "response_format"),
        (#"{"model":"tts-1","input":"a","voice":"alloy","stream_format":"x"}"#, "stream_format"),
        (#"{"model":"tts-1","input":7,"voice":"alloy"}"#, "input"),
        (#"{"model":"tts-1","input":"a","voice":"alloy","input":"b"}"#, "input"),
    ])
    func aFieldThatIsWrongIsNamed(body: String, field: String) async throws {
        try await TestServer.run(synthesizer: FakeSynthesizer()) { server in
            let response = try await server.post(body, to: Self.path)
            #expect(response?.status == 400)
            #expect(response?.body.contains("\"param\":\"\(field)\"") == true)
        }
    }

    @Test func lengthIsCountedInCodePoints() async throws {
        try await TestServer.run(synthesizer: FakeSynthesizer()) { server in
            let fits = String(repeating: "é", count: 4096)
            let long = fits + "é"
            let good = try await server.post(Self.body().replacing("Say it.", with: fits), to: Self.path)
            #expect(good?.status == 200)
            let bad = try await server.post(Self.body().replacing("Say it.", with: long), to: Self.path)
            #expect(bad?.status == 400)
            #expect(bad?.body.contains("String should have at most 4096 characters") == true)
        }
    }

    @Test func aVoiceCanBeNamedByAnObject() async throws {
        let voice = FakeSynthesizer()
        try await TestServer.run(synthesizer: voice) { server in
            let body = #"{"model":"tts-1","input":"a","voice":{"id":"nova"}}"#
            let response = try await server.post(body, to: Self.path)
            #expect(response?.status == 200)
            #expect(voice.jobs.first?.voice == "nova")
        }
    }

    @Test func withoutAVoiceTheAnswerSaysHowToGetOne() async throws {
        try await TestServer.run(synthesizer: FakeSynthesizer(isInstalled: false)) { server in
            let response = try await server.post(Self.body(), to: Self.path)
            #expect(response?.status == 503)
            #expect(response?.body.contains("elk models pull joe") == true)
            let other = try await server.post(#"{"model":"espeak","input":"a","voice":"de"}"#, to: Self.path)
            #expect(other?.status == 404)
            #expect(other?.body.contains("Install it.") == true)
            let nobody = try await server.post(#"{"model":"no-such","input":"a","voice":"de"}"#, to: Self.path)
            #expect(nobody?.status == 404)
            #expect(nobody?.body.contains("Install it.") == false)
        }
    }

    @Test func theVoicesOfAModelAreItsOwn() async throws {
        let voice = FakeSynthesizer()
        try await TestServer.run(synthesizer: voice) { server in
            let german = try await server.post(#"{"model":"espeak","input":"a","voice":"DE"}"#, to: Self.path)
            #expect(german?.status == 200)
            #expect(voice.jobs.first?.voice == "de")
            let other = try await server.post(#"{"model":"espeak","input":"a","voice":"joe"}"#, to: Self.path)
            #expect(other?.status == 400)
            #expect(other?.body.contains("'de' or 'fr'") == true)
            let list = try await server.request("GET", "/v1/audio/voices?model=espeak")
            #expect(list?.body.contains(#"{"id":"fr","object":"audio.voice","name":"fr"}"#) == true)
            #expect(list?.body.contains("alloy") == false)
            let nobody = try await server.request("GET", "/v1/audio/voices?model=no-such")
            #expect(nobody?.body == #"{"object":"list","data":[],"voices":[]}"#)
        }
    }

    @Test func aFailureBeforeTheFirstSoundIsAnOrdinaryError() async throws {
        try await TestServer.run(synthesizer: FakeSynthesizer(failsAfter: 0)) { server in
            let response = try await server.post(Self.body(), to: Self.path)
            #expect(response?.status == 503)
            #expect(response?.headers["content-type"] == "application/json")
        }
    }

    @Test func aFailureAmongEventsIsTheLastEvent() async throws {
        try await TestServer.run(synthesizer: FakeSynthesizer(failsAfter: 1)) { server in
            let response = try await server.post(Self.body(#","stream_format":"sse""#), to: Self.path)
            #expect(response?.status == 200)
            #expect(response?.body.contains("lost its voice") == true)
            #expect(response?.body.contains("speech.audio.done") == false)
        }
    }

    @Test func voicesAndModelsAreListed() async throws {
        try await TestServer.run(synthesizer: FakeSynthesizer()) { server in
            let voices = try await server.request("GET", "/v1/audio/voices")
            #expect(voices?.body.contains(#"{"id":"alloy","object":"audio.voice","name":"alloy"}"#) == true)
            let models = try await server.request("GET", "/v1/models")
            #expect(models?.body.contains(#""id":"tts-1""#) == true)
        }
    }
}
