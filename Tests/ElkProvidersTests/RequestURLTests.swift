import ElkProviders
import ElkWire
import Testing

struct RequestURLTests {
    private static let chat = #"{"model":"client-model","messages":[]}"#

    @Test(arguments: [
        ("openai", "gpt-4o", "https://api.openai.com:443/v1/chat/completions"),
        ("zhipu", "glm", "https://open.bigmodel.cn:443/api/paas/v4/chat/completions"),
        ("groq", "llama", "https://api.groq.com:443/openai/v1/chat/completions"),
        ("ollama", "qwen3:8b", "http://127.0.0.1:11434/v1/chat/completions"),
        (
            "azure-openai", "my-deployment",
            "https://channel.example:443/openai/deployments/my-deployment/chat/completions?api-version=2025-04-01-preview"
        ),
    ])
    func `requests go to the provider's own address`(id: String, model: String, url: String) throws {
        let request = try exchange(call(.chat, Self.chat), target(id, model: model)).request
        #expect(request.description == "POST " + url)
    }

    @Test(arguments: [
        ("http://localhost:8080", "http://localhost:8080/v1/chat/completions"),
        ("http://localhost:8080/v1", "http://localhost:8080/v1/chat/completions"),
        ("http://localhost:8080/v1/", "http://localhost:8080/v1/chat/completions"),
        ("https://ark.example/api/v3", "https://ark.example:443/api/v3/chat/completions"),
        ("https://host.example/proxy", "https://host.example:443/proxy/v1/chat/completions"),
        ("http://[::1]:9000", "http://[::1]:9000/v1/chat/completions"),
        ("HTTPS://", nil),
    ])
    func `a base URL may say the version or not`(base: String, url: String?) throws {
        guard let url else {
            #expect(throws: Failure.self) { try target("openai-compatible", baseURL: base) }
            return
        }
        let request = try exchange(call(.chat, Self.chat), target("openai-compatible", baseURL: base)).request
        #expect(request.description == "POST " + url)
    }

    @Test func `Gemini's streams have a path of their own`() throws {
        let body = #"{"contents":[{"parts":[{"text":"a"}]}]}"#
        let whole = try exchange(call(.geminiGenerate, body), target("gemini", model: "gemini-2.5-pro"))
        #expect(whole.request.path == "/v1beta/models/gemini-2.5-pro:generateContent")
        let named = try exchange(call(.geminiGenerate, body), target("gemini", model: "models/gemini-2.5-pro"))
        #expect(named.request.path == whole.request.path)
        let stream = try exchange(
            call(.geminiGenerate, body, streams: true),
            target("gemini", model: "gemini-2.5-pro")
        )
        #expect(stream.request.path == "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse")
        #expect(stream.request.header("x-goog-api-key") == "secret-key")
        #expect(!stream.request.path.contains("secret"))
    }

    @Test(arguments: [
        "ftp://host", "//host", "host", "https://user:pass@host", "https://user@host", "https://host#fragment",
        "https://host?query", "https://host/a?b", "https://host/#", "https://host/../x", "https://host/./x",
        "https://host//x", "https://host/%2e%2e", "https://ho st", "https://host\r\nx", "https://host:0",
        "https://host:65536", "https://host:1x", "https://host:", "https://[::1", "https://[host]", "https://",
        "https://:443", "https://hóst", "https://host/a b", "https://host\\@evil", "https://host/\u{0}",
        "https://.host",
    ])
    func `a base URL that could lead elsewhere is refused`(base: String) {
        #expect(throws: Failure.self) { try target("openai-compatible", baseURL: base) }
    }

