import ElkGateway
import ElkTestSupport
import ElkWire
import NIOCore
import Testing

/// The end of a job is told to an address of the client's.
@Suite(.timeLimit(.minutes(3)))
struct JobWebhookTests {
    private static let secret = WebhookSecret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")

    @Test func `a webhook is tried until it is taken, under one id`() async throws {
        try await FakeUpstream.with({ $0.number < 3 ? .whole("{}", status: 500) : .whole("{}") }) { listener in
            try await JobServer.run(change: {
                $0.webhookSecret = Self.secret
                $0.allowsPrivateWebhooks = true
                $0.webhookPauses = [0, 0, 0, 0]
            }) { server in
                let form = TestForm(("webhook_url", listener.url + "/hook?a=b"))
                let path = try #require(
                    try await server.post(form, headers: JobRoutesTests.prefer)?.headers["location"]
                )
                let told = try await server.poll(path) { $0["webhook"]?["status"]?.string == "delivered" }
                #expect(told["webhook"]?["attempts"]?.int == 3)
                let requests = listener.requests
                #expect(requests.count == 3)
                #expect(Set(requests.map { $0.header("webhook-id") }).count == 1)
                let request = try #require(requests.last)
                #expect(request.method == "POST")
                #expect(request.path == "/hook?a=b")
                #expect(request.header("content-type") == "application/json")
                let event = try JSONSlice(validating: request.body)
                #expect(event["type"]?.string == "audio.job.completed")
                #expect(event["id"]?.string == request.header("webhook-id"))
                #expect(event["data"]?["id"]?.string == told["id"]?.string)
                #expect(event["data"]?["result"] == nil)
                #expect(request.header("webhook-timestamp").flatMap { Int($0) } != nil)
                #expect(request.header("webhook-signature")?.hasPrefix("v1,") == true)
            }
        }
    }

    @Test func `one that is never taken is given up, and the job is none the worse`() async throws {
        try await FakeUpstream.with({ _ in .whole("{}", status: 503) }) { listener in
            try await JobServer.run(change: {
                $0.webhookSecret = Self.secret
                $0.allowsPrivateWebhooks = true
                $0.webhookPauses = [0, 0]
            }) { server in
                let form = TestForm(("webhook_url", listener.url))
                let path = try #require(
                    try await server.post(form, headers: JobRoutesTests.prefer)?.headers["location"]
                )
                let told = try await server.poll(path) { $0["webhook"]?["status"]?.string == "failed" }
                #expect(told["status"]?.string == "completed")
                #expect(listener.requests.count == 2)
            }
        }
    }

    @Test func `an address that answers a redirect or that it is gone is not followed`() async throws {
        try await FakeUpstream.with({ request in
            request.path == "/gone"
                ? .whole("", status: 410)
                : .whole("", status: 302, headers: [("location", "http://127.0.0.1:1/")])
        }) { listener in
            try await JobServer.run(change: {
                $0.webhookSecret = Self.secret
                $0.allowsPrivateWebhooks = true
                $0.webhookPauses = [0]
            }) { server in
                for path in ["/gone", "/moved"] {
                    let form = TestForm(("webhook_url", listener.url + path))
                    let made = try await server.post(form, headers: JobRoutesTests.prefer)
                    let job = try #require(made?.headers["location"])
                    _ = try await server.poll(job) { $0["webhook"]?["status"]?.string == "failed" }
                }
                #expect(listener.requests.map(\.path).sorted() == ["/gone", "/moved"])
            }
        }
    }

    @Test(arguments: ["http://127.0.0.1:8080/", "https://127.0.0.1/", "https://[::1]/", "https://db.internal/", "x"])
    func `no webhook reaches what is behind the server`(url: String) async throws {
        try await JobServer.run(change: { $0.webhookSecret = Self.secret }) { server in
            let refused = try await server.post(TestForm(("webhook_url", url)), headers: JobRoutesTests.prefer)
            #expect(refused?.status == 400)
            #expect(refused?.body.contains(#""param":"webhook_url""#) == true)
        }
    }

    @Test func `without a secret there are no webhooks`() async throws {
        try await JobServer.run { server in
            let form = TestForm(("webhook_url", "https://example.com/"))
            let refused = try await server.post(form, headers: JobRoutesTests.prefer)
            #expect(refused?.status == 400)
            #expect(refused?.body.contains("sends no webhooks") == true)
        }
    }
}
