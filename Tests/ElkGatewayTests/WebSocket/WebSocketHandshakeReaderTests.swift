import ElkTestSupport
import NIOCore
import Testing

@testable import ElkGateway

@Suite struct WebSocketHandshakeReaderTests {
    /// RFC 6455, 1.3.
    static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    static let agreement =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"

    enum Seen: Equatable {
        case agreed(rest: Int)
        case refused(Int, String)
        case unfinished
        case fault
    }

    static func read(_ text: String, pieces size: Int = .max, closes: Bool = false) -> Seen {
        read(Array(text.utf8), pieces: size, closes: closes)
    }

    static func read(_ bytes: [UInt8], pieces size: Int = .max, closes: Bool = false) -> Seen {
        var reader = WebSocketHandshakeReader(key: key)
        var input = ByteBuffer()
        var left = bytes[...]
        do throws(ResponseParser.Fault) {
            while !left.isEmpty {
                input.writeBytes(left.prefix(size))
                left = left.dropFirst(min(size, left.count))
                switch try reader.next(&input) {
                case .agreed: return .agreed(rest: input.readableBytes + left.count)
                case .refused(let head, let body): return .refused(head.status, String(buffer: body))
                case nil: break
                }
            }
        } catch {
            return .fault
        }
        if closes, case .refused(let head, let body) = reader.finish() {
            return .refused(head.status, String(buffer: body))
        }
        return .unfinished
    }

    @Test func `a server that agrees is taken at its word, and what follows belongs to the frames`() {
        #expect(Self.read(Self.agreement + "\u{1}\u{2}") == .agreed(rest: 2))
        #expect(Self.read(Self.agreement, pieces: 1) == .agreed(rest: 0))
        let loose = Self.agreement.replacing("Upgrade: websocket", with: "upgrade: WebSocket")
            .replacing("Connection: Upgrade", with: "connection: keep-alive, upgrade")
        #expect(Self.read(loose) == .agreed(rest: 0))
        #expect(Self.read("HTTP/1.1 100 Continue\r\n\r\n" + Self.agreement) == .agreed(rest: 0))
    }

    @Test func `a refusal comes with its body`() {
        let refusal = "HTTP/1.1 429 No\r\nContent-Length: 2\r\n\r\n{}"
        #expect(Self.read(refusal) == .refused(429, "{}"))
        #expect(Self.read(refusal, pieces: 1) == .refused(429, "{}"))
        #expect(
            Self.read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
                == .refused(200, "{}")
        )
        #expect(Self.read("HTTP/1.1 404 No\r\n\r\nnothing", closes: true) == .refused(404, "nothing"))
        let endless = "HTTP/1.1 500 No\r\n\r\n" + String(repeating: "x", count: 200_000)
        guard case .refused(500, let body) = Self.read(endless, pieces: 1_000) else {
            Issue.record("an endless body is read for ever")
            return
        }
        #expect(body.utf8.count < 70_000)
    }

    @Test(arguments: [
        ("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", ""),
        ("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xO0="),
        ("Upgrade: websocket", "Upgrade: h2c"), ("Upgrade: websocket\r\n", ""),
        ("Connection: Upgrade", "Connection: close"), ("Connection: Upgrade\r\n", ""),
        ("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"),
        ("\r\n\r\n", "\r\nSec-WebSocket-Protocol: realtime\r\n\r\n"),
        ("HTTP/1.1", "HTTP/3.0"), ("Upgrade: websocket", "Upgrade: websocket\r\n folded"),
    ])
    func `an agreement that is none is a fault`(part: String, instead: String) {
        #expect(Self.read(Self.agreement.replacing(part, with: instead)) == .fault)
    }

    @Test func `no answer at all can do more than fail`() {
        var random = SeededRandom(seed: 101)
        let samples = [
            Self.agreement, "HTTP/1.1 429 No\r\nContent-Length: 2\r\nRetry-After: 1\r\n\r\n{}",
            "HTTP/1.1 100 Continue\r\n\r\n" + Self.agreement,
        ].map { Array($0.utf8) }
        for _ in 0..<10_000 {
            var bytes = samples.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            let whole = Self.read(bytes, closes: true)
            #expect(Self.read(bytes, pieces: Int.random(in: 1...9, using: &random), closes: true) == whole)
        }
    }
}
