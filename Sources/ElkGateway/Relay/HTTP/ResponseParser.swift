import NIOCore

/// Reads HTTP/1.1 responses: bytes in, events out; no I/O.
///
/// Of our own because a relay needs so little of a message: NIOHTTP1's decoder makes two strings of each header field and a
/// pipeline event of each chunk. Strict where laxness has been a hole elsewhere: bare CR, folded lines, conflicting or signed lengths, unknown
/// transfer codings and anything after the message are faults, and a fault ends the connection.
struct ResponseParser {
    struct Limits: Sendable {
        /// Status line and fields, all together; the trailer as well.
        var headBytes = 64 << 10
        var fields = 200
        var chunkLineBytes = 4096
    }

    enum Fault: Error, Equatable { case malformed(String), headTooLarge }

    enum Event {
        case head(ResponseHead)
        case body(ByteBuffer)
        /// The message is over; the rest of the input was not touched.
        case end(keepsAlive: Bool)
    }

    private enum State {
        case head
        case length(remaining: Int)
        case chunkLine
        case chunk(remaining: Int)
        case chunkEnd
        case trailer
        case untilClose
        case done
    }

    private var state = State.head
    private var limits: Limits
    private var keepsAlive = true
    /// Whether the request asked for another protocol: then 101 is the head of the answer, and nothing after it is HTTP.
    private let acceptsSwitch: Bool
    /// Bytes of the trailer so far.
    private var trailerBytes = 0
    /// Bytes of an incomplete head that hold no line end: looked at once, however slowly the head drips in.
    private var scanned = 0

    init(limits: Limits = Limits(), acceptsSwitch: Bool = false) {
        (self.limits, self.acceptsSwitch) = (limits, acceptsSwitch)
    }

    /// Nothing of a response has been taken from the input yet.
    var isBeforeHead: Bool { if case .head = state { true } else { false } }

    /// The next event, nil when the input must grow first: then what was not consumed has to be offered again.
    mutating func next(_ input: inout ByteBuffer) throws(Fault) -> Event? {
        while true {
            switch state {
            case .head:
                guard let head = try readHead(&input) else { return nil }
                // An interim answer; the real one follows.
                if head.status < 200, head.status != 101 { continue }
                return .head(head)
            case .length(0), .done:
                state = .head
                defer { keepsAlive = true }
                return .end(keepsAlive: keepsAlive)
            case .length(let remaining):
                guard let slice = input.readSlice(length: min(remaining, input.readableBytes)), slice.readableBytes > 0
                else { return nil }
                state = .length(remaining: remaining - slice.readableBytes)
                return .body(slice)
            case .untilClose:
                guard input.readableBytes > 0, let slice = input.readSlice(length: input.readableBytes) else {
                    return nil
                }
                return .body(slice)
            case .chunkLine:
                guard let size = try readChunkSize(&input) else { return nil }
                trailerBytes = 0
                state = size == 0 ? .trailer : .chunk(remaining: size)
            case .chunk(let remaining):
                guard let slice = input.readSlice(length: min(remaining, input.readableBytes)), slice.readableBytes > 0
                else { return nil }
                let rest = remaining - slice.readableBytes
                state = rest == 0 ? .chunkEnd : .chunk(remaining: rest)
                return .body(slice)
            case .chunkEnd:
                guard let line = try readLine(&input, limit: 2) else { return nil }
                guard line.isEmpty else { throw .malformed("no line end after a chunk") }
                state = .chunkLine
            case .trailer:
                guard let line = try readLine(&input, limit: limits.headBytes - trailerBytes) else { return nil }
                trailerBytes += line.count + 2
                // Trailers are read past: nothing in them is needed, and nothing of them goes down.
                if line.isEmpty { state = .done }
            }
        }
    }

    /// The connection has ended: whether that ended the message, rather than cut it.
    mutating func finish() -> Bool {
        guard case .untilClose = state else { return false }
        state = .head
        return true
    }

    private mutating func readHead(_ input: inout ByteBuffer) throws(Fault) -> ResponseHead? {
        let limits = limits
        if scanned > 0, scanned < limits.headBytes,
            !input.readableBytesView.dropFirst(scanned).contains(UInt8(ascii: "\n"))
        {
            scanned = input.readableBytes
            return nil
        }
        scanned = input.readableBytes
        let parsed: Result<HeadLines.Parsed?, Fault> = input.withUnsafeReadableBytes { bytes in
            do throws(Fault) { return .success(try HeadLines.parse(bytes, limits: limits)) } catch {
                return .failure(error)
            }
        }
        guard let parsed = try parsed.get() else { return nil }
        scanned = 0
        guard let bytes = input.readSlice(length: parsed.length) else { return nil }
        let head = ResponseHead(status: parsed.status, bytes: bytes, fields: parsed.fields)
        guard head.status >= 200 else {
            // Not asked for, a protocol switch would leave both sides with different ideas of what follows.
            guard head.status != 101 || acceptsSwitch else { throw .malformed("protocol switched") }
            return head
        }
        state = try body(of: head, parsed)
        return head
    }

    private mutating func body(of head: ResponseHead, _ parsed: HeadLines.Parsed) throws(Fault) -> State {
        keepsAlive = parsed.isVersion11 && !parsed.closes
        if head.status == 204 || head.status == 304 { return .length(remaining: 0) }
        if parsed.codings > 0 {
            guard parsed.codings == 1, parsed.isChunked else { throw .malformed("transfer coding") }
            // Two framings at once are how responses are smuggled: the coding counts, and nothing may follow on this connection.
            if parsed.length64 != nil { keepsAlive = false }
            return .chunkLine
        }
        if let length = parsed.length64 { return .length(remaining: length) }
        keepsAlive = false
        return .untilClose
    }

    /// Size of the next chunk; extensions are read past.
    private func readChunkSize(_ input: inout ByteBuffer) throws(Fault) -> Int? {
        guard let line = try readLine(&input, limit: limits.chunkLineBytes) else { return nil }
        var size = 0
        var digits = 0
        for byte in line {
            guard let digit = Self.hexDigit(byte) else {
                guard digits > 0, byte == UInt8(ascii: ";") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
                else { throw .malformed("chunk size") }
                break
            }
            digits += 1
            guard digits <= 15 else { throw .malformed("chunk size") }
            size = size << 4 | digit
        }
        guard digits > 0 else { throw .malformed("chunk size") }
        return size
    }

    /// The next line without its end, nil when it is not complete yet.
    private func readLine(_ input: inout ByteBuffer, limit: Int) throws(Fault) -> ByteBufferView? {
        let view = input.readableBytesView
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else {
            guard view.count <= limit else { throw .malformed("line too long") }
            return nil
        }
        guard end - view.startIndex <= limit else { throw .malformed("line too long") }
        input.moveReaderIndex(to: end + 1)
        var line = view[view.startIndex..<end]
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.contains(UInt8(ascii: "\r")) else { throw .malformed("bare CR") }
        return line
    }

    private static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46: Int(byte) - 0x41 + 10
        case 0x61...0x66: Int(byte) - 0x61 + 10
        default: nil
        }
    }
}
