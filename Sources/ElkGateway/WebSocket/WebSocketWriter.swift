package import NIOCore

/// Writes the frames of one side of a WebSocket: whole messages, never in pieces.
package enum WebSocketWriter {
    package enum Opcode: UInt8, Sendable { case text = 1, binary, close = 8, ping, pong }

    /// - Parameter mask: a fresh random number where the side is the client, nil where it is the server.
    package static func frame(_ opcode: Opcode, _ data: ByteBuffer, mask: UInt32?) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.reserveCapacity(data.readableBytes + 14)
        frame.writeInteger(0x80 | opcode.rawValue)
        let bit: UInt8 = mask == nil ? 0 : 0x80
        switch data.readableBytes {
        case ..<126: frame.writeInteger(bit | UInt8(data.readableBytes))
        case ..<65_536: frame.writeMultipleIntegers(bit | 126, UInt16(data.readableBytes))
        default: frame.writeMultipleIntegers(bit | 127, UInt64(data.readableBytes))
        }
        guard let mask else {
            frame.writeImmutableBuffer(data)
            return frame
        }
        frame.writeInteger(mask)
        let start = frame.writerIndex
        frame.writeImmutableBuffer(data)
        frame.applyWebSocketMask(mask, from: start)
        return frame
    }

    /// The payload of a close frame; empty where the code is one that is never sent.
    package static func payload(of closing: WebSocketClosing) -> ByteBuffer {
        var data = ByteBuffer()
        guard closing.code.isSent else { return data }
        data.writeInteger(closing.code.rawValue)
        var reason = Substring(closing.reason)
        while reason.utf8.count > WebSocketClosing.maxReasonBytes { reason.removeLast() }
        data.writeSubstring(reason)
        return data
    }
}

extension ByteBuffer {
    /// Masks, or unmasks, the readable bytes from an index on, in place.
    mutating func applyWebSocketMask(_ mask: UInt32, from index: Int? = nil) {
        let skipped = index.map { $0 - readerIndex } ?? 0
        let word = UInt64(mask.bigEndian) | UInt64(mask.bigEndian) << 32
        withUnsafeMutableReadableBytes { bytes in
            var at = skipped
            while at + 8 <= bytes.count {
                let masked = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ word
                bytes.storeBytes(of: masked, toByteOffset: at, as: UInt64.self)
                at += 8
            }
            while at < bytes.count {
                bytes[at] ^= UInt8(truncatingIfNeeded: mask >> UInt32(24 - 8 * ((at - skipped) & 3)))
                at += 1
            }
        }
    }
}
