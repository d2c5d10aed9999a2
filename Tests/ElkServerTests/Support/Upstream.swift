import ElkGateway
import ElkServer
import ElkStorage
import ElkTestSupport

extension FakeUpstream {
    /// Runs a server with one channel to a scripted provider, and stops both afterwards.
    static func relayed(
        by provider: String = "openai",
        models: [String] = ["m"],
        configure: (inout Administration.ChannelChanges) -> Void = { _ in },
        server configureServer: (inout ServerConfiguration) -> Void = { _ in },
        prepare: (Administration) async throws -> Void = { _ in },
        answering script: @escaping @Sendable (FakeRequest) -> FakeAnswer,
        _ body: (TestServer, FakeUpstream) async throws -> Void
    ) async throws {
        try await FakeUpstream.with(script) { upstream in
            var changes = Administration.ChannelChanges()
            changes.baseURL = .set(upstream.url)
            changes.keys = .set([Secret("sk-upstream-canary-0123456789")])
            changes.models = .set(models)
            configure(&changes)
            let wanted = changes
            try await TestServer.run(configure: configureServer, prepare: { administration in
                _ = try await administration.createChannel(provider: provider, name: "one", wanted)
                try await prepare(administration)
            }) { server in
                try await body(server, upstream)
            }
        }
    }
}

/// What a chat provider answers.
enum Sample {
    static let chat =
        #"{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"#
        + #""message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"#
        + #""usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}"#

    static let chatEvents = [
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#,
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}"#,
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":null}]}"#,
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
        #"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13}}"#,
        "[DONE]",
    ].map { "data: \($0)\n\n" }

    static let request = #"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#
    static let streamRequest =
        #"{"model":"m","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}]}"#
}
