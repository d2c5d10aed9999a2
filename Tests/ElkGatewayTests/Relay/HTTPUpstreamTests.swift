import ElkGateway
import ElkProviders
import ElkTestSupport
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct HTTPUpstreamTests {
    static func request(_ fake: FakeUpstream, body: String = "{}", headers: [(name: String, value: String)] = [])
        -> UpstreamRequest
    {
        UpstreamRequest(
            method: .post,
            isSecure: false,
            host: "127.0.0.1",
            port: fake.port,
            path: "/v1/x?a=b",
            headers: headers,
            body: ByteBuffer(string: body)
        )
    }

    static func text(_ body: UpstreamExchange) async throws -> String {
        var text = ""
        while true {
            switch await body.next() {
            case .bytes(let bytes): text += String(buffer: bytes)
            case .end: return text
            case .failed(let error): throw error
            case .quiet: break
            }
        }
    }

    static func ask(_ upstream: HTTPUpstream, _ fake: FakeUpstream, _ timeouts: UpstreamTimeouts = .patient)
        async throws -> String
    {
        let (_, body) = try await upstream.send(request(fake), reach: .operatorSet, timeouts: timeouts)
        return try await text(body)
    }

    @Test func `sends what it was given and nothing of its own but framing`() async throws {
        try await FakeUpstream.with { _ in
            .whole("ok")
        } _: { fake async throws in
            let upstream = HTTPUpstream(configuration: .quick)
            let body = String(repeating: "é", count: 300_000)
            let (head, exchange) = try await upstream.send(
                Self.request(fake, body: body, headers: [("authorization", "Bearer x"), ("x-empty", "")]),
                reach: .operatorSet,
                timeouts: .patient
            )
            #expect(head.status == 200)
            #expect(try await Self.text(exchange) == "ok")
            let got = try #require(fake.requests.first)
            #expect(got.method == "POST")
            #expect(got.path == "/v1/x?a=b")
            #expect(got.text == body)
            #expect(
                Set(got.headers.map(\.name)) == [
                    "host", "accept-encoding", "user-agent", "content-length", "authorization", "x-empty",
                ]
            )
            #expect(got.header("host") == "127.0.0.1:\(fake.port)")
            #expect(got.header("accept-encoding") == "identity")
        }
    }

    @Test(arguments: [
        ("x", "a\r\nhost: evil"), ("x", "a\nb"), ("x", "a\0b"), ("x y", "a"), ("x\r\n", "a"), ("", "a"),
        ("host", "evil"),
        ("content-length", "0"), ("transfer-encoding", "chunked"), ("connection", "upgrade"),
    ])
    func `a field that could become another is never sent`(name: String, value: String) async throws {
        try await FakeUpstream.with { _ in
            .whole("ok")
        } _: { fake async throws in
            let upstream = HTTPUpstream(configuration: .quick)
            await #expect(throws: UpstreamError.self) {
                _ = try await upstream.send(Self.request(fake, headers: [(name, value)]), reach: .operatorSet)
            }
            for path in ["/a b", "/a\r\nb", "x", ""] {
                var request = Self.request(fake)
                request.path = path
                await #expect(throws: UpstreamError.self) { _ = try await upstream.send(request, reach: .operatorSet) }
            }
            #expect(fake.requests.isEmpty)
        }
    }

    @Test func `keeps its connection, and opens another only while that is busy`() async throws {
        try await FakeUpstream.with { _ in
            .whole("ok")
        } _: { fake async throws in
            let upstream = HTTPUpstream(group: OneLoop.group, configuration: .quick)
            for _ in 0..<10 { #expect(try await Self.ask(upstream, fake) == "ok") }
            #expect(fake.connections == 1)
        }
    }

    @Test func `a kept connection that the provider has closed costs no request`() async throws {
        try await FakeUpstream.with { request in
            // The first connection answers once and closes on its second request, as if it had been idle for too long.
            request.connection == 1 && request.ordinal == 2 ? .close : .whole("ok")
        } _: { fake async throws in
            let upstream = HTTPUpstream(group: OneLoop.group, configuration: .quick)
            for _ in 0..<3 { #expect(try await Self.ask(upstream, fake) == "ok") }
            #expect(fake.connections == 2)
            #expect(fake.requests.count == 4)
        }
    }

    @Test func `a fresh connection that closes is not tried again`() async throws {
        try await FakeUpstream.with { _ in
            .close
        } _: { fake async throws in
            let upstream = HTTPUpstream(configuration: .quick)
            await #expect(throws: UpstreamError.cut) { try await Self.ask(upstream, fake) }
            #expect(fake.requests.count == 1)
        }
    }

    @Test func `once something of the answer has come there is no second try`() async throws {
        try await FakeUpstream.with { request in
            request.ordinal == 1 ? .whole("ok") : .raw("HTTP/1.1 200 OK\r\nContent-", then: .close)
        } _: { fake async throws in
            let upstream = HTTPUpstream(group: OneLoop.group, configuration: .quick)
            #expect(try await Self.ask(upstream, fake) == "ok")
            await #expect(throws: UpstreamError.cut) { try await Self.ask(upstream, fake) }
            #expect(fake.requests.count == 2)
        }
    }

    @Test func `each phase has its timeout`() async throws {
        var timeouts = UpstreamTimeouts.patient
        timeouts.firstByte = .milliseconds(200)
        let upstream = HTTPUpstream(configuration: .quick)
        try await FakeUpstream.with { _ in
            .stall
        } _: { fake async throws in
            await #expect(throws: UpstreamError.firstByteTimeout) { try await Self.ask(upstream, fake, timeouts) }
            #expect(await fake.wait { $0.abandoned == 1 })
        }
        timeouts.firstByte = .seconds(60)
        timeouts.idle = .milliseconds(800)
        let half = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"
        try await FakeUpstream.with { _ in
            .raw(half, then: .stall)
        } _: { fake async throws in
            await #expect(throws: UpstreamError.idleTimeout) { try await Self.ask(upstream, fake, timeouts) }
            #expect(await fake.wait { $0.abandoned == 1 })
        }
        // Steady but slow is not idle: longer in all than the limit, each pause far below it.
        timeouts.idle = .seconds(4)
        let steady = timeouts
        try await FakeUpstream.with { _ in
            .events(["a", "b", "c", "d", "e", "f"], every: .seconds(1))
        } _: { fake async throws in
            #expect(try await Self.ask(upstream, fake, steady) == "abcdef")
        }
    }

    @Test func `a consumer that is slow is not taken for a silent provider`() async throws {
        let timeouts = UpstreamTimeouts(connect: .seconds(60), idle: .seconds(10))
        let answer = FakeAnswer.endless(String(repeating: "x", count: 10_000), times: 1_000)
        try await FakeUpstream.with { _ in
            answer
        } _: { fake async throws in
            let upstream = HTTPUpstream(configuration: .quick)
            let (_, body) = try await upstream.send(Self.request(fake), reach: .operatorSet, timeouts: timeouts)
            try await Task.sleep(for: .seconds(13))
            #expect(try await Self.text(body).utf8.count == 10_000_000)
        }
    }

    @Test func `nobody listens`() async throws {
        let fake = try await FakeUpstream.start { _ in .whole("ok") }
        await fake.stop()
        let upstream = HTTPUpstream(configuration: .quick)
        let error = await #expect(throws: UpstreamError.self) { try await Self.ask(upstream, fake) }
        #expect(error?.isBeforeSending == true)
    }

    @Test func `a name that does not exist`() async throws {
        let upstream = HTTPUpstream(configuration: .quick)
        var request = UpstreamRequest.get("no-such-host.invalid")
        request.port = 80
        let error = await #expect(throws: UpstreamError.self) {
            _ = try await upstream.send(request, reach: .operatorSet)
        }
        #expect(error?.isBeforeSending == true)
    }

    @Test func `what comes after an answer ends the connection`() async throws {
        try await FakeUpstream.with { _ in
            .raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        } _: { fake async throws in
            let upstream = HTTPUpstream(group: OneLoop.group, configuration: .quick)
            for _ in 0..<3 { #expect(try await Self.ask(upstream, fake) == "ok") }
            #expect(fake.connections == 3)
        }
    }

    @Test func `a head over the limit and a broken one are faults`() async throws {
        let upstream = HTTPUpstream(configuration: .quick)
        for text in [
            "HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n",
        ] {
            try await FakeUpstream.with { _ in
                .raw(text, then: .stall)
            } _: { fake async throws in
                let error = await #expect(throws: UpstreamError.self) { try await Self.ask(upstream, fake) }
                guard case .malformed = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(await fake.wait { $0.abandoned == 1 })
            }
        }
    }

    @Test func `a reset in the middle is a cut`() async throws {
        try await FakeUpstream.with { _ in
            .raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", then: .reset)
        } _: { fake async throws in
            let upstream = HTTPUpstream(configuration: .quick)
            await #expect(throws: UpstreamError.cut) { try await Self.ask(upstream, fake) }
        }
    }

    @Test func `cancelling the task closes the connection, whatever the phase`() async throws {
        try await FakeUpstream.with { _ in
            .stall
        } _: { fake async throws in
            let upstream = HTTPUpstream(configuration: .quick)
            let task = Task { try await Self.ask(upstream, fake) }
            #expect(await fake.wait { $0.requests.count == 1 })
            task.cancel()
            await #expect(throws: UpstreamError.cancelled) { try await task.value }
            #expect(await fake.wait { $0.abandoned == 1 })
        }
    }

    @Test func `connections to one host are bounded, those beyond wait their turn`() async throws {
        var configuration = UpstreamConfiguration.quick
        configuration.connectionsPerHost = 2
        let limited = configuration
        try await FakeUpstream.with { _ in
            FakeAnswer.whole("ok").after(.milliseconds(100))
        } _: { fake async throws in
            let upstream = HTTPUpstream(group: OneLoop.group, configuration: limited)
            let answers = await withTaskGroup { group in
                for _ in 0..<6 { group.addTask { try? await Self.ask(upstream, fake) } }
                var answers: [String?] = []
                for await answer in group { answers.append(answer) }
                return answers
            }
            // Two run, two wait, the rest is too much.
            #expect(answers.compactMap(\.self).count == 4)
            #expect(fake.connections == 2)
        }
    }

    @Test func `a thousand streams at once`() async throws {
        let answer = FakeAnswer.events((0..<5).map { "event \($0)\n" }, every: .milliseconds(50))
        try await FakeUpstream.with { _ in
            answer
        } _: { fake async throws in
            let upstream = HTTPUpstream(configuration: .quick)
            let good = await withTaskGroup { group in
                for _ in 0..<1000 {
                    group.addTask {
                        (try? await Self.ask(upstream, fake)) == "event 0\nevent 1\nevent 2\nevent 3\nevent 4\n"
                    }
                }
                var good = 0
                for await isGood in group where isGood { good += 1 }
                return good
            }
            #expect(good == 1000)
        }
    }
}

extension UpstreamTimeouts {
    /// For a machine that does much else.
    static let patient = UpstreamTimeouts(connect: .seconds(60))
}
