import ElkTestSupport
import NIOCore
import Testing

@testable import ElkGateway

@Suite struct WebSocketReaderTests {
    enum Seen: Equatable {
        case text(String)
        case binary([UInt8])
        case ping([UInt8])
        case pong
        case close(WebSocketClosing?)
        case fault(WebSocketCode)
    }

    /// Feeds bytes in pieces of the given size; ends at the first fault.
    static func read(_ bytes: [UInt8], masked: Bool = false, limit: Int = 100_000, pieces size: Int = .max) -> [Seen] {
        var reader = WebSocketReader(expectsMask: masked, maxMessageBytes: limit)
        var input = ByteBuffer()
        var left = bytes[...]
        var seen: [Seen] = []
        while !left.isEmpty {
            input.writeBytes(left.prefix(size))
            left = left.dropFirst(min(size, left.count))
            do throws(WebSocketClosing) {
                while let event = try reader.next(&input) {
                    switch event {
                    case .message(.text(let text)): seen.append(.text(String(buffer: text)))
                    case .message(.binary(let data)): seen.append(.binary(Array(data.readableBytesView)))
                    case .ping(let data): seen.append(.ping(Array(data.readableBytesView)))
                    case .pong: seen.append(.pong)
                    case .close(let closing): seen.append(.close(closing))
                    }
                }
            } catch {
                return seen + [.fault(error.code)]
            }
        }
        return seen
    }

