import ElkWire
import NIOCore
import Testing

struct SSEParserTests {
    /// All events of a stream that comes in these pieces.
    private func events(_ pieces: [[UInt8]], maxLineBytes: Int = 8 << 20, finish: Bool = true) throws -> [SSEEvent] {
        var parser = SSEParser(maxLineBytes: maxLineBytes)
        var events: [SSEEvent] = []
        for piece in pieces {
            parser.append(ByteBuffer(bytes: piece))
            while let event = try parser.next() { events.append(event) }
        }
        if finish, let event = parser.finish() { events.append(event) }
        return events
    }

    private func event(_ data: String, type: String? = nil, id: String? = nil) -> SSEEvent {
        SSEEvent(type: type, data: ByteBuffer(string: data), id: id)
    }

    private static let streams: [String: [(type: String?, data: String, id: String?)]] = [
        "data: a\n\ndata: b\n\n": [(nil, "a", nil), (nil, "b", nil)],
        "data: a\r\n\r\ndata: b\r\n\r\n": [(nil, "a", nil), (nil, "b", nil)],
        "data: a\r\rdata: b\r\r": [(nil, "a", nil), (nil, "b", nil)],
        "\u{FEFF}data: a\n\n": [(nil, "a", nil)],
        "\u{FEFF}\u{FEFF}data: a\n\ndata: b\n\n": [(nil, "b", nil)],
        "data:a\n\ndata:  b\n\n": [(nil, "a", nil), (nil, " b", nil)],
        "data: a\ndata: b\ndata\ndata:\ndata: c\n\n": [(nil, "a\nb\n\n\nc", nil)],
        "data: a\r\ndata: b\r\n\r\n": [(nil, "a\nb", nil)],
        ": PING\n\n:\n\nevent: ping\n\ndata: a\n\n": [(nil, "a", nil)],
        "event: one\ndata: {\"a\":1}\n\nevent:two\nid: 7\ndata: x\nretry: 5\n\nevent: one\ndata: y\n\n": [
            ("one", "{\"a\":1}", nil), ("two", "x", "7"), ("one", "y", nil),
        ],
        "data:\n\ndata: [DONE]\n\n": [(nil, "", nil), (nil, "[DONE]", nil)],
        "dat: x\ndatas: y\nDATA: z\nevents: e\nida: 1\n data: w\ndata: é日本😀\n\n": [(nil, "é日本😀", nil)],
        "data: a\n\n\n\n\ndata: b\n\n": [(nil, "a", nil), (nil, "b", nil)],
        "data: no empty line at the end\n": [(nil, "no empty line at the end", nil)],
        "data: nor a line end": [(nil, "nor a line end", nil)],
        "data: a\n\r\ndata: b\r\n\n": [(nil, "a", nil), (nil, "b", nil)],
        "id: a\u{0}b\ndata: x\n\n": [(nil, "x", nil)],
        "event: a\nevent: b\ndata: x\n\n": [("b", "x", nil)],
        "": [], "\n": [], "\r\n": [], "\u{FEFF}": [], "event: x\n\n": [],
        "data: a long line that is longer than a word of eight bytes\n\n": [
            (nil, "a long line that is longer than a word of eight bytes", nil)
        ],
    ]

