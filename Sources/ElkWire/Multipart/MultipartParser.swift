package import NIOCore

/// Reads a multipart/form-data body (RFC 7578, RFC 2046 section 5.1) piece by piece: bytes in, events out.
///
/// Feed every piece of the body and take events until there is none; call `finish()` when the body has ended. Part
/// bodies are handed on as they come and never gathered, so that memory is bounded by one piece plus the header limit.
/// Lines may end in LF alone. What precedes the first boundary and what follows the last is skipped.
package struct MultipartParser: Sendable {
    package enum Event: Sendable, Hashable {
        case partBegan(PartHeaders)
        /// Never empty.
        case partBytes(ByteBuffer)
        case partEnded
        /// The closing boundary was read; nothing but an epilogue follows.
        case finished
    }

    package struct Limits: Sendable, Hashable {
        /// Header bytes of one part.
        package var headerBytes = 16 << 10
        package var parts = 256

        package init() {}
    }

    private enum State {
        case preamble
        case headers(PartHeaders, size: Int, last: (name: String, value: [UInt8])?)
        case body
        /// A boundary line has been read; its part is over.
        case partEnd(last: Bool)
        case closing
        case epilogue
    }

    private let limits: Limits
    private let search: DelimiterSearch
    private var state = State.preamble
    private var parts = 0
    /// Unread bytes.
    ///
    /// In the preamble and in bodies it begins with a line feed that is not data: a boundary may follow at once.
    private var pending = ByteBuffer(integer: UInt8(ascii: "\n"))
    /// The first byte of `pending` is such a line feed.
    private var leadsWithLineFeed = true

    package init(boundary: MultipartBoundary, limits: Limits = Limits()) {
        self.limits = limits
        search = DelimiterSearch(Array("\n--\(boundary.text)".utf8))
    }

    /// Takes the next piece of the body.
    package mutating func feed(_ bytes: ByteBuffer) {
        if case .epilogue = state { return }
        pending.writeImmutableBuffer(bytes)
    }

    /// The next event, or nil when more bytes are needed first.
    package mutating func next() throws(MultipartError) -> Event? {
        while true {
            switch state {
            case .preamble:
                guard let found = takeUntilDelimiter() else { return nil }
                if case .delimiter(let last) = found {
                    try begin(last: last)
                }
            case .headers(let headers, let size, let last):
                switch try readHeaderLine(headers, size, last) {
                case .incomplete: return nil
                case .read: continue
                case .end(let headers): return .partBegan(headers)
                }
            case .body:
                guard let found = takeUntilDelimiter() else { return nil }
                switch found {
                case .data(let bytes):
                    if bytes.readableBytes > 0 { return .partBytes(bytes) }
                case .delimiter(let last):
                    state = .partEnd(last: last)
                }
            case .partEnd(let last):
                try begin(last: last)
                return .partEnded
            case .closing:
                state = .epilogue
                pending = ByteBuffer()
                return .finished
            case .epilogue:
                return nil
            }
        }
    }

    /// Says that the body has ended.
    package mutating func finish() throws(MultipartError) {
        switch state {
        case .preamble: throw .noBoundary
        case .headers, .body, .partEnd: throw .truncated
        case .closing, .epilogue: return
        }
    }

    private mutating func begin(last: Bool) throws(MultipartError) {
        guard !last else {
            state = .closing
            return
        }
        parts += 1
        guard parts <= limits.parts else { throw .tooManyParts }
        state = .headers(PartHeaders(), size: 0, last: nil)
    }
}

// MARK: Headers

extension MultipartParser {
    private enum HeaderLine {
        /// More bytes are needed.
        case incomplete
        case read
        case end(PartHeaders)
    }

    private mutating func readHeaderLine(
        _ headers: PartHeaders,
        _ size: Int,
        _ last: (name: String, value: [UInt8])?
    ) throws(MultipartError) -> HeaderLine {
        let view = pending.readableBytesView
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else {
            guard size + view.count <= limits.headerBytes else { throw .headersTooLong }
            return .incomplete
        }
        let length = end - view.startIndex
        guard size + length + 1 <= limits.headerBytes else { throw .headersTooLong }
        var line = Array(view[view.startIndex..<end])
        if line.last == UInt8(ascii: "\r") { line.removeLast() }

        var headers = headers
        // A part without a body may end here, with no empty line (RFC 2046, section 5.1.1): leave the line to the
        // search.
        let endsPart = line.starts(with: search.delimiter.dropFirst())
        if line.isEmpty || endsPart {
            if let last { headers.take(header: last.name, value: last.value) }
            state = .body
            if endsPart {
                let rest = pending
                pending = ByteBuffer(integer: UInt8(ascii: "\n"))
                pending.writeImmutableBuffer(rest)
            } else {
                pending.moveReaderIndex(forwardBy: length)
            }
            leadsWithLineFeed = true
            return .end(headers)
        }

        pending.moveReaderIndex(forwardBy: length + 1)
        if let first = line.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") {
            guard var last else { throw .malformedHeader }
            last.value += line
            state = .headers(headers, size: size + length + 1, last: last)
            return .read
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0 else { throw .malformedHeader }
        if let last { headers.take(header: last.name, value: last.value) }
        let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
        let value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        state = .headers(headers, size: size + length + 1, last: (name, Array(value)))
        return .read
    }
}

// MARK: Bodies

extension MultipartParser {
    private enum Found {
        /// Bytes that are surely not part of a boundary; may be empty.
        case data(ByteBuffer)
        case delimiter(last: Bool)
    }

    /// Bytes before the next boundary line, then that line.
    ///
    /// Returns nil when more bytes are needed.
    private mutating func takeUntilDelimiter() -> Found? {
        let view = pending.readableBytesView
        let (offset, line) = view.withUnsafeBytes { search.first(in: $0) }
        switch line {
        case .none:
            // The search says how much is surely data.
            return offset > (leadsWithLineFeed ? 1 : 0) ? .data(takeData(offset)) : nil
        case .incomplete:
            let data = dropTrailingReturn(offset)
            return data > (leadsWithLineFeed ? 1 : 0) ? .data(takeData(data)) : nil
        case .complete(let length, let last):
            let data = dropTrailingReturn(offset)
            if data > (leadsWithLineFeed ? 1 : 0) { return .data(takeData(data)) }
            leadsWithLineFeed = false
            pending.moveReaderIndex(forwardBy: offset + length)
            return .delimiter(last: last)
        }
    }

    /// A carriage return before the line feed of a boundary belongs to the boundary.
    private func dropTrailingReturn(_ offset: Int) -> Int {
        guard offset > 0, pending.getInteger(at: pending.readerIndex + offset - 1, as: UInt8.self) == UInt8(ascii: "\r")
        else { return offset }
        return offset - 1
    }

    private mutating func takeData(_ count: Int) -> ByteBuffer {
        var data = pending.readSlice(length: count) ?? ByteBuffer()
        if leadsWithLineFeed {
            data.moveReaderIndex(forwardBy: 1)
            leadsWithLineFeed = false
        }
        pending.discardReadBytes()
        return data
    }
}
