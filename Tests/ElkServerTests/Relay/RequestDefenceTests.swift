import ElkGateway
import ElkServer
import ElkStorage
import ElkTestSupport
import ElkWire
import Logging
import NIOCore
import Synchronization
import Testing

/// The rows of the attack list (GC 5.4) that meet the edge.
@Suite(.timeLimit(.minutes(3)))
struct RequestDefenceTests {
    @Test(arguments: [
        #"{"model":"cheap","model":"dear","messages":[]}"#, #"{"model":"cheap","messages":[],"model":"cheap"}"#,
        #"{"model":"a","mod\u0065l":"b","messages":[]}"#,
    ])
    func `two models in one body are refused`(body: String) async throws {
        try await FakeUpstream.relayed(models: ["*"], answering: { _ in .whole(Sample.chat) }) { server, upstream in
            let response = try #require(try await server.post(body, to: "/v1/chat/completions"))
            #expect(response.status == 400)
            #expect(response.body.contains("duplicate_model"))
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test(arguments: [
        String(repeating: "[", count: 100_000),
        #"{"model":"m","a":"# + String(repeating: "[", count: 500) + "1"
            + String(repeating: "]", count: 500) + "}",
        "\u{FEFF}{\"model\":\"m\"}", #"{"model":"m"} x"#,
        #"{"model":"m","a":"\ud800"}"#.replacing("\\ud800", with: "\\x"),
        #"{"model":5}"#, #"{"model":""}"#, #"{"model":"a b"}"#, #"{"model":"a\r\nb"}"#, #"{"model":"../m"}"#,
        #"{"model":"m","stream":"yes"}"#, #"{}"#, "",
    ])
    func `bodies that could mean harm are refused before anybody else sees them`(body: String) async throws {
        try await FakeUpstream.relayed(models: ["*"], answering: { _ in .whole(Sample.chat) }) { server, upstream in
            let response = try #require(try await server.post(body, to: "/v1/chat/completions"))
            #expect(response.status == 400)
            #expect(response.body.contains("invalid_request_error"))
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test func `a name of a megabyte, a head of a megabyte`() async throws {
        try await TestServer.run { server in
            let long = String(repeating: "m", count: 1 << 20)
            let name = try await server.post("{\"model\":\"\(long)\"}", to: "/v1/chat/completions")
            #expect(name?.status == 400)
            let key = ["Authorization": "Bearer \(long)"]
            let head = try await server.post(Sample.request, to: "/v1/chat/completions", headers: key)
            #expect(head?.status == 431)
        }
    }

    @Test func `ten thousand parts`() async throws {
        try await FakeUpstream.relayed(models: ["*"], answering: { _ in .whole("{}") }) { server, upstream in
            var form = TestForm(model: "m", file: nil)
            for _ in 0..<10_000 { form.add("a", "b") }
            let images = try await server.post(form, to: "/v1/images/edits")
            #expect(images?.status == 400)
            let audio = try await server.post(form)
            #expect(audio?.status == 400)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test(arguments: [
        ("x-api-key", "sk-' OR 1=1 --"), ("Authorization", "Bearer ' UNION SELECT"), ("Authorization", "sk-right "),
        ("api-key", "ѕk-right"), ("Authorization", "Bearer bearer sk-right"),
    ])
    func `odd keys open nothing`(name: String, value: String) async throws {
        try await TestServer.run(configure: { $0.apiKeys = ["sk-right"] }) { server in
            let response = try await server.request("GET", "/v1/models", headers: [name: value])
            #expect(response?.status == (value == "sk-right " ? 200 : 401))
        }
    }

    @Test func `no header of a client can choose where its request goes`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .whole(Sample.chat) }) { server, upstream in
            let headers = [
                "x-portkey-custom-host": "http://127.0.0.1:1", "X-Forwarded-Host": "evil", "x-base-url": "http://evil",
            ]
            let body = #"{"model":"m","api_base":"http://127.0.0.1:1","base_url":"http://127.0.0.1:1","messages":[]}"#
            let response = try await server.post(body, to: "/v1/chat/completions", headers: headers)
            #expect(response?.status == 200)
            #expect(upstream.requests.count == 1)
            #expect(upstream.requests.first?.header("host") == "127.0.0.1:\(upstream.port)")
        }
    }

    /// Keeps all that is logged, for a test to search.
    private final class Everything: LogHandler, @unchecked Sendable {
        // Not `Sendable` by itself only because of these two, which nobody changes here.
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace
        private let kept: Mutex<String>
        init() { kept = Mutex("") }

        var text: String { kept.withLock { $0 } }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }

        func log(event: LogEvent) {
            kept.withLock { $0 += "\(event.message) \(event.metadata ?? [:])\n" }
        }
    }

