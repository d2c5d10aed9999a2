import ElkGateway
import ElkServer
import ElkStorage
import ElkTestSupport
import Testing

@Suite(.timeLimit(.minutes(3)))
struct AdminRoutesTests {
    private static let paths = [
        ("GET", "users"), ("POST", "users"), ("GET", "groups"), ("POST", "groups"), ("GET", "keys"), ("POST", "keys"),
        ("GET", "channels"), ("POST", "channels"), ("POST", "channels/one/test"), ("GET", "providers"),
        ("GET", "prices"),
        ("POST", "prices"), ("POST", "prices/import"), ("GET", "usage"), ("GET", "logs"), ("GET", "ledger"),
        ("DELETE", "users/local"), ("PATCH", "keys/x"), ("POST", "users/local/credit"), ("GET", "nothing"),
    ]

    @Test(arguments: paths)
    func `nobody but the operator is let in`(method: String, path: String) async throws {
        try await TestServer.run(configure: { $0.apiKeys = ["sk-settings"] }) { server in
            let key = try await server.administration.createKey(name: "k").text.reveal()
            try await server.backend.reload()
            for credential in [nil, "Bearer \(key)", "Bearer sk-settings", "Bearer elk-root-wrong", "Bearer "] {
                let headers = credential.map { ["Authorization": $0] } ?? [:]
                let response = try #require(
                    try await server.request(method, "/api/admin/\(path)", headers: headers, body: "{}")
                )
                #expect(response.status == 401)
                #expect(response.body.contains("invalid_root_key"))
            }
        }
    }

    @Test func `the root credential opens nothing but the administration`() async throws {
        try await TestServer.run { server in
            _ = try await server.administration.createKey(name: "k")
            try await server.backend.reload()
            let root = ["Authorization": "Bearer \(TestServer.rootKey)"]
            #expect(try await server.request("GET", "/v1/models", headers: root)?.status == 401)
            #expect(try await server.post(Sample.request, to: "/v1/chat/completions", headers: root)?.status == 401)
        }
    }

    @Test func `a key is made, seen once, limited, used and deleted`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .whole(Sample.chat) }) { server, _ in
            let made = try #require(
                try await server.admin("POST", "keys", #"{"name":"first","models":["m"],"requests_per_minute":2}"#)
            )
            #expect(made.status == 201)
            #expect(made.headers["cache-control"] == "no-store")
            let key = try #require(made.body.split(separator: "\"").first { $0.hasPrefix("sk-") && $0.count > 40 })
            for page in ["keys", "keys/first"] {
                let shown = try #require(try await server.admin("GET", page))
                #expect(shown.body.contains("first"))
                #expect(!shown.body.contains(key))
            }
            let headers = ["Authorization": "Bearer \(key)"]
            // The next request sees it, and that keys are asked for now.
            #expect(try await server.post(Sample.request, to: "/v1/chat/completions")?.status == 401)
            let answer = try #require(
                try await server.post(Sample.request, to: "/v1/chat/completions", headers: headers)
            )
            #expect(answer.status == 200)
            #expect(answer.headers["x-ratelimit-remaining-requests"] == "1")
            #expect(try await server.post(Sample.request, to: "/v1/chat/completions", headers: headers)?.status == 200)
            let refused = try #require(
                try await server.post(Sample.request, to: "/v1/chat/completions", headers: headers)
            )
            #expect(refused.status == 429)
            #expect(refused.headers["x-ratelimit-limit-requests"] == "2")
            #expect(refused.headers["x-ratelimit-remaining-requests"] == "0")
            #expect(refused.headers["x-ratelimit-reset-requests"]?.hasSuffix("s") == true)
            let changed = try #require(
                try await server.admin("PATCH", "keys/first", #"{"requests_per_minute":null,"models":["other"]}"#)
            )
            #expect(!changed.body.contains("requests_per_minute"))
            #expect(try await server.post(Sample.request, to: "/v1/chat/completions", headers: headers)?.status == 403)
            #expect(try await server.admin("DELETE", "keys/first")?.status == 200)
            #expect(try await server.admin("GET", "keys/first")?.status == 404)
        }
    }

    @Test func `users have groups, balances and movements`() async throws {
        try await TestServer.run { server in
            #expect(try await server.admin("POST", "groups", #"{"name":"vip","factor_ppm":500000}"#)?.status == 201)
            let user = try #require(
                try await server.admin("POST", "users", #"{"name":"anna","group":"vip","balance":"12.50"}"#)
            )
            #expect(user.body.contains(#""balance":"12.5""#))
            let credit = #"{"amount":"-2.5","note":"fee","operation":"fee-1"}"#
            #expect(try await server.admin("POST", "users/anna/credit", credit)?.body == #"{"balance":"10"}"#)
            // The same operation again moves nothing.
            #expect(try await server.admin("POST", "users/anna/credit", credit)?.body == #"{"balance":"10"}"#)
            #expect(try await server.admin("POST", "users/anna/credit", #"{"amount":"-11"}"#)?.status == 409)
            #expect(try await server.admin("POST", "users/anna/credit", #"{"amount":"1e3"}"#)?.status == 400)
            let movements = try #require(try await server.admin("GET", "users/anna/movements"))
            #expect(movements.body.contains(#""note":"fee""#))
            #expect(try await server.admin("GET", "ledger")?.body.contains(#""sound":true"#) == true)
            #expect(try await server.admin("POST", "users", #"{"name":"anna"}"#)?.status == 409)
            #expect(try await server.admin("POST", "users", #"{"name":"x","group":"none"}"#)?.status == 404)
            #expect(try await server.admin("DELETE", "groups/vip")?.status == 409)
            #expect(try await server.admin("DELETE", "users/local")?.status == 409)
            #expect(try await server.admin("DELETE", "users/anna")?.status == 200)
        }
    }

    @Test func `channels are made, tested, changed and never show their keys`() async throws {
        try await FakeUpstream.with({ request in
            request.header("authorization") == "Bearer sk-good-0123456789-0123456789"
                ? .whole(Sample.chat) : .whole("{}", status: 401)
        }) { upstream in
            try await TestServer.run { server in
                let body =
                    #"{"provider":"openai","name":"mine","base_url":"\#(upstream.url)","keys":["sk-good-0123456789-0123456789"],"models":["m"]}"#
                let made = try #require(try await server.admin("POST", "channels", body))
                #expect(made.status == 201)
                #expect(!made.body.contains("sk-good-0123456789-0123456789"))
                let good = try #require(try await server.admin("POST", "channels/mine/test"))
                #expect(good.body.contains(#""ok":true"#))
                #expect(try await server.post(Sample.request, to: "/v1/chat/completions")?.status == 200)
                _ = try await server.admin("PATCH", "channels/mine", #"{"keys":["sk-bad"],"enabled":false}"#)
                let bad = try #require(try await server.admin("POST", "channels/mine/test"))
                #expect(bad.body.contains(#""ok":false"#))
                #expect(bad.body.contains(#""status":401"#))
                #expect(try await server.post(Sample.request, to: "/v1/chat/completions")?.status != 200)
                for wrong in [
                    #"{"provider":"nobody"}"#, #"{"provider":"openai"}"#, #"{"provider":"openai","keys":["a\nb"]}"#,
                    #"{"provider":"openai","keys":["k"],"base_url":"http://a@b/"}"#,
                    #"{"provider":"openai","keys":["k"],"models":["a b"]}"#,
                    #"{"provider":"openai","keys":["k"],"overrides":"[]"}"#, #"{"provider":5}"#, "{",
                ] {
                    #expect(try await server.admin("POST", "channels", wrong)?.status == 400)
                }
                #expect(try await server.admin("DELETE", "channels/mine")?.status == 200)
            }
        }
    }

    @Test func `prices come from the starter list, one by one, and go`() async throws {
        try await TestServer.run { server in
            #expect(try await server.admin("POST", "prices/import")?.status == 200)
            let list = try #require(try await server.admin("GET", "prices"))
            #expect(list.body.contains("claude-sonnet-4*"))
            let saved = try await server.admin("POST", "prices", #"[{"model":"a/b","input":"1.5","request":"0.01"}]"#)
            #expect(saved?.body == #"{"data":[{"input":"1.5","model":"a/b","request":"0.01"}]}"#)
            #expect(try await server.admin("POST", "prices", #"[{"model":"x","input":"-1"}]"#)?.status == 400)
            #expect(try await server.admin("POST", "prices", #"[{"model":"x","input":"free"}]"#)?.status == 400)
            #expect(try await server.admin("DELETE", "prices/a/b")?.status == 200)
        }
    }

    @Test func `the log and the sums show what was used`() async throws {
        try await FakeUpstream.relayed(
            prepare: { administration in
                try await administration.savePrices([
                    Price(model: "m", input: Money("1"), output: Money("2"), created: 0)
                ])
            },
            answering: { _ in .whole(Sample.chat) }
        ) { server, _ in
            let response = try #require(try await server.post(Sample.request, to: "/v1/chat/completions"))
            let id = try #require(response.headers["x-request-id"])
            var row = try await server.admin("GET", "logs/\(id)")
            for _ in 0..<100 where row?.status != 200 {
                try await Task.sleep(for: .milliseconds(20))
                row = try await server.admin("GET", "logs/\(id)")
            }
            // 9 at a dollar and 4 at two, for a million.
            #expect(row?.body.contains(#""cost":"0.000017""#) == true)
            #expect(row?.body.contains(#""outcome":"completed""#) == true)
            #expect(try await server.admin("GET", "logs?model=m")?.body.contains(id) == true)
            #expect(try await server.admin("GET", "logs?model=none")?.body == #"{"data":[]}"#)
            let usage = try #require(try await server.admin("GET", "usage?by=model"))
            #expect(usage.body.contains(#""label":"m""#))
            #expect(try await server.admin("GET", "usage?by=colour")?.status == 400)
        }
    }
}
