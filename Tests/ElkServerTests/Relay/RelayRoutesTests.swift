import ElkGateway
import ElkStorage
import ElkTestSupport
import NIOCore
import Testing

/// Every route of the surface, from a client's bytes to a scripted provider and back.
@Suite(.timeLimit(.minutes(3)))
struct RelayRoutesTests {
    @Test func `a chat goes to the channel with its key and comes back byte for byte`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .whole(Sample.chat) }) { server, upstream in
            let response = try #require(try await server.post(Sample.request, to: "/v1/chat/completions"))
            #expect(response.status == 200)
            #expect(response.body == Sample.chat)
            #expect(response.headers["content-type"]?.hasPrefix("application/json") == true)
            #expect(response.headers["x-request-id"]?.hasPrefix("req_") == true)
            let request = try #require(upstream.requests.first)
            #expect(request.path == "/v1/chat/completions")
            #expect(request.header("authorization") == "Bearer sk-upstream-canary-0123456789")
            #expect(request.text == Sample.request)
        }
    }

    @Test func `a stream comes through event by event with the headers that keep it moving`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .events(Sample.chatEvents) }) { server, _ in
            let response = try #require(try await server.post(Sample.streamRequest, to: "/v1/chat/completions"))
            #expect(response.status == 200)
            #expect(response.headers["content-type"]?.hasPrefix("text/event-stream") == true)
            #expect(response.headers["cache-control"] == "no-cache")
            #expect(response.headers["x-accel-buffering"] == "no")
            #expect(response.body == Sample.chatEvents.joined())
        }
    }

    @Test func `the first event is there before the provider has sent its second`() async throws {
        try await FakeUpstream.relayed(answering: { _ in
            .events(Array(Sample.chatEvents.prefix(2)), ends: false)
        }) { server, _ in
            let client = try await RawClient(port: server.port)
            try await client.send(TestServer.message("POST", "/v1/chat/completions", body: Sample.streamRequest))
            #expect(await client.text(containing: "Hel") != nil)
            try await client.close()
        }
    }

    @Test(arguments: [
        ("/v1/embeddings", #"{"model":"m","input":"x"}"#, "/v1/embeddings"),
        ("/v1/engines/m/embeddings", #"{"input":"x"}"#, "/v1/embeddings"),
        ("/v1/moderations", #"{"model":"m","input":"x"}"#, "/v1/moderations"),
        ("/v1/completions", #"{"model":"m","prompt":"x"}"#, "/v1/completions"),
        ("/v1/images/generations", #"{"model":"m","prompt":"x"}"#, "/v1/images/generations"),
        ("/v1beta/openai/chat/completions", Sample.request, "/v1/chat/completions"),
        ("/v1/chat/completions/", Sample.request, nil),
    ])
    func `each path leads to its endpoint at the provider`(path: String, body: String, upstreamPath: String?)
        async throws
    {
        let answer =
            #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"choices":[],"#
            + #""usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#
        try await FakeUpstream.relayed(answering: { _ in .whole(answer) }) { server, upstream in
            let response = try #require(try await server.post(body, to: path))
            #expect(response.status == (upstreamPath == nil ? 404 : 200))
            #expect(upstream.requests.first?.path == upstreamPath)
        }
    }

    @Test func `speech comes back as sound`() async throws {
        let sound = FakeAnswer.whole("SOUND", headers: [("content-type", "audio/mpeg")])
        try await FakeUpstream.relayed(answering: { _ in sound }) { server, upstream in
            let response = try #require(
                try await server.post(#"{"model":"m","input":"x","voice":"v"}"#, to: "/v1/audio/speech")
            )
            #expect(response.status == 200)
            #expect(response.body == "SOUND")
            #expect(response.headers["content-type"] == "audio/mpeg")
            #expect(upstream.requests.first?.path == "/v1/audio/speech")
        }
    }

    @Test func `forms of images go on as forms, with their one model`() async throws {
        let answer = #"{"created":1,"data":[{"b64_json":"AA=="}]}"#
        try await FakeUpstream.relayed(answering: { _ in .whole(answer) }) { server, upstream in
            var form = TestForm(model: "m", file: nil, ("prompt", "a cat"))
            form.add("image\"; filename=\"a.png", "PNG")
            for path in ["/v1/images/edits", "/v1/images/variations"] {
                let response = try #require(try await server.post(form, to: path))
                #expect(response.status == 200)
                #expect(response.body == answer)
                #expect(upstream.requests.last?.path == path)
                #expect(upstream.requests.last?.text.contains("PNG") == true)
            }
            form.add("model", "other")
            let refused = try #require(try await server.post(form, to: "/v1/images/edits"))
            #expect(refused.status == 400)
            #expect(refused.body.contains("duplicate_model"))
            #expect(upstream.requests.count == 2)
        }
    }

    @Test func `a recording for a provider's model goes there, and one for the local engine stays here`() async throws {
        try await FakeUpstream.relayed(
            models: ["gpt-4o-transcribe"],
            answering: { _ in .whole(#"{"text":"from upstream"}"#) }
        ) { server, upstream in
            let there = try #require(try await server.post(TestForm(model: "gpt-4o-transcribe", file: "SOUND")))
            #expect(there.status == 200)
            #expect(there.body.contains("from upstream"))
            #expect(upstream.requests.first?.path == "/v1/audio/transcriptions")
            #expect(upstream.requests.first?.text.contains("SOUND") == true)
            let here = try #require(try await server.post(TestForm()))
            #expect(here.body == "done")
            #expect(upstream.requests.count == 1)
            let nowhere = try #require(try await server.post(TestForm(model: "nothing")))
            #expect([404, 503].contains(nowhere.status))
        }
    }

    @Test(arguments: ["alt=sse", ""])
    func `Gemini streams as events or as one array`(query: String) async throws {
        let event =
            #"{"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"finishReason":"STOP","index":0}],"#
            + #""usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":4,"totalTokenCount":13}}"#
        try await FakeUpstream.relayed(
            by: "gemini",
            models: ["gemini-x"],
            answering: { request in
                request.path.contains("alt=sse") ? .events(["data: \(event)\n\n"]) : .whole("[\(event)]")
            }
        ) { server, upstream in
            let path = "/v1beta/models/gemini-x:streamGenerateContent?key=KEY&\(query)"
            let response = try #require(
                try await server.post(#"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}"#, to: path)
            )
            #expect(response.status == 200)
            #expect(response.body.contains(#""text":"Hi""#))
            let request = try #require(upstream.requests.first)
            #expect(request.path.hasPrefix("/v1beta/models/gemini-x:streamGenerateContent"))
            #expect(!request.path.contains("KEY"))
        }
    }

    @Test func `Anthropic's messages keep their bytes, their betas and their query`() async throws {
        let body =
            #"{"model":"claude-x","max_tokens":5,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"Hi"}],"unknown":[1.0]}"#
        let answer =
            #"{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":9,"output_tokens":4}}"#
        try await FakeUpstream.relayed(by: "anthropic", models: ["claude-x"], answering: { _ in .whole(answer) }) {
            server,
            upstream in
            let headers = ["anthropic-version": "2023-06-01", "anthropic-beta": "a-1,b-2", "x-api-key": "anything"]
            let response = try #require(try await server.post(body, to: "/v1/messages?beta=true", headers: headers))
            #expect(response.status == 200)
            #expect(response.body == answer)
            #expect(response.headers["request-id"] == response.headers["x-request-id"])
            let request = try #require(upstream.requests.first)
            #expect(request.text == body)
            #expect(request.path == "/v1/messages?beta=true")
            #expect(request.header("anthropic-beta") == "a-1,b-2")
            #expect(request.header("x-api-key") == "sk-upstream-canary-0123456789")
        }
    }

    @Test func `trace headers go on, cookies and credentials do not`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .whole(Sample.chat) }) { server, upstream in
            let headers = [
                "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "Cookie": "a=b",
                "X-Forwarded-For": "1.2.3.4", "api-key": "client-key",
            ]
            _ = try await server.post(Sample.request, to: "/v1/chat/completions", headers: headers)
            let request = try #require(upstream.requests.first)
            #expect(request.header("traceparent") == headers["traceparent"])
            for name in ["cookie", "x-forwarded-for", "api-key"] { #expect(request.header(name) == nil) }
        }
    }

    @Test func `a client that leaves in the middle of a stream stops the provider`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .endless(Sample.chatEvents[1]) }) { server, upstream in
            let client = try await RawClient(port: server.port)
            try await client.send(TestServer.message("POST", "/v1/chat/completions", body: Sample.streamRequest))
            #expect(await client.text(containing: "Hel") != nil)
            try await client.close()
            #expect(await upstream.wait { $0.abandoned == 1 })
        }
    }

    @Test func `a client that leaves before the first byte stops the provider`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .stall }) { server, upstream in
            let client = try await RawClient(port: server.port)
            try await client.send(TestServer.message("POST", "/v1/chat/completions", body: Sample.request))
            #expect(await upstream.wait { $0.requests.count == 1 })
            try await client.close()
            #expect(await upstream.wait { $0.abandoned == 1 })
        }
    }

    @Test func `a connection serves streams and whole answers in turn`() async throws {
        try await FakeUpstream.relayed(answering: { request in
            request.text.contains("\"stream\":true") ? .events(Sample.chatEvents) : .whole(Sample.chat)
        }) { server, _ in
            let client = try await RawClient(port: server.port)
            for body in [Sample.streamRequest, Sample.request, Sample.streamRequest, Sample.request] {
                try await client.send(TestServer.message("POST", "/v1/chat/completions", body: body))
                let response = try #require(await client.response())
                #expect(response.status == 200)
                #expect(response.body.contains("lo"))
            }
        }
    }
}
