/// Status line and header fields in a run of bytes, and what of them frames the body.
enum HeadLines {
    struct Parsed {
        var status = 0
        var isVersion11 = false
        /// Bytes of the whole head, its empty line included.
        var length = 0
        var fields: [ResponseHead.Field] = []
        /// `connection: close` was said.
        var closes = false
        /// Number of `transfer-encoding` fields, and whether the last is exactly `chunked`.
        var codings = 0
        var isChunked = false
        var length64: Int?
    }

    /// Nil while the head is incomplete.
    static func parse(
        _ bytes: UnsafeRawBufferPointer,
        limits: ResponseParser.Limits
    ) throws(ResponseParser.Fault) -> Parsed? {
        var parsed = Parsed()
        var start = 0
        var isFirst = true
        while let end = lineEnd(bytes, from: start) {
            guard end < limits.headBytes else { throw .headTooLarge }
            let last = end > start && bytes[end - 1] == cr ? end - 1 : end
            if isFirst {
                try statusLine(bytes, start..<last, into: &parsed)
                parsed.fields.reserveCapacity(16)
                isFirst = false
            } else if start == last {
                parsed.length = end + 1
                return parsed
            } else {
                guard parsed.fields.count < limits.fields else { throw .headTooLarge }
                try field(bytes, start..<last, into: &parsed)
            }
            start = end + 1
        }
        guard bytes.count < limits.headBytes else { throw .headTooLarge }
        return nil
    }

    private static let (cr, lf, space, tab) = (
        UInt8(ascii: "\r"), UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t")
    )

    private static func lineEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            if bytes[index] == lf { return index }
            index += 1
        }
        return nil
    }

    /// `HTTP/1.1 200 OK`; the reason is read past.
    private static func statusLine(
        _ bytes: UnsafeRawBufferPointer,
        _ line: Range<Int>,
        into parsed: inout Parsed
    ) throws(ResponseParser.Fault) {
        guard line.count >= 12, starts(bytes, line, with: "HTTP/1."), bytes[line.lowerBound + 8] == space,
            line.count == 12 || bytes[line.lowerBound + 12] == space
        else { throw .malformed("status line") }
        switch bytes[line.lowerBound + 7] {
        case UInt8(ascii: "1"): parsed.isVersion11 = true
        case UInt8(ascii: "0"): parsed.isVersion11 = false
        default: throw .malformed("version")
        }
        for index in 9..<12 {
            let digit = bytes[line.lowerBound + index]
            guard (0x30...0x39).contains(digit) else { throw .malformed("status") }
            parsed.status = parsed.status * 10 + Int(digit - 0x30)
        }
        guard (100...599).contains(parsed.status) else { throw .malformed("status") }
    }

    private static func field(
        _ bytes: UnsafeRawBufferPointer,
        _ line: Range<Int>,
        into parsed: inout Parsed
    ) throws(ResponseParser.Fault) {
        var colon = line.lowerBound
        while colon < line.upperBound, isToken(bytes[colon]) { colon += 1 }
        // Also refuses folded lines and a blank before the colon: both have been read differently by two parsers in a row.
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
            throw .malformed("field name")
        }
        var (first, last) = (colon + 1, line.upperBound)
        while first < last, bytes[first] == space || bytes[first] == tab { first += 1 }
        while last > first, bytes[last - 1] == space || bytes[last - 1] == tab { last -= 1 }
        for index in first..<last where bytes[index] < 0x20 && bytes[index] != tab || bytes[index] == 0x7F {
            throw .malformed("field value")
        }
        let field = ResponseHead.Field(name: line.lowerBound..<colon, value: first..<last)
        parsed.fields.append(field)
        try framing(bytes, field, into: &parsed)
    }

    private static func framing(
        _ bytes: UnsafeRawBufferPointer,
        _ field: ResponseHead.Field,
        into parsed: inout Parsed
    ) throws(ResponseParser.Fault) {
        switch field.name.count {
        case 10 where equals(bytes, field.name, "connection"):
            if equals(bytes, field.value, "close") { parsed.closes = true }
        case 14 where equals(bytes, field.name, "content-length"):
            var length = 0
            guard (1...15).contains(field.value.count) else { throw .malformed("content length") }
            for index in field.value {
                guard (0x30...0x39).contains(bytes[index]) else { throw .malformed("content length") }
                length = length * 10 + Int(bytes[index] - 0x30)
            }
            guard parsed.length64 == nil || parsed.length64 == length else { throw .malformed("two content lengths") }
            parsed.length64 = length
        case 17 where equals(bytes, field.name, "transfer-encoding"):
            parsed.codings += 1
            parsed.isChunked = equals(bytes, field.value, "chunked")
        default: break
        }
    }

    /// Whether the range spells `text`, which is in lower case, in any case.
    private static func equals(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<range.count {
            var byte = bytes[range.lowerBound + index]
            if (0x41...0x5A).contains(byte) { byte |= 0x20 }
            if byte != text.utf8Start[index] { return false }
        }
        return true
    }

    private static func starts(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, with text: StaticString) -> Bool {
        guard range.count >= text.utf8CodeUnitCount else { return false }
        for index in 0..<text.utf8CodeUnitCount where bytes[range.lowerBound + index] != text.utf8Start[index] {
            return false
        }
        return true
    }

    /// A character of a field name (RFC 9110, 5.6.2).
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
        default: false
        }
    }
}