    @Test func `planted secrets are in no log, no metric, no error and no page of the admin API`() async throws {
        let everything = Everything()
        let refusal = #"{"error":{"message":"bad key sk-upstream-canary-0123456789 at https://internal.example/v1"}}"#
        try await FakeUpstream.with({ request in
            request.text.contains("PROMPT-OK") ? .whole(Sample.chat) : .whole(refusal, status: 401)
        }) { upstream in
            var changes = Administration.ChannelChanges()
            changes.baseURL = .set(upstream.url)
            changes.keys = .set([Secret("sk-upstream-canary-0123456789")])
            changes.models = .set(["m"])
            let wanted = changes
            try await TestServer.run(
                logger: Logger(label: "test") { _ in everything },
                configure: { $0.apiKeys = ["sk-client-canary-0123456789"] },
                prepare: { _ = try await $0.createChannel(provider: "openai", wanted) }
            ) { server in
                let key = ["Authorization": "Bearer sk-client-canary-0123456789"]
                var seen = ""
                for prompt in ["PROMPT-OK canary", "PROMPT-BAD canary"] {
                    let body = #"{"model":"m","messages":[{"role":"user","content":"\#(prompt)"}]}"#
                    let response = try #require(
                        try await server.post(body, to: "/v1/chat/completions?key=canary-query", headers: key)
                    )
                    seen += response.body
                    seen += response.headers.map { "\($0): \($1)" }.joined()
                }
                for path in ["channels", "keys", "users", "logs", "usage", "prices"] {
                    seen += try #require(try await server.admin("GET", path)).body
                }
                seen += try #require(try await server.request("GET", "/metrics")).body
                #expect(!seen.contains("canary"))
                #expect(!seen.contains("internal.example"))
            }
        }
        #expect(!everything.text.isEmpty)
        #expect(!everything.text.contains("canary"))
    }

    @Test(arguments: [("7", 200, "8"), ("8", 508, nil), ("many", 508, nil), ("-3", 200, "1")])
    func `a request that goes round in circles ends`(hops: String, status: Int, passedOn: String?) async throws {
        try await FakeUpstream.relayed(answering: { _ in .whole(Sample.chat) }) { server, upstream in
            let headers = ["x-elk-hops": hops]
            let response = try await server.post(Sample.request, to: "/v1/chat/completions", headers: headers)
            #expect(response?.status == status)
            #expect(upstream.requests.first?.header("x-elk-hops") == passedOn)
        }
    }

    @Test func `bodies that together are more than fit are refused, and room that was taken comes back`() async throws {
        let long = #"{"model":"m","messages":[{"role":"user","content":"\#(String(repeating: "a", count: 2000))"}]}"#
        try await FakeUpstream.relayed(server: { ($0.maxBodyBytes, $0.maxBufferedBytes) = (3000, 3000) }) { _ in
            .whole(Sample.chat)
        } _: { server, _ in
            let headers = ["Content-Length": "\(long.utf8.count)", "Content-Type": "application/json"]
            // Whichever body comes second is refused: where the server was slow to read the first half, that was this one.
            var (refused, finished): (Int?, Int?)
            for attempt in 1...20 where finished != 200 {
                let slow = try await RawClient(port: server.port)
                try await slow.send(TestServer.message("POST", "/v1/chat/completions", headers: headers))
                try await slow.send(String(long.prefix(1500)))
                try await Task.sleep(for: .milliseconds(50 * attempt))
                refused = try await server.post(long, to: "/v1/chat/completions")?.status
                guard refused == 503 else { continue }
                try? await slow.send(String(long.dropFirst(1500)))
                finished = await slow.response()?.status
            }
            #expect(refused == 503 && finished == 200)
            var after: Int? = 503
            for _ in 0..<100 where after == 503 {
                after = try await server.post(long, to: "/v1/chat/completions")?.status
            }
            #expect(after == 200)
        }
    }
}
