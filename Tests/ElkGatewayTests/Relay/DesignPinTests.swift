import ElkGateway
import ElkStorage
import ElkTestSupport
import ElkWire
import NIOCore
import NIOPosix
import Testing

/// The three things that the design of the request path stands on.
@Suite(.timeLimit(.minutes(2))) struct DesignPinTests {
    @Test func `a client that leaves cancels the upstream and is settled once`() async throws {
        try await FakeUpstream.with { _ in
            .endless(Chat.delta("tick"))
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream)])
            let reply = try await test.chat(stream: true)
            let stream = try #require(reply.stream)
            for _ in 0..<3 { _ = try await stream.next() }
            stream.clientLeft()
            stream.clientLeft()
            #expect(try await stream.next() == nil)
            #expect(await upstream.wait { $0.abandoned == 1 })
            let rows = try await test.rows()
            #expect(rows.count == 1)
            #expect(rows.first?.outcome == "client_abort")
            #expect(rows.first?.source == "counted")
            #expect(test.settlement.occupied == 0)
        }
    }

    @Test func `a slow reader leaves the upstream waiting, and memory flat`() async throws {
        let event = Chat.delta(String(repeating: "x", count: 16_000))
        let times = (200 << 20) / event.utf8.count
        let answer = FakeAnswer.endless(event, times: times)
        try await FakeUpstream.with { _ in
            answer
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream)])
            let stream = try #require(try await test.chat(stream: true).stream)
            _ = try await stream.next()
            try await Task.sleep(for: .milliseconds(1500))
            // What is on the way: the kernel's buffers on both sides and our window.
            let waiting = upstream.bytesWritten
            #expect(waiting < 8 << 20)
            try await Task.sleep(for: .milliseconds(300))
            #expect(upstream.bytesWritten == waiting)
            var received = 0
            var largest = 0
            while let chunk = try await stream.next() {
                received += chunk.readableBytes
                largest = max(largest, chunk.readableBytes)
                if received > 4 << 20 { break }
            }
            #expect(received > 4 << 20)
            #expect(largest < 1 << 20)
            stream.clientLeft()
            _ = try await test.rows()
        }
    }

    @Test func `a settlement survives the cancellation of its request`() async throws {
        try await FakeUpstream.with { request in
            request.number % 2 == 0 ? .stall : .endless(Chat.delta("tick"))
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream)])
            // Some leave before the head, some in the middle of the stream.
            for round in 0..<40 {
                let task = Task {
                    let reply = try await test.chat(stream: true)
                    let stream = try #require(reply.stream)
                    while try await stream.next() != nil {}
                }
                try await Task.sleep(for: .milliseconds(round % 5))
                task.cancel()
                _ = await task.result
            }
            let rows = try await test.rows(40)
            #expect(rows.count == 40)
            #expect(rows.allSatisfy { $0.outcome == "client_abort" })
            #expect(test.settlement.occupied == 0)
            #expect(test.settlement.counters.leakedHolds == 0)
        }
    }
}
