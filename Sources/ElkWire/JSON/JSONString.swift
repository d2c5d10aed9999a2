package import NIOCore

extension ByteBuffer {
    /// Writes `text` as a JSON string with its quotes (RFC 8259, section 7).
    ///
    /// Only what must be escaped is: quote, backslash and control characters. Everything else stays UTF-8, without
    /// HTML escaping.
    package mutating func writeJSONString(_ text: some StringProtocol) {
        writeInteger(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): writeStaticString("\\\"")
            case UInt8(ascii: "\\"): writeStaticString("\\\\")
            case UInt8(ascii: "\n"): writeStaticString("\\n")
            case UInt8(ascii: "\r"): writeStaticString("\\r")
            case UInt8(ascii: "\t"): writeStaticString("\\t")
            case 0..<0x20:
                writeStaticString("\\u00")
                writeInteger(Self.hexDigit(byte >> 4))
                writeInteger(Self.hexDigit(byte & 0xF))
            default: writeInteger(byte)
            }
        }
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

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
