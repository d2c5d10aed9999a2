import ElkGateway
import ElkStorage
import ElkTestSupport
import NIOCore
import Testing

/// Answers of the Responses API are kept by Elk, whichever upstream made them (GC 1.4.4).
@Suite(.timeLimit(.minutes(3)))
struct StoredResponseTests {
    private static let answer =
        #"{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"m","output":[{"type":"reasoning","id":"rs_1","summary":[]},{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hello","annotations":[]}]}],"usage":{"input_tokens":9,"output_tokens":4,"total_tokens":13}}"#

    private static let events = [
        #"{"type":"response.created","sequence_number":0,"response":{"id":"resp_2","object":"response","status":"in_progress","output":[]}}"#,
        #"{"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"type":"message","id":"msg_1","role":"assistant","status":"in_progress","content":[]}}"#,
        #"{"type":"response.output_text.delta","sequence_number":2,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"Hel"}"#,
        #"{"type":"response.output_text.delta","sequence_number":3,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"lo"}"#,
        #"{"type":"response.completed","sequence_number":4,"response":{"id":"resp_2","object":"response","status":"completed","output":[{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hello","annotations":[]}]}],"usage":{"input_tokens":9,"output_tokens":4,"total_tokens":13}}}"#,
    ].map { data in
        "event: \(data.split(separator: "\"")[3])\ndata: \(data)\n\n"
    }

    private static func body(_ members: String = "") -> String { #"{"model":"m","input":"Hi"\#(members)}"# }

    @Test func `an answer can be asked for again, with what it was made from, and deleted`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .whole(Self.answer) }) { server, upstream in
            #expect(try await server.post(Self.body(), to: "/v1/responses")?.body == Self.answer)
            #expect(try await server.request("GET", "/v1/responses/resp_1")?.body == Self.answer)
            let items = try #require(try await server.request("GET", "/v1/responses/resp_1/input_items"))
            #expect(
                items.body.hasPrefix(#"{"object":"list","data":[{"id":"resp_1_in_0","type":"message","role":"user""#)
            )
            #expect(items.body.contains(#""has_more":false"#))
            let deleted = try #require(try await server.request("DELETE", "/v1/responses/resp_1"))
            #expect(deleted.body == #"{"id":"resp_1","object":"response","deleted":true}"#)
            #expect(try await server.request("GET", "/v1/responses/resp_1")?.status == 404)
            #expect(try await server.request("DELETE", "/v1/responses/resp_1")?.status == 404)
            // Asking again went to nobody.
            #expect(upstream.requests.count == 1)
        }
    }

    @Test func `one that must not be stored is not`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .whole(Self.answer) }) { server, _ in
            _ = try await server.post(Self.body(#","store":false"#), to: "/v1/responses")
            #expect(try await server.request("GET", "/v1/responses/resp_1")?.status == 404)
        }
    }

    @Test(arguments: 0...4)
    func `a stream is resumed after any of its events, byte for byte`(number: Int) async throws {
        try await FakeUpstream.relayed(answering: { _ in .events(Self.events) }) { server, _ in
            let first = try #require(try await server.post(Self.body(#","stream":true"#), to: "/v1/responses"))
            #expect(first.body == Self.events.joined())
            let path = "/v1/responses/resp_2?stream=true"
            let again = try #require(try await server.request("GET", path))
            #expect(again.body == first.body)
            #expect(again.headers["content-type"]?.hasPrefix("text/event-stream") == true)
            let tail = try #require(try await server.request("GET", "\(path)&starting_after=\(number)"))
            #expect(tail.body == Self.events[(number + 1)...].joined())
        }
    }

    @Test func `one that was not streamed can be streamed afterwards`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .whole(Self.answer) }) { server, _ in
            _ = try await server.post(Self.body(), to: "/v1/responses")
            let stream = try #require(try await server.request("GET", "/v1/responses/resp_1?stream=true"))
            #expect(stream.body.hasPrefix("event: response.created\n"))
            #expect(stream.body.contains("event: response.output_item.done\n"))
            #expect(stream.body.contains("event: response.completed\n"))
        }
    }

    @Test func `the conversation goes on where it was, without the provider's memory`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .whole(Self.answer) }) { server, upstream in
            _ = try await server.post(Self.body(), to: "/v1/responses")
            let next = try await server.post(
                #"{"model":"m","input":"And now?","previous_response_id":"resp_1"}"#,
                to: "/v1/responses"
            )
            #expect(next?.status == 200)
            let sent = try #require(upstream.requests.last).text
            #expect(!sent.contains("previous_response_id"))
            #expect(
                sent.contains(#""text":"Hi""#) && sent.contains(#""text":"Hello""#)
                    && sent.contains(#""text":"And now?""#)
            )
            // What only its maker knows by these names stays out.
            #expect(!sent.contains("msg_1") && !sent.contains("rs_1"))
        }
    }

    @Test func `another's answer is as good as none`() async throws {
        try await FakeUpstream.relayed(
            prepare: { administration in
                _ = try await administration.createUser(name: "anna", isUnlimited: true)
                _ = try await administration.createUser(name: "ben", isUnlimited: true)
            },
            answering: { _ in .whole(Self.answer) }
        ) { server, upstream in
            let anna = try await server.administration.createKey(name: "a", user: "anna").text.reveal()
            let ben = try await server.administration.createKey(name: "b", user: "ben").text.reveal()
            try await server.backend.reload()
            let owner = ["Authorization": "Bearer \(anna)"]
            let stranger = ["Authorization": "Bearer \(ben)"]
            #expect(try await server.post(Self.body(), to: "/v1/responses", headers: owner)?.status == 200)
            for (method, path) in [
                ("GET", "resp_1"), ("DELETE", "resp_1"), ("POST", "resp_1/cancel"), ("GET", "resp_1/input_items"),
            ] {
                #expect(try await server.request(method, "/v1/responses/\(path)", headers: stranger)?.status == 404)
            }
            let stolen = #"{"model":"m","input":"x","previous_response_id":"resp_1"}"#
            let refused = try #require(try await server.post(stolen, to: "/v1/responses", headers: stranger))
            #expect(refused.status == 400)
            #expect(refused.body.contains("previous_response_not_found"))
            #expect(upstream.requests.count == 1)
            #expect(try await server.request("GET", "/v1/responses/resp_1", headers: owner)?.status == 200)
            let ended = try #require(try await server.request("POST", "/v1/responses/resp_1/cancel", headers: owner))
            #expect(ended.status == 400)
        }
    }

    @Test func `a stream whose client leaves is kept as cancelled`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .events(Array(Self.events.prefix(3)), ends: false) }) {
            server,
            _ in
            let client = try await RawClient(port: server.port)
            try await client.send(
                TestServer.message("POST", "/v1/responses", body: Self.body(#","stream":true"#))
            )
            #expect(await client.text(containing: "Hel") != nil)
            try await client.close()
            var status = ""
            for _ in 0..<100 where status.isEmpty {
                try await Task.sleep(for: .milliseconds(20))
                let found = try await server.request("GET", "/v1/responses/resp_2")
                if found?.status == 200 { status = found?.body ?? "" }
            }
            #expect(status.contains(#""status":"cancelled""#))
        }
    }

    @Test func `one that is made in the background is asked for until it is there`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .whole(Self.answer).after(.milliseconds(100)) }) {
            server,
            upstream in
            let started = try #require(try await server.post(Self.body(#","background":true"#), to: "/v1/responses"))
            #expect(started.body.contains(#""status":"queued""#))
            let id = try #require(started.body.split(separator: "\"").first { $0.hasPrefix("resp_") })
            var found = ""
            for _ in 0..<100 where !found.contains(#""status":"completed""#) {
                try await Task.sleep(for: .milliseconds(20))
                found = try await server.request("GET", "/v1/responses/\(id)")?.body ?? ""
            }
            #expect(found.contains(#""text":"Hello""#) && found.contains(#""id":"\#(id)""#))
            #expect(upstream.requests.first?.text.contains("background") == false)
        }
    }

    @Test func `one that is made in the background can be stopped`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .stall }) { server, upstream in
            let started = try #require(try await server.post(Self.body(#","background":true"#), to: "/v1/responses"))
            let id = try #require(started.body.split(separator: "\"").first { $0.hasPrefix("resp_") })
            #expect(await upstream.wait { $0.requests.count == 1 })
            let stopped = try #require(try await server.request("POST", "/v1/responses/\(id)/cancel"))
            #expect(stopped.body.contains(#""status":"cancelled""#))
            #expect(await upstream.wait { $0.abandoned == 1 })
        }
    }

    @Test func `pages of input items follow each other`() async throws {
        try await FakeUpstream.relayed(answering: { _ in .whole(Self.answer) }) { server, _ in
            let items = (0..<5).map { #"{"role":"user","content":"\#($0)"}"# }.joined(separator: ",")
            _ = try await server.post("{\"model\":\"m\",\"input\":[\(items)]}", to: "/v1/responses")
            let path = "/v1/responses/resp_1/input_items?order=asc&limit=2"
            let first = try #require(try await server.request("GET", path))
            #expect(first.body.contains(#""first_id":"resp_1_in_0","last_id":"resp_1_in_1","has_more":true"#))
            let last = try #require(try await server.request("GET", path + "&after=resp_1_in_3"))
            #expect(last.body.contains(#""first_id":"resp_1_in_4","last_id":"resp_1_in_4","has_more":false"#))
            for wrong in ["limit=0", "limit=101", "order=up"] {
                #expect(try await server.request("GET", "/v1/responses/resp_1/input_items?\(wrong)")?.status == 400)
            }
        }
    }
}
