package import NIOCore

/// Reads a stream of server-sent events: bytes in, events out.
///
/// Append each piece and take events until there is none; call `finish()` when the stream has ended. Lines may end in
/// LF, CRLF or CR; a byte order mark at the start, comments, unknown fields and `retry` are skipped. The data of an
/// event with one `data` line is a slice of the piece it came in.
package struct SSEParser: Sendable {
    private let maxLineBytes: Int
    /// Bytes not read yet, from the start of a line.
    private var pending = ByteBuffer()
    /// How many bytes of `pending` hold no line end.
    private var searched = 0
    /// Slices of the memory of `pending` are in other hands, so that writing to it would copy all of it.
    private var isShared = false
    /// The line before ended in CR: an LF that follows belongs to it.
    private var skipsLineFeed = false
    private var atStart = true

    // The event so far.
    private var type: String?
    private var id: String?
    private var data: ByteBuffer?
    /// `data` is memory of our own that more lines can be written to.
    private var ownsData = false
    /// The type of the event before: streams repeat one type over and over.
    private var lastType = ""

    package init(maxLineBytes: Int = 8 << 20) {
        self.maxLineBytes = maxLineBytes
    }

    /// Takes the next piece of the stream.
    package mutating func append(_ chunk: ByteBuffer) {
        guard chunk.readableBytes > 0 else { return }
        if pending.readableBytes == 0 {
            pending = chunk
            isShared = true
        } else if isShared {
            var joined = ByteBuffer()
            joined.reserveCapacity(pending.readableBytes + chunk.readableBytes)
            joined.writeImmutableBuffer(pending)
            joined.writeImmutableBuffer(chunk)
            pending = joined
            isShared = false
        } else {
            pending.writeImmutableBuffer(chunk)
        }
    }

    /// The next event, or nil when more bytes are needed first.
    ///
    /// After an error the stream is of no more use.
    package mutating func next() throws(SSEError) -> SSEEvent? {
        guard skipByteOrderMark() else { return nil }
        while true {
            let lines = SSELines(
                searched: searched,
                skipsLineFeed: skipsLineFeed,
                lastType: lastType,
                limit: maxLineBytes
            )
            let found = pending.withUnsafeReadableBytes(lines.scan)
            let value = found.value.flatMap {
                pending.getSlice(at: pending.readerIndex + $0.lowerBound, length: $0.count)
            }
            pending.moveReaderIndex(forwardBy: found.consumed)
            skipsLineFeed = found.skipsLineFeed
            searched = 0
            if found.repeatsType { type = lastType }
            switch found.what {
            case .nothing(let searched):
                self.searched = searched
                return nil
            case .tooLong: throw .tooLong(limit: maxLineBytes)
            case .data(let endsEvent):
                try add(value ?? ByteBuffer())
                if endsEvent, let event = dispatch() { return event }
            case .type:
                lastType = String(buffer: value ?? ByteBuffer())
                type = lastType
            case .id: id = String(buffer: value ?? ByteBuffer())
            case .end:
                if let event = dispatch() { return event }
            }
        }
    }

    /// Says that the stream has ended, and gives the event that its last bytes make; all others have been taken.
    ///
    /// The standard drops an event without an empty line after it; several providers end their streams so, and it is
    /// given here. It may therefore be cut short.
    package mutating func finish() -> SSEEvent? {
        append(ByteBuffer(integer: 0x0A as UInt8))
        defer {
            pending = ByteBuffer()
            searched = 0
        }
        do throws(SSEError) {
            return try next() ?? dispatch()
        } catch {
            return nil
        }
    }

    /// False while it cannot be told yet whether there is one.
    private mutating func skipByteOrderMark() -> Bool {
        guard atStart else { return true }
        guard pending.readableBytes > 0 else { return false }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let length = min(3, pending.readableBytes)
        for offset in 0..<length where pending.byte(at: offset) != mark[offset] {
            atStart = false
            return true
        }
        guard length == 3 else { return false }
        pending.moveReaderIndex(forwardBy: 3)
        atStart = false
        return true
    }

    private mutating func add(_ value: ByteBuffer) throws(SSEError) {
        guard var joined = data else {
            data = value
            ownsData = false
            isShared = true
            return
        }
        guard joined.readableBytes + value.readableBytes < maxLineBytes else { throw .tooLong(limit: maxLineBytes) }
        data = nil
        if !ownsData {
            var own = ByteBuffer()
            own.reserveCapacity(joined.readableBytes + value.readableBytes + 1)
            own.writeImmutableBuffer(joined)
            joined = own
            ownsData = true
        }
        joined.writeInteger(UInt8(ascii: "\n"))
        joined.writeImmutableBuffer(value)
        data = joined
    }

    /// Ends the event; one without data is none.
    private mutating func dispatch() -> SSEEvent? {
        defer {
            type = nil
            id = nil
            data = nil
        }
        guard let data else { return nil }
        return SSEEvent(type: type, data: data, id: id)
    }
}
