import NIOCore
import Testing

@testable import ElkGateway

@Suite struct ResponseParserTests {
    /// Status, body and whether the connection can be kept; nil where the message is not over.
    struct Read: Equatable {
        var status = 0
        var body = ""
        var keeps: Bool?
        var rest = 0
    }

    /// Feeds `text` in pieces of the given size.
    static func read(_ text: String, pieces size: Int = .max, closes: Bool = false) throws -> Read {
        var parser = ResponseParser()
        var read = Read()
        var input = ByteBuffer()
        var left = Array(text.utf8)[...]
        while !left.isEmpty, read.keeps == nil {
            let piece = left.prefix(size)
            left = left.dropFirst(piece.count)
            input.writeBytes(piece)
            while read.keeps == nil, let event = try parser.next(&input) {
                switch event {
                case .head(let head): read.status = head.status
                case .body(let bytes): read.body += String(buffer: bytes)
                case .end(let keeps): read.keeps = keeps
                }
            }
        }
        if closes, parser.finish() { read.keeps = false }
        read.rest = input.readableBytes + left.count
        return read
    }

    static let messages: [(String, Read)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Read(status: 200, body: "hello", keeps: true)),
        ("HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", Read(status: 200, keeps: true)),
        ("HTTP/1.1 204 No Content\r\n\r\n", Read(status: 204, keeps: true)),
        ("HTTP/1.1 200\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx", Read(status: 200, body: "x", keeps: false)),
        ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", Read(status: 200, body: "x", keeps: false)),
        ("HTTP/1.1 200 OK\nContent-Length: 1\n\nx", Read(status: 200, body: "x", keeps: true)),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            Read(status: 200, body: "ok", keeps: true)
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;name=value\r\n world\r\n0\r\nTrailer: x\r\n\r\n",
            Read(status: 200, body: "hello world", keeps: true)
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n",
            Read(status: 200, body: "0123456789", keeps: false)
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
            Read(status: 200, body: "x", keeps: true)
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1", Read(status: 200, body: "x", keeps: true, rest: 8)),
    ]

    @Test(arguments: messages.indices) func `reads a message whatever the pieces it comes in`(index: Int) throws {
        let (text, wanted) = Self.messages[index]
        #expect(try Self.read(text) == wanted)
        for size in 1...max(1, text.utf8.count - wanted.rest) {
            var read = try Self.read(text, pieces: size)
            read.rest = wanted.rest
            #expect(read == wanted, "in pieces of \(size)")
        }
    }

    @Test func `a body without a length lasts until the connection ends`() throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it"
        #expect(try Self.read(text, closes: true) == Read(status: 200, body: "all of it", keeps: false))
    }

    @Test func `an end inside a message is no end`() throws {
        #expect(try Self.read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", closes: true).keeps == nil)
        #expect(
            try Self.read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", closes: true).keeps
                == nil
        )
    }

    @Test(arguments: [
        "HTP/1.1 200 OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 99 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nName : value\r\n\r\n",
        "HTTP/1.1 200 OK\r\nName: one\r\n two\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: value\r\n\r\n",
        "HTTP/1.1 200 OK\r\nName\r\n\r\n",
        "HTTP/1.1 200 OK\r\nName: a\rb\r\n\r\n",
        "HTTP/1.1 200 OK\r\nName: a\0b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    ])
    func `refuses what two parsers could read in two ways`(text: String) {
        #expect(throws: ResponseParser.Fault.self) { try Self.read(text) }
        #expect(throws: ResponseParser.Fault.self) { try Self.read(text, pieces: 1) }
    }

    @Test func `heads, lines and trailers have limits`() {
        let long = String(repeating: "x", count: 70_000)
        #expect(throws: ResponseParser.Fault.headTooLarge) { try Self.read("HTTP/1.1 200 OK\r\nName: \(long)\r\n\r\n") }
        #expect(throws: ResponseParser.Fault.headTooLarge) {
            try Self.read("HTTP/1.1 200 OK\r\nName: \(long)", pieces: 1000)
        }
        let many = String(repeating: "a: b\r\n", count: 300)
        #expect(throws: ResponseParser.Fault.headTooLarge) { try Self.read("HTTP/1.1 200 OK\r\n\(many)\r\n") }
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(throws: ResponseParser.Fault.self) { try Self.read("\(chunked)1;\(long)") }
        #expect(throws: ResponseParser.Fault.self) {
            try Self.read("\(chunked)0\r\n\(String(repeating: many, count: 50))\r\n")
        }
    }

    @Test func `fields are found in any case, and values come without the space around them`() throws {
        var parser = ResponseParser()
        var input = ByteBuffer(
            string: "HTTP/1.1 200 OK\r\nRetry-AFTER: \t 7 \r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n"
        )
        guard case .head(let head) = try parser.next(&input) else {
            Issue.record("no head")
            return
        }
        #expect(head["retry-after"] == "7")
        #expect(head["nothing"] == nil)
        #expect(head.values("set-cookie") == ["a", "b"])
        #expect(head.all.map(\.name) == ["retry-after", "set-cookie", "set-cookie"])
    }
}
