package import NIOCore

/// A request as the scripted upstream got it.
package struct FakeRequest: Sendable {
    package var method: String
    /// Path and query.
    package var path: String
    /// In order, names in lower case.
    package var headers: [(name: String, value: String)]
    package var body: ByteBuffer
    /// Which connection it came on, counted from 1, and which request it was on it.
    package var connection: Int
    package var ordinal: Int
    /// Which request it was over all connections, counted from 1.
    package var number = 0

    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    package var text: String { String(buffer: body) }
}

/// What the scripted upstream does after a request.
package struct FakeAnswer: Sendable {
    package enum Step: Sendable {
        case bytes(ByteBuffer)
        case pause(TimeAmount)
        /// Goes on when the test opens it.
        case wait(Gate)
        /// The same bytes again and again, as fast as the other side takes them.
        case repeated(ByteBuffer, times: Int)
        /// Nothing more, with the connection open.
        case stall
        case close
        /// Closes so that the other side sees a reset.
        case reset
    }

    package var steps: [Step]

    package init(_ steps: [Step]) { self.steps = steps }

    /// A whole answer with its length.
    package static func whole(
        _ body: String,
        status: Int = 200,
        headers: [(String, String)] = [("content-type", "application/json")]
    ) -> FakeAnswer {
        let head = head(status, headers + [("content-length", String(body.utf8.count))])
        return FakeAnswer([.bytes(ByteBuffer(string: head + body))])
    }

    /// A chunked stream of server-sent events, one write each; each element of `events` is sent as it is.
    package static func events(_ events: [String], every pause: TimeAmount? = nil, ends: Bool = true) -> FakeAnswer {
        var steps: [Step] = [.bytes(ByteBuffer(string: streamHead))]
        for event in events {
            if let pause { steps.append(.pause(pause)) }
            steps.append(.bytes(chunk(event)))
        }
        if ends { steps.append(.bytes(ByteBuffer(string: "0\r\n\r\n"))) }
        return FakeAnswer(steps)
    }

    /// A chunked stream of the same event.
    package static func endless(_ event: String, times: Int = .max) -> FakeAnswer {
        FakeAnswer([
            .bytes(ByteBuffer(string: streamHead)), .repeated(chunk(event), times: times),
            .bytes(ByteBuffer(string: "0\r\n\r\n")),
        ])
    }

    /// Bytes as they are.
    package static func raw(_ text: String, then last: Step? = nil) -> FakeAnswer {
        FakeAnswer([.bytes(ByteBuffer(string: text))] + (last.map { [$0] } ?? []))
    }

    package static let stall = FakeAnswer([.stall])
    package static let close = FakeAnswer([.close])

    /// The same, but the connection ends after so many bytes.
    package func cut(after count: Int) -> FakeAnswer {
        var left = count
        var cut: [Step] = []
        for step in steps {
            guard case .bytes(let bytes) = step else {
                cut.append(step)
                continue
            }
            if bytes.readableBytes > left {
                cut.append(.bytes(bytes.getSlice(at: bytes.readerIndex, length: left) ?? ByteBuffer()))
                break
            }
            left -= bytes.readableBytes
            cut.append(step)
        }
        return FakeAnswer(cut + [.close])
    }

    /// The same, after a pause.
    package func after(_ time: TimeAmount) -> FakeAnswer { FakeAnswer([.pause(time)] + steps) }

    package static let streamHead = head(
        200,
        [("content-type", "text/event-stream; charset=utf-8"), ("transfer-encoding", "chunked")]
    )

    package static func head(_ status: Int, _ headers: [(String, String)]) -> String {
        "HTTP/1.1 \(status) Answer\r\n" + headers.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
    }

    package static func chunk(_ text: String) -> ByteBuffer {
        ByteBuffer(string: String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n")
    }
}
