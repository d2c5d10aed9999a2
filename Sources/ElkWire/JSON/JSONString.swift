package import NIOCore

extension ByteBuffer {
    /// Writes `text` as a JSON string with its quotes (RFC 8259, section 7).
    ///
    /// Only what must be escaped is: quote, backslash and control characters. Everything else stays UTF-8, without
    /// HTML escaping.
    package mutating func writeJSONString(_ text: some StringProtocol) {
        writeInteger(UInt8(ascii: "\""))
        writeJSONEscaped(text)
        writeInteger(UInt8(ascii: "\""))
    }

    /// Writes `text` as a JSON string, or `null`.
    package mutating func writeJSONString(orNull text: String?) {
        if let text {
            writeJSONString(text)
        } else {
            writeStaticString("null")
        }
    }

    /// Writes UTF-8 text as a JSON string; bytes that are not UTF-8 become U+FFFD.
    package mutating func writeJSONString(utf8 text: ByteBuffer) {
        writeInteger(UInt8(ascii: "\""))
        let isText = text.withUnsafeReadableBytes { UTF8Check.isValid($0) }
        if isText {
            text.withUnsafeReadableBytes { writeJSONEscaped($0) }
        } else {
            writeJSONEscaped(String(buffer: text))
        }
        writeInteger(UInt8(ascii: "\""))
    }

    /// Writes what stands between the quotes.
    package mutating func writeJSONEscaped(_ text: some StringProtocol) {
        let written: Void? = text.utf8.withContiguousStorageIfAvailable { writeJSONEscaped(UnsafeRawBufferPointer($0)) }
        guard written == nil else { return }
        var copy = String(text)
        copy.withUTF8 { writeJSONEscaped(UnsafeRawBufferPointer($0)) }
    }

    /// Writes valid UTF-8, escaped: runs that need no escape at once.
    private mutating func writeJSONEscaped(_ text: UnsafeRawBufferPointer) {
        guard let base = text.baseAddress else { return }
        var start = 0
        while true {
            let end = Self.endOfUnescaped(base, from: start, to: text.count)
            if end > start { writeBytes(UnsafeRawBufferPointer(rebasing: text[start..<end])) }
            guard end < text.count else { return }
            writeEscape(text[end])
            start = end + 1
        }
    }

    private mutating func writeEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): writeStaticString("\\\"")
        case UInt8(ascii: "\\"): writeStaticString("\\\\")
        case UInt8(ascii: "\n"): writeStaticString("\\n")
        case UInt8(ascii: "\r"): writeStaticString("\\r")
        case UInt8(ascii: "\t"): writeStaticString("\\t")
        default:
            writeStaticString("\\u00")
            writeInteger(Self.hexDigit(byte >> 4))
            writeInteger(Self.hexDigit(byte & 0xF))
        }
    }

    private static func endOfUnescaped(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        var at = start
        while at < end {
            if at + 8 <= end {
                let found = ByteWords.escaped(ByteWords.load(base, at))
                guard found != 0 else {
                    at += 8
                    continue
                }
                return at + ByteWords.index(found)
            }
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return at }
            at += 1
        }
        return at
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
