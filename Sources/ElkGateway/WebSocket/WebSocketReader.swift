import ElkWire
package import NIOCore

/// Reads one direction of a WebSocket (RFC 6455): bytes in, events out; no I/O.
///
/// Pieces of a message are joined up to `maxMessageBytes`. Extensions are not known, so every reserved bit is a fault. After most
/// faults the reader stands behind the frame that had it, so that the other side's answer to a close frame is still read; `isLost`
/// says when it does not.
package struct WebSocketReader: Sendable {
    package enum Event: Sendable {
        case message(WebSocketInbox.Message)
        case ping(ByteBuffer)
        case pong
        /// Nil: the frame gave no code.
        case close(WebSocketClosing?)
    }

    private struct Header {
        var opcode: UInt8
        var isFinal: Bool
        var hasReservedBits: Bool
        var length: Int
        var mask: UInt32?

        var isControl: Bool { opcode & 0x8 != 0 }
    }

    /// Payload of a control frame at most.
    private static let maxControlBytes = 125

    private let expectsMask: Bool
    private let maxMessageBytes: Int
    private var header: Header?
    private var message = ByteBuffer()
    /// What the message that comes in pieces is.
    private var kind: UInt8?
    /// Where the next frame begins is not known any more.
    package private(set) var isLost = false

    /// - Parameter expectsMask: whether the other side is the client, who has to mask all that it sends; servers never do.
    package init(expectsMask: Bool, maxMessageBytes: Int) {
        (self.expectsMask, self.maxMessageBytes) = (expectsMask, maxMessageBytes)
    }

    /// Bytes of the frame that is coming, once its length is known.
    package var awaited: Int { header?.length ?? 0 }

    /// The next event, nil when the input must grow first: then what was not consumed has to be offered again.
    ///
    /// - Throws: what to close with.
    package mutating func next(_ input: inout ByteBuffer) throws(WebSocketClosing) -> Event? {
        while !isLost {
            if header == nil { header = try readHeader(&input) }
            guard let header, var data = input.readSlice(length: header.length) else { return nil }
            self.header = nil
            guard (header.mask != nil) == expectsMask, !header.hasReservedBits else { throw .brokenFrame }
            if let mask = header.mask { data.applyWebSocketMask(mask) }
            if let event = try take(header, data) { return event }
        }
        return nil
    }

    /// Nil when there is less than a whole header; nothing is consumed then.
    private mutating func readHeader(_ input: inout ByteBuffer) throws(WebSocketClosing) -> Header? {
        let start = input.readerIndex
        guard let first = input.getInteger(at: start, as: UInt8.self),
            let second = input.getInteger(at: start + 1, as: UInt8.self)
        else { return nil }
        var size = 2
        var length = UInt64(second & 0x7F)
        if length == 126 {
            guard let long = input.getInteger(at: start + 2, as: UInt16.self) else { return nil }
            (length, size) = (UInt64(long), 4)
        } else if length == 127 {
            guard let long = input.getInteger(at: start + 2, as: UInt64.self) else { return nil }
            (length, size) = (long, 10)
        }
        var mask: UInt32?
        if second & 0x80 != 0 {
            guard let key = input.getInteger(at: start + size, as: UInt32.self) else { return nil }
            (mask, size) = (key, size + 4)
        }
        let opcode = first & 0x0F
        let limit = opcode & 0x8 != 0 ? Self.maxControlBytes : maxMessageBytes - message.readableBytes
        guard length <= UInt64(max(0, limit)) else {
            isLost = true
            if opcode & 0x8 != 0 { throw .brokenFrame }
            throw WebSocketClosing(.messageTooLarge, "A message is longer than \(maxMessageBytes) bytes.")
        }
        input.moveReaderIndex(forwardBy: size)
        return Header(
            opcode: opcode,
            isFinal: first & 0x80 != 0,
            hasReservedBits: first & 0x70 != 0,
            length: Int(length),
            mask: mask
        )
    }

    private mutating func take(_ header: Header, _ data: ByteBuffer) throws(WebSocketClosing) -> Event? {
        if header.isControl {
            guard header.isFinal else { throw .brokenFrame }
            switch header.opcode {
            case 0x8: return .close(try Self.closing(data))
            case 0x9: return .ping(data)
            case 0xA: return .pong
            default: throw .brokenFrame
            }
        }
        switch header.opcode {
        case 0x0:
            guard kind != nil else { throw WebSocketClosing(.protocolError, "A message continues that did not begin.") }
        case 0x1, 0x2:
            guard kind == nil else { throw WebSocketClosing(.protocolError, "A message begins within another.") }
            kind = header.opcode
        default: throw .brokenFrame
        }
        if message.readableBytes == 0 { message = data } else { message.writeImmutableBuffer(data) }
        guard header.isFinal else { return nil }
        let (whole, isText) = (message, kind == 0x1)
        message = ByteBuffer()
        kind = nil
        guard isText else { return .message(.binary(whole)) }
        guard UTF8Check.isValid(whole) else { throw WebSocketClosing(.invalidText, "A text is not UTF-8.") }
        return .message(.text(whole))
    }

    private static func closing(_ data: ByteBuffer) throws(WebSocketClosing) -> WebSocketClosing? {
        var data = data
        guard data.readableBytes > 0 else { return nil }
        guard let code = data.readInteger(as: UInt16.self).map(WebSocketCode.init(rawValue:)), code.isSent else {
            throw .brokenFrame
        }
        guard UTF8Check.isValid(data) else { throw WebSocketClosing(.invalidText, "A reason is not UTF-8.") }
        return WebSocketClosing(code, String(buffer: data))
    }
}
