import ElkProviders
import ElkWire
import NIOCore
import Testing

/// What goes up when the formats are the same.
struct RequestBodyTests {
    @Test func `every byte stays but for the model`() throws {
        let body =
            "{ \"temperature\": 0.0,\t\"model\" : \"client-model\",\n \"messages\":[ ], \"x\":{\"b\":1,\"a\":1e2} }\n"
        let request = try exchange(call(.chat, body), target("openai")).request
        #expect(request.text == body.replacing("client-model", with: "up-model"))
        #expect(request.header("content-type") == "application/json")
        #expect(request.header("authorization") == "Bearer secret-key")
        let same = try exchange(call(.chat, body), target("openai", model: "client-model")).request
        #expect(same.text == body)
    }

    @Test func `a provider's quirks are spliced`() throws {
        let body =
            #"{"model":"client-model","messages":[{"role":"developer","content":"a"},{"role":"user","content":"b"}],"max_completion_tokens":5,"logit_bias":{},"response_format":{"type":"json_schema","json_schema":{}}}"#
        let exchange = try exchange(call(.chat, body), target("deepseek"))
        #expect(
            exchange.request.text
                == #"{"model":"up-model","messages":[{"role":"system","content":"a"},{"role":"user","content":"b"}],"response_format":{"type":"json_object"},"max_tokens":5}"#
        )
        #expect(exchange.dropped == ["logit_bias", "response_format.json_schema"])
    }

    @Test func `reasoning models get the newer name of the limit`() throws {
        let body = #"{"model":"client-model","messages":[],"max_tokens":5}"#
        #expect(
            try exchange(call(.chat, body), target("openai", model: "o4-mini")).request.text
                == #"{"model":"o4-mini","messages":[],"max_completion_tokens":5}"#
        )
        #expect(
            try exchange(call(.chat, body), target("openai", model: "gpt-4o")).request.text.contains(#""max_tokens":5"#)
        )
    }

    @Test func `Mistral is not asked for usage, and its seed has another name`() throws {
        let body =
            #"{"model":"client-model","messages":[],"stream":true,"stream_options":{"include_usage":true},"seed":7}"#
        let request = try exchange(call(.chat, body, streams: true), target("mistral")).request
        #expect(request.text == #"{"model":"up-model","messages":[],"stream":true,"random_seed":7}"#)
    }

    @Test func `a channel's overrides come last`() throws {
        let channel = try target(
            "openai",
            overrides: [
                ("temperature", ByteBuffer(string: "0.1")), ("user", nil),
                ("stream_options.include_usage", ByteBuffer(string: "false")),
            ]
        )
        let body = #"{"model":"m","messages":[],"user":"u","temperature":1,"stream":true}"#
        #expect(
            try exchange(call(.chat, body, streams: true), channel).request.text
                == #"{"model":"up-model","messages":[],"temperature":0.1,"stream":true,"stream_options":{"include_usage":false}}"#
        )
    }

    @Test func `headers go up by family, and a client cannot set others`() throws {
        let headers = [
            (name: "anthropic-beta", value: "b1"), (name: "anthropic-version", value: "2099-01-01"),
            (name: "openai-beta", value: "x"), (name: "traceparent", value: "t"), (name: "cookie", value: "c"),
            (name: "authorization", value: "Bearer client"), (name: "tracestate", value: "a\r\nb"),
        ]
        let body = #"{"model":"m","max_tokens":5,"messages":[]}"#
        let native = try exchange(
            call(.messages, body, headers: headers, query: "beta=true&x=1"),
            target("anthropic")
        ).request
        #expect(native.header("anthropic-version") == "2099-01-01")
        #expect(native.header("anthropic-beta") == "b1")
        #expect(native.header("traceparent") == "t")
        #expect(native.header("x-api-key") == "secret-key")
        for name in ["cookie", "authorization", "openai-beta", "tracestate"] { #expect(native.header(name) == nil) }
        #expect(native.path == "/v1/messages?beta=true")
        let plain = try exchange(call(.messages, body), target("anthropic")).request
        #expect(plain.path == "/v1/messages" && plain.header("anthropic-version") == "2023-06-01")
    }

    @Test func `a server of one's own may run without a key`() throws {
        let ollama = try #require(Provider.named("ollama"))
        let channel = try ChannelTarget(provider: ollama, key: "", model: "m")
        let request = try exchange(call(.chat, #"{"model":"m","messages":[]}"#), channel).request
        #expect(request.header("authorization") == nil)
    }

    @Test func `a duplicate model cannot smuggle another one`() throws {
        let body = #"{"model":"cheap","messages":[],"mod\u0065l":"dear"}"#
        let request = try exchange(call(.chat, body), target("openai", model: "cheap")).request
        #expect(try json(request.text)["model"]?.string == "cheap")
        #expect(try json(request.text).hasDuplicate("model") == false)
    }

    @Test func `a body of the wrong kind is refused`() throws {
        #expect(throws: Failure.self) { try exchange(call(.chat, "[]"), target("openai")) }
        #expect(throws: Failure.self) { try exchange(call(.chat, form: MultipartForm()), target("openai")) }
        #expect(throws: Failure.self) { try exchange(call(.transcriptions, "{}"), target("openai")) }
    }
}
