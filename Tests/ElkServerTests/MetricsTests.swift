import ElkServer
import ElkTestSupport
import ElkWire
import Testing

@Suite(.timeLimit(.minutes(3)))
struct MetricsTests {
    @Test func `requests are counted by route and status, calls by channel and outcome`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .whole(Sample.chat) }) { server, _ in
            for _ in 0..<3 { _ = try await server.post(Sample.request, to: "/v1/chat/completions") }
            _ = try await server.request("GET", "/v1/unheard/of/\u{0022}")
            let text = try #require(try await server.request("GET", "/metrics")).body
            #expect(text.contains(#"elk_requests_total{route="chat",status="200"} 3"#))
            #expect(text.contains(#"elk_requests_total{route="none",status="404"} 1"#))
            #expect(text.contains(#"elk_channel_requests_total{channel="one"} 3"#))
            #expect(text.contains(#"elk_outcomes_total{outcome="completed"} 3"#))
            #expect(text.contains(#"elk_request_seconds_count{route="chat"} 3"#))
            #expect(text.contains(#"elk_first_byte_seconds_bucket{route="chat",le="+Inf"} 3"#))
            #expect(!text.contains("unheard"))
        }
    }

    @Test(
        arguments: [
            (.invalidRequest("This is no audio."), "refused"), (.unknownModel("acme"), "refused"),
            (.busy("The engine is busy.", retryAfter: 3), "refused"), (.server("broken"), "upstream_failure"),
        ] as [(Failure, String)]
    )
    func `what the client did to the local engine counts as refused, in plain answers, streams and speech`(
        fault: Failure,
        outcome: String
    ) async throws {
        let transcriber = FakeTranscriber { _ throws(Failure) in throw fault }
        let voice = FakeSynthesizer(failsAfter: 0, fault: fault)
        try await TestServer.run(transcriber, synthesizer: voice) { server in
            let speech = #"{"model":"tts-1","input":"a","voice":"alloy"}"#
            for response in [
                try await server.post(TestForm()), try await server.post(TestForm(("stream", "true"))),
                try await server.post(speech, to: "/v1/audio/speech"),
            ] {
                #expect(response?.status == fault.status)
            }
            let text = try #require(try await server.request("GET", "/metrics")).body
            #expect(text.contains(#"elk_outcomes_total{outcome="\#(outcome)"} 3"#))
        }
    }

    @Test(arguments: ["X-Forwarded-For", "Forwarded"])
    func `what comes through a proxy needs the root credential`(header: String) async throws {
        try await TestServer.run { server in
            let outside = try await server.request("GET", "/metrics", headers: [header: "203.0.113.9"])
            #expect(outside?.status == 401)
            let root = [header: "203.0.113.9", "Authorization": "Bearer \(TestServer.rootKey)"]
            let operating = try await server.request("GET", "/metrics", headers: root)
            #expect(operating?.status == 200)
        }
    }
}