    static func frame(_ opcode: WebSocketWriter.Opcode, _ data: [UInt8], mask: UInt32? = nil) -> [UInt8] {
        Array(WebSocketWriter.frame(opcode, ByteBuffer(bytes: data), mask: mask).readableBytesView)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 70_001])
    func `what one side writes the other reads, whatever its length and the pieces it comes in`(length: Int) {
        let data = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        for mask in [nil, UInt32(0x0102_F3F4)] {
            let bytes = Self.frame(.binary, data, mask: mask) + Self.frame(.pong, [], mask: mask)
            #expect(Self.read(bytes, masked: mask != nil) == [.binary(data), .pong])
            #expect(Self.read(bytes, masked: mask != nil, pieces: length < 1_000 ? 1 : 999) == [.binary(data), .pong])
        }
    }

    /// RFC 6455, 5.7.
    @Test func `the examples of the standard`() {
        #expect(Self.read([0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]) == [.text("Hello")])
        let masked: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(Self.read(masked, masked: true) == [.text("Hello")])
        #expect(Self.frame(.text, Array("Hello".utf8), mask: 0x37FA_213D) == masked)
        #expect(Self.read([0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]) == [.text("Hello")])
        #expect(Self.read([0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]) == [.ping(Array("Hello".utf8))])
    }

    @Test func `control frames come between the pieces of a message, and a character may be split`() {
        let bytes: [UInt8] = [0x01, 0x02, 0x61, 0xC3, 0x89, 0x00, 0x00, 0x00, 0x80, 0x01, 0xA9]
        #expect(Self.read(bytes) == [.ping([]), .text("aé")])
        #expect(Self.read(bytes, pieces: 1) == [.ping([]), .text("aé")])
    }

    @Test(
        arguments: [
            ([0x88, 0x00], Seen.close(nil)),
            ([0x88, 0x02, 0x03, 0xE8], .close(WebSocketClosing(.normalClosure))),
            ([0x88, 0x03, 0x0F, 0xA1, 0x61], .close(WebSocketClosing(WebSocketCode(rawValue: 4001), "a"))),
            // One byte, codes that are never sent, a reason that is not UTF-8.
            ([0x88, 0x01, 0x03], .fault(.protocolError)),
            ([0x88, 0x02, 0x03, 0xED], .fault(.protocolError)), ([0x88, 0x02, 0x03, 0xEE], .fault(.protocolError)),
            ([0x88, 0x02, 0x00, 0x00], .fault(.protocolError)), ([0x88, 0x02, 0xFF, 0xFF], .fault(.protocolError)),
            ([0x88, 0x03, 0x03, 0xE8, 0xFF], .fault(.invalidText)),
        ] as [([UInt8], Seen)]
    )
    func `a goodbye has a code that may be sent`(bytes: [UInt8], wanted: Seen) {
        #expect(Self.read(bytes) == [wanted])
    }

    @Test(
        arguments: [
            // Reserved bits and kinds, masked where it must not be, control frames in pieces or too long.
            ([0xC1, 0x00], WebSocketCode.protocolError), ([0xA1, 0x00], .protocolError),
            ([0x91, 0x00], .protocolError),
            ([0x83, 0x00], .protocolError), ([0x8B, 0x00], .protocolError), ([0x81, 0x80, 1, 2, 3, 4], .protocolError),
            ([0x09, 0x00], .protocolError), ([0x89, 0x7E, 0x00, 0x80], .protocolError),
            // A continuation of nothing, a beginning within another.
            ([0x80, 0x00], .protocolError), ([0x01, 0x00, 0x81, 0x00], .protocolError),
            // Too long at once, and in pieces.
            ([0x81, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .messageTooLarge),
            ([0x81, 0x7F, 0, 0, 0, 0, 0, 1, 0x86, 0xA1], .messageTooLarge),
            ([0x01, 0x01, 0x61, 0x80, 0x7F, 0, 0, 0, 0, 0, 1, 0x86, 0xA0], .messageTooLarge),
            ([0x81, 0x01, 0xFF], .invalidText), ([0x01, 0x01, 0xC3, 0x80, 0x01, 0x28], .invalidText),
        ] as [([UInt8], WebSocketCode)]
    )
    func `what the standard does not allow is a fault`(bytes: [UInt8], code: WebSocketCode) {
        #expect(Self.read(bytes) == [.fault(code)])
        #expect(Self.read(bytes, pieces: 1) == [.fault(code)])
    }

    @Test func `behind a fault the next frame is found, unless its place is not known`() throws {
        var reader = WebSocketReader(expectsMask: false, maxMessageBytes: 10)
        var input = ByteBuffer(bytes: [0xC1, 0x01, 0x61, 0x88, 0x00])
        #expect(throws: WebSocketClosing.self) { _ = try reader.next(&input) }
        guard case .close = try reader.next(&input) else {
            Issue.record("the close is lost")
            return
        }
        input = ByteBuffer(bytes: [0x81, 0x0B, 0x88, 0x00])
        #expect(throws: WebSocketClosing.self) { _ = try reader.next(&input) }
        #expect(reader.isLost)
        let nothing = try reader.next(&input)
        #expect(nothing == nil)
    }

    @Test func `reasons are cut to what a frame holds, between characters`() {
        let payload = WebSocketWriter.payload(of: WebSocketClosing(.goingAway, String(repeating: "é", count: 90)))
        #expect(payload.readableBytes == 2 + 122)
        #expect(WebSocketWriter.payload(of: WebSocketClosing(WebSocketCode(rawValue: 1006), "x")).readableBytes == 0)
    }

    @Test func `no bytes at all can do more than end the session`() {
        var random = SeededRandom(seed: 6_455)
        let samples = [
            Self.frame(.text, Array("{\"type\":\"session.created\"}".utf8)), Self.frame(.ping, [1, 2, 3]),
            [0x01, 0x02, 0x61, 0x62, 0x00, 0x01, 0x63, 0x80, 0x00],
            Self.frame(.binary, Array(repeating: 7, count: 300)), Self.frame(.close, [0x03, 0xE8, 0x61]),
            Self.frame(.text, Array("masked".utf8), mask: 77),
        ]
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes += samples.randomElement(using: &random) ?? []
            }
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            let masked = Bool.random(using: &random)
            let whole = Self.read(bytes, masked: masked, limit: 1_000)
            // However it is cut up, the same is read.
            let size = Int.random(in: 1...7, using: &random)
            #expect(Self.read(bytes, masked: masked, limit: 1_000, pieces: size) == whole)
        }
    }
}
