import ElkGateway
import ElkServer
import ElkStorage
import ElkTestSupport
import ElkWire
import NIOCore

/// A server with channels to scripted providers of realtime models.
enum RelayedRealtime {
    static let upgrade = [
        "Upgrade": "websocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ]

    /// A dollar for a million tokens of text in, 10 out; audio 100 and 200; a transcribing model at a cent a second.
    static func prices() -> [Price] {
        var talk = Price(model: "talk", input: Money("1"), output: Money("10"), created: 0)
        (talk.audioInput, talk.audioOutput, talk.cacheRead) = (Money("100"), Money("200"), Money("0.5"))
        var scribe = Price(model: "scribe", created: 0)
        scribe.audioSecond = Money("0.01")
        return [talk, scribe]
    }

    /// Runs a server on which `anna` has a balance and a key, with one channel for each provider, the first at the highest priority.
    static func run(
        _ providers: [FakeRealtime],
        balance: String = "10",
        mapping: [String: String] = [:],
        configure: (inout ServerConfiguration) -> Void = { _ in },
        gateway: (inout Gateway.Settings) -> Void = { _ in },
        _ body: (TestServer, _ key: String) async throws -> Void
    ) async throws {
        try await TestServer.run(
            configure: configure,
            gateway: gateway,
            prepare: { administration in
                for (index, provider) in providers.enumerated() {
                    var changes = Administration.ChannelChanges()
                    changes.baseURL = .set(provider.url)
                    changes.keys = .set([Secret("sk-upstream-canary-0123456789")])
                    changes.models = .set(["talk"])
                    changes.priority = .set(10 - index)
                    changes.modelMapping = .set(mapping)
                    _ = try await administration.createChannel(provider: "openai", name: "p\(index)", changes)
                }
                _ = try await administration.createUser(name: "anna", balance: Money(balance) ?? .zero)
                try await administration.savePrices(prices())
            }
        ) { server in
            let key = try await server.administration.createKey(name: "k", user: "anna").text.reveal()
            try await server.backend.reload()
            try await body(server, key)
        }
    }

    /// A client whose session has begun.
    ///
    /// - Parameter greeting: what the provider says first.
    static func open(
        _ server: TestServer,
        _ key: String,
        path: String = "/v1/realtime?model=talk",
        headers: [String: String] = [:],
        until greeting: String = "\r\n\r\n"
    ) async throws -> (client: RawClient, id: String) {
        let client = try await RawClient(port: server.port)
        let all = upgrade.merging(["Authorization": "Bearer \(key)"]) { $1 }.merging(headers) { $1 }
        try await client.send(TestServer.message("GET", path, headers: all))
        let text = await client.text(containing: greeting) ?? ""
        let line = text.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix("x-request-id:") }
        return (client, String(line?.split(separator: " ").last ?? ""))
    }

    /// What the usage log says of a request, once it is there.
    static func generation(_ server: TestServer, _ key: String, _ id: String) async throws -> String {
        for _ in 0..<600 {
            let answer = try await server.request(
                "GET",
                "/v1/generations/\(id)",
                headers: ["Authorization": "Bearer \(key)"]
            )
            if let answer, answer.status == 200 { return answer.body }
            try await Task.sleep(for: .milliseconds(20))
        }
        return ""
    }
}

/// Events of a provider.
enum RealtimeSample {
    static let created = #"{"type":"session.created","event_id":"e0","session":{"id":"s","model":"upstream-talk"}}"#

    static func begun(_ id: String = "r1") -> String { #"{"type":"response.created","response":{"id":"\#(id)"}}"# }

    static func text(_ text: String, _ id: String = "r1") -> String {
        #"{"type":"response.output_text.delta","response_id":"\#(id)","delta":"\#(text)"}"#
    }

    /// 100 tokens of text and 50 of audio in, 40 of them cached; 20 of text and 30 of audio out.
    static func done(_ id: String = "r1", times factor: Int = 1) -> String {
        #"{"type":"response.done","response":{"id":"\#(id)","status":"completed","usage":{"total_tokens":\#(200 * factor),"#
            + #""input_tokens":\#(150 * factor),"output_tokens":\#(50 * factor),"#
            + #""input_token_details":{"cached_tokens":\#(40 * factor),"text_tokens":\#(100 * factor),"audio_tokens":\#(50 * factor),"#
            + #""cached_tokens_details":{"text_tokens":\#(30 * factor),"audio_tokens":\#(10 * factor)}},"#
            + #""output_token_details":{"text_tokens":\#(20 * factor),"audio_tokens":\#(30 * factor)}}}}"#
    }

    /// 70 of text at 1, 40 of audio at 100, 40 cached at 0.5, 20 at 10 and 30 at 200 dollars for a million.
    static let price = "0.01029"

    static func transcribed(_ item: String = "i1") -> String {
        #"{"type":"conversation.item.input_audio_transcription.completed","item_id":"\#(item)","content_index":0,"#
            + #""transcript":"Hello.","usage":{"type":"duration","seconds":3}}"#
    }
}