    @Test(arguments: streams.keys)
    func `events are the same at every place a stream is cut`(stream: String) throws {
        let expected = (Self.streams[stream] ?? []).map { event($0.data, type: $0.type, id: $0.id) }
        let bytes = Array(stream.utf8)
        #expect(try events([bytes]) == expected)
        #expect(try events(bytes.map { [$0] }) == expected)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let pieces = [Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])]
                #expect(try events(pieces) == expected, "cut at \(first) and \(second)")
            }
        }
    }

    @Test func `an event comes with its empty line and not later`() throws {
        var parser = SSEParser()
        for byte in "data: a\r\n".utf8 {
            parser.append(ByteBuffer(integer: byte))
            #expect(try parser.next() == nil)
        }
        // The LF after this CR need not be waited for.
        parser.append(ByteBuffer(string: "\r"))
        #expect(try parser.next() == event("a"))
        parser.append(ByteBuffer(string: "\ndata: b\r\n\r\n"))
        #expect(try parser.next() == event("b"))
        #expect(try parser.next() == nil)
        #expect(parser.finish() == nil)
    }

    @Test func `several events of one piece are given one after the other`() throws {
        var parser = SSEParser()
        parser.append(ByteBuffer(string: "data: a\n\ndata: b\n\ndata: c"))
        #expect(try parser.next() == event("a"))
        parser.append(ByteBuffer(string: "d\n\n"))
        #expect(try parser.next() == event("b"))
        #expect(try parser.next() == event("cd"))
        #expect(try parser.next() == nil)
    }

    @Test func `a line above the limit is an error, whole or in pieces`() throws {
        let line = Array("data: 0123456789".utf8)
        #expect(try events([line + [0x0A, 0x0A]], maxLineBytes: 16).count == 1)
        #expect(throws: SSEError.tooLong(limit: 15)) { try events([line + [0x0A, 0x0A]], maxLineBytes: 15) }
        #expect(throws: SSEError.tooLong(limit: 15)) { try events(line.map { [$0] }, maxLineBytes: 15) }
        // An endless line stops at the limit, not at its end.
        #expect(throws: SSEError.tooLong(limit: 1000)) {
            try events([[UInt8]](repeating: [UInt8](repeating: 0x61, count: 100), count: 11), maxLineBytes: 1000)
        }
    }

    @Test func `many lines of data are limited as one line is`() throws {
        let lines = Array(String(repeating: "data: 0123456789\n", count: 100).utf8)
        #expect(throws: SSEError.tooLong(limit: 500)) { try events([lines], maxLineBytes: 500) }
    }

    @Test func `a large event in small pieces is read in linear time`() throws {
        let text = String(repeating: "0123456789", count: 100_000)
        let bytes = Array("data: \(text)\n\n".utf8)
        let pieces = stride(from: 0, to: bytes.count, by: 100).map { Array(bytes[$0..<min($0 + 100, bytes.count)]) }
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try events(pieces) == [event(text)])
        // A scan or a copy of everything so far for each piece would take minutes.
        #expect(clock.now - start < .seconds(20))
    }

    @Test func `data stays as it was after the parser has gone on`() throws {
        var parser = SSEParser()
        parser.append(ByteBuffer(string: "data: first\n\ndata: sec"))
        let first = try parser.next()
        for byte in "ond\n\n".utf8 { parser.append(ByteBuffer(integer: byte)) }
        let second = try parser.next()
        parser.append(ByteBuffer(string: "data: third\n\n"))
        #expect(try parser.next() == event("third"))
        #expect(first == event("first"))
        #expect(second == event("second"))
    }

    @Test func `only the terminator is done`() {
        #expect(event("[DONE]").isDone)
        #expect(!event("[DONE] ").isDone)
        #expect(!event("\"[DONE]\"").isDone)
    }
}

struct SSEWriterTests {
    @Test func `frames are what clients expect`() {
        var buffer = ByteBuffer()
        buffer.writeSSE(data: ByteBuffer(string: "{}"))
        buffer.writeSSE(type: "ping", data: ByteBuffer(string: "{\"type\": \"ping\"}"))
        buffer.writeSSEComment()
        buffer.writeSSE(type: "a") { $0.object { $0.member("b", 1) } }
        buffer.writeSSEDone()
        let expected =
            "data: {}\n\nevent: ping\ndata: {\"type\": \"ping\"}\n\n: PING\n\nevent: a\ndata: {\"b\":1}\n\ndata: [DONE]\n\n"
        #expect(String(buffer: buffer) == expected)
    }

    @Test(arguments: [
        ("a\nb", "a\nb"), ("a\r\nb", "a\nb"), ("a\rb\n\nc", "a\nb\n\nc"), ("\n", "\n"), ("", ""),
        ("a\r\r\nb", "a\n\nb"),
    ])
    func `data with line ends in it is read as lines`(data: String, read: String) throws {
        var parser = SSEParser()
        var buffer = ByteBuffer()
        buffer.writeSSE(type: "t", data: ByteBuffer(string: data))
        parser.append(buffer)
        #expect(try parser.next() == SSEEvent(type: "t", data: ByteBuffer(string: read)))
        #expect(try parser.next() == nil)
    }
}