    /// Portkey #1596: a component of the path that carries the key to another host, or to another method.
    @Test(arguments: [
        "../../evil", "..", ".", "a/../b", "m#", "m?x=1", "m%2f..", "m%23", "m@evil.example", "m:predict",
        "m\r\nhost: evil",
        "m\u{0}", "m m", "", "m/..", "モデル", "m\\n", String(repeating: "m", count: 201),
    ])
    func `a model name cannot leave its place in a path`(model: String) throws {
        let gemini = try call(.geminiGenerate, #"{"contents":[{"parts":[{"text":"a"}]}]}"#)
        #expect(throws: Failure.self) { try exchange(gemini, target("gemini", model: model)) }
        let chat = try call(.chat, Self.chat)
        #expect(throws: Failure.self) { try exchange(chat, target("azure-openai", model: model)) }
        let embed = try call(.embeddings, #"{"model":"m","input":"a"}"#)
        #expect(throws: Failure.self) { try exchange(embed, target("gemini", model: model)) }
    }

    @Test(arguments: Provider.all.map(\.id))
    func `the final host is the channel's host`(id: String) throws {
        let provider = try #require(Provider.named(id))
        let channel = try ChannelTarget(
            provider: provider,
            baseURL: "https://channel.example:8443/base",
            key: "k",
            model: "m.odel-1_x"
        )
        for endpoint in Endpoint.allCases where provider.canServe(endpoint) {
            let request = try exchange(try Self.smallest(endpoint), channel).request
            #expect(request.host == "channel.example")
            #expect(request.port == 8443)
            #expect(request.isSecure)
            #expect(request.path.hasPrefix("/base/"))
            #expect(!request.path.contains("//") && !request.path.contains("..") && !request.path.contains("{"))
            #expect(request.path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
        }
    }

    @Test func `an API version is a component too`() throws {
        let azure = try #require(Provider.named("azure-openai"))
        for version in ["2024&x=1", "a#b", "a b", ".."] {
            #expect(throws: Failure.self) {
                try ChannelTarget(
                    provider: azure,
                    baseURL: "https://a.example",
                    key: "k",
                    model: "m",
                    apiVersion: version
                )
            }
        }
    }

    @Test func `control characters in keys and header values are refused`() throws {
        let openAI = try #require(Provider.named("openai"))
        #expect(throws: Failure.self) { try ChannelTarget(provider: openAI, key: "k\r\nx: y", model: "m") }
        #expect(throws: Failure.self) {
            try ChannelTarget(provider: openAI, key: "k", model: "m", headers: [("x-a", "b\nc")])
        }
        for name in ["host", "content-length", "transfer-encoding", "X-Upper", "a b", "a:b", ""] {
            #expect(throws: Failure.self) {
                try ChannelTarget(provider: openAI, key: "k", model: "m", headers: [(name, "v")])
            }
        }
    }

    @Test func `descriptions hold no key`() throws {
        let channel = try target("openai")
        let request = try exchange(call(.chat, Self.chat), channel).request
        #expect(!"\(channel)".contains("secret-key") && !String(reflecting: channel).contains("secret-key"))
        #expect(!"\(request)".contains("secret-key"))
        var dumped = ""
        dump(channel, to: &dumped)
        #expect(!dumped.contains("secret-key"))
    }

    /// A call with as little in it as its endpoint takes.
    static func smallest(_ endpoint: Endpoint) throws -> Call {
        switch endpoint {
        case .chat: try call(endpoint, #"{"model":"m","messages":[{"role":"user","content":"a"}]}"#)
        case .completions: try call(endpoint, #"{"model":"m","prompt":"a"}"#)
        case .embeddings: try call(endpoint, #"{"model":"m","input":"a"}"#)
        case .imageGenerations: try call(endpoint, #"{"model":"m","prompt":"a"}"#)
        case .moderations: try call(endpoint, #"{"model":"m","input":"a"}"#)
        case .rerank: try call(endpoint, #"{"model":"m","query":"a","documents":["b"]}"#)
        case .speech: try call(endpoint, #"{"model":"m","input":"a","voice":"b"}"#)
        case .geminiEmbed: try call(endpoint, #"{"content":{"parts":[{"text":"a"}]}}"#)
        case .messages, .countTokens:
            try call(endpoint, #"{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"a"}]}"#)
        case .imageEdits, .imageVariations, .transcriptions, .translations: try call(endpoint, form: MultipartForm())
        case .models, .realtime: try call(endpoint, "{}")
        case .responses: try call(endpoint, #"{"model":"m","input":"a"}"#)
        case .geminiGenerate, .geminiCountTokens: try call(endpoint, #"{"contents":[{"parts":[{"text":"a"}]}]}"#)
        }
    }
}
