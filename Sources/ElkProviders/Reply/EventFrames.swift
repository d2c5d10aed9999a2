import ElkWire
import NIOCore

/// Cuts a stream of server-sent events into whole frames, bytes as they came, blank line included.
///
/// A frame is passed on or held back as one piece, so that an error event can be taken out of a stream that is otherwise
/// passed byte for byte.
struct EventFrames: Sendable {
    private var pending = ByteBuffer()
    /// Bytes of `pending` that have been looked at.
    private var scanned = 0
    private var lineIsEmpty = true
    /// The last byte looked at was a CR; a LF after it belongs to the same line end.
    private var afterCR = false

    mutating func append(_ chunk: ByteBuffer) throws(Failure) {
        if pending.readableBytes == 0 {
            pending = chunk
            scanned = 0
        } else {
            pending.writeImmutableBuffer(chunk)
        }
        guard pending.readableBytes <= ReplyLimits.event + chunk.readableBytes else {
            throw ClientFailure.badAnswer("an event over \(ReplyLimits.event) bytes")
        }
    }

    /// The next whole frame; nil when more bytes are needed.
    mutating func next() -> ByteBuffer? {
        let length = pending.withUnsafeReadableBytes { bytes -> Int? in
            while scanned < bytes.count {
                let byte = bytes[scanned]
                scanned += 1
                switch byte {
                case UInt8(ascii: "\n") where afterCR:
                    afterCR = false
                case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                    afterCR = byte == UInt8(ascii: "\r")
                    if lineIsEmpty { return scanned }
                    lineIsEmpty = true
                default:
                    afterCR = false
                    lineIsEmpty = false
                }
            }
            return nil
        }
        guard var length else { return nil }
        // The line end of the blank line is two bytes, and both are here: keep them together.
        if afterCR, pending.getInteger(at: pending.readerIndex + length, as: UInt8.self) == UInt8(ascii: "\n") {
            length += 1
            afterCR = false
        }
        scanned = 0
        return pending.readSlice(length: length)
    }

    /// What is left at the end of the stream: an event without its blank line, or nothing.
    mutating func rest() -> ByteBuffer? {
        defer { (pending, scanned) = (ByteBuffer(), 0) }
        return pending.readableBytes > 0 ? pending : nil
    }
}
