import ElkGateway
import ElkStorage
import ElkTestSupport
import Testing

@Suite(.timeLimit(.minutes(3)))
struct AccountRoutesTests {
    private static func prepare(_ administration: Administration) async throws {
        _ = try await administration.createUser(name: "anna", balance: try #require(Money("10")))
        try await administration.savePrices([
            Price(model: "m", input: Money("100000"), output: Money("25000"), created: 0)
        ])
    }

    /// 9 tokens at 0.1 and 4 at 0.025 dollars.
    @Test func `a balance display adds up to the balance`() async throws {
        try await FakeUpstream.relayed(prepare: Self.prepare, answering: { _ in .whole(Sample.chat) }) { server, _ in
            let key = try await server.administration.createKey(name: "k", user: "anna").text.reveal()
            try await server.backend.reload()
            let headers = ["Authorization": "Bearer \(key)"]
            let body = #"{"model":"m","max_tokens":8,"messages":[{"role":"user","content":"Hi"}]}"#
            let response = try #require(try await server.post(body, to: "/v1/chat/completions", headers: headers))
            #expect(response.status == 200)
            #expect(response.headers["x-elk-cost"] == "1")
            let id = try #require(response.headers["x-request-id"])
            let generation = try #require(try await server.request("GET", "/v1/generations/\(id)", headers: headers))
            #expect(generation.status == 200)
            #expect(generation.body.contains(#""status":"completed""#))
            #expect(generation.body.contains(#""cost":"1""#))
            #expect(generation.body.contains(#""attempts":[{"#))
            let usage = try #require(try await server.request("GET", "/v1/dashboard/billing/usage", headers: headers))
            #expect(usage.body == #"{"object":"list","total_usage":100}"#)
            let subscription = try #require(
                try await server.request("GET", "/v1/dashboard/billing/subscription", headers: headers)
            )
            #expect(subscription.body.contains(#""hard_limit_usd":10,"#))
            let grants = try #require(
                try await server.request("GET", "/v1/dashboard/billing/credit_grants", headers: headers)
            )
            #expect(grants.body.contains(#""total_used":1,"total_available":9"#))
            let token = try #require(try await server.request("GET", "/api/usage/token", headers: headers))
            #expect(token.body.contains(#""total_granted":5000000,"total_used":500000,"total_available":4500000"#))
        }
    }

    @Test func `a key that no longer works still shows why`() async throws {
        try await FakeUpstream.relayed(prepare: Self.prepare, answering: { _ in .whole(Sample.chat) }) { server, _ in
            var limits = Administration.KeyLimits()
            limits.expires = .set(1)
            limits.isEnabled = .set(false)
            let key = try await server.administration.createKey(name: "old", user: "anna", limits: limits).text.reveal()
            try await server.backend.reload()
            let headers = ["Authorization": "Bearer \(key)"]
            #expect(try await server.post(Sample.request, to: "/v1/chat/completions", headers: headers)?.status == 401)
            let token = try #require(try await server.request("GET", "/api/usage/token", headers: headers))
            #expect(token.status == 200)
            #expect(token.body.contains(#""name":"old""#))
        }
    }

    @Test func `what a request cost is its owner's business alone, also after it was given up`() async throws {
        try await FakeUpstream.relayed(
            prepare: Self.prepare,
            answering: { _ in
                .events(Array(Sample.chatEvents.prefix(3)), ends: false)
            }
        ) { server, _ in
            let anna = try await server.administration.createKey(name: "a", user: "anna").text.reveal()
            let other = try await server.administration.createKey(name: "b").text.reveal()
            try await server.backend.reload()
            let client = try await RawClient(port: server.port)
            let headers = ["Authorization": "Bearer \(anna)"]
            try await client.send(
                TestServer.message(
                    "POST",
                    "/v1/chat/completions",
                    headers: headers,
                    body: #"{"model":"m","stream":true,"max_tokens":8,"messages":[{"role":"user","content":"Hi"}]}"#
                )
            )
            let head = try #require(await client.text(containing: "Hel"))
            let id = try #require(
                head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("x-request-id: ") }?.dropFirst(14)
            )
            try await client.close()
            var mine = try await server.request("GET", "/v1/generations/\(id)", headers: headers)
            for _ in 0..<20 where mine?.status != 200 {
                mine = try await server.request("GET", "/v1/generations/\(id)", headers: headers)
            }
            #expect(mine?.body.contains(#""status":"client_abort""#) == true)
            let theirs = ["Authorization": "Bearer \(other)"]
            #expect(try await server.request("GET", "/v1/generations/\(id)", headers: theirs)?.status == 404)
        }
    }

    @Test func `without keys the local account has no limit`() async throws {
        try await TestServer.run { server in
            let subscription = try #require(try await server.request("GET", "/v1/dashboard/billing/subscription"))
            #expect(subscription.body.contains(#""hard_limit_usd":100000000"#))
        }
    }
}
