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

    /// The next event, or nil when more bytes are needed first. After an error the stream is of no more use.
    package mutating func next() throws(SSEError) -> SSEEvent? {
        guard skipByteOrderMark() else { return nil }
        while let line = try takeLine() {
            if let event = try take(line) { return event }
        }
        return nil
    }

    /// Says that the stream has ended, and gives the event that its last bytes make.
    ///
    /// The standard drops an event without an empty line after it; several providers end their streams so, and it is
    /// given here. It may therefore be cut short.
    package mutating func finish() -> SSEEvent? {
        let rest = pending
        pending = ByteBuffer()
        searched = 0
        isShared = true
        if rest.readableBytes > 0, !(skipsLineFeed && rest.readableBytes == 1 && rest.byte(at: 0) == 0x0A) {
            guard (try? take(rest)) == .some(nil) else { return nil }
        }
        return dispatch()
    }
}

// MARK: Lines

extension SSEParser {
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

    /// The next whole line without its end.
    private mutating func takeLine() throws(SSEError) -> ByteBuffer? {
        if skipsLineFeed, pending.readableBytes > 0 {
            skipsLineFeed = false
            if pending.byte(at: 0) == 0x0A {
                pending.moveReaderIndex(forwardBy: 1)
                searched = 0
            }
        }
        let end = pending.withUnsafeReadableBytes { [searched] in Self.lineEnd(in: $0, from: searched) }
        guard end <= maxLineBytes else { throw .tooLong(limit: maxLineBytes) }
        guard end < pending.readableBytes else {
            searched = end
            return nil
        }
        skipsLineFeed = pending.byte(at: end) == 0x0D
        let line = pending.readSlice(length: end)
        pending.moveReaderIndex(forwardBy: 1)
        searched = 0
        return line
    }

    /// Offset of the first CR or LF; the count when there is none.
    private static func lineEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var at = start
        while at + 8 <= bytes.count {
            let found = ByteWords.either(ByteWords.load(base, at), 0x0A, 0x0D)
            if found != 0 { return at + ByteWords.index(found) }
            at += 8
        }
        while at < bytes.count, bytes[at] != 0x0A, bytes[at] != 0x0D { at += 1 }
        return at
    }
}

// MARK: Fields

extension SSEParser {
    private enum Field {
        case data, event, id, other
    }

    /// Takes one line; returns the event that an empty one ends.
    private mutating func take(_ line: ByteBuffer) throws(SSEError) -> SSEEvent? {
        guard line.readableBytes > 0 else { return dispatch() }
        let (field, valueStart) = line.withUnsafeReadableBytes(Self.split)
        var value = line
        value.moveReaderIndex(forwardBy: valueStart)
        switch field {
        case .data: try add(value)
        case .event: type = text(value)
        case .id: if !value.readableBytesView.contains(0) { id = String(buffer: value) }
        case .other: break
        }
        return nil
    }

    /// Which field a line has, and where its value begins: behind the colon and at most one space.
    private static func split(_ line: UnsafeRawBufferPointer) -> (Field, Int) {
        var colon = 0
        // No known field is longer, and an unknown one may be as long as the line.
        let end = min(line.count, 6)
        while colon < end, line[colon] != UInt8(ascii: ":") { colon += 1 }
        let field: Field
        switch colon {
        case 2 where line[0] == UInt8(ascii: "i") && line[1] == UInt8(ascii: "d"): field = .id
        case 4 where line[..<4].elementsEqual("data".utf8): field = .data
        case 5 where line[..<5].elementsEqual("event".utf8): field = .event
        default: return (.other, 0)
        }
        guard colon < line.count else { return (field, colon) }
        let hasSpace = colon + 1 < line.count && line[colon + 1] == UInt8(ascii: " ")
        return (field, colon + (hasSpace ? 2 : 1))
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

    private mutating func text(_ value: ByteBuffer) -> String {
        if !value.readableBytesView.elementsEqual(lastType.utf8) { lastType = String(buffer: value) }
        return lastType
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
