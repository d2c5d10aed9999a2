package import NIOCore

extension ByteBuffer {
    /// Writes `text` as a JSON string with its quotes (RFC 8259, section 7).
    ///
    /// Only what must be escaped is: quote, backslash and control characters. Everything else stays UTF-8, without
    /// HTML escaping.
    package mutating func writeJSONString(_ text: String) {
        withUTF8(of: text) { buffer, bytes in
            buffer.writeEscaped(bytes, before: (UInt8(ascii: "\""), 0), after: (UInt8(ascii: "\""), 0))
        }
    }

    package mutating func writeJSONString(_ text: Substring) {
        writeJSONString(String(text))
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
        guard text.withUnsafeReadableBytes({ UTF8Check.isValid($0) }) else {
            writeJSONString(String(buffer: text))
            return
        }
        text.withUnsafeReadableBytes {
            writeEscaped($0, before: (UInt8(ascii: "\""), 0), after: (UInt8(ascii: "\""), 0))
        }
    }

    /// Writes what stands between the quotes.
    package mutating func writeJSONEscaped(_ text: String) {
        withUTF8(of: text) { buffer, bytes in buffer.writeEscaped(bytes, before: (0, 0), after: (0, 0)) }
    }

    private mutating func withUTF8(of text: String, _ body: (inout ByteBuffer, UnsafeRawBufferPointer) -> Void) {
        let written: Void? = text.utf8.withContiguousStorageIfAvailable { body(&self, UnsafeRawBufferPointer($0)) }
        guard written == nil else { return }
        var copy = text
        copy.withUTF8 { body(&self, UnsafeRawBufferPointer($0)) }
    }

    /// Bytes that are escaped at once, so that little more memory is asked for than they need.
    private static let escapedBlock = 4096

    /// Writes valid UTF-8, escaped, between up to two bytes before it and two after it; zeros are left out.
    mutating func writeEscaped(_ text: UnsafeRawBufferPointer, before: (UInt8, UInt8), after: (UInt8, UInt8)) {
        var read = 0
        var isFirst = true
        repeat {
            let end = min(read + Self.escapedBlock, text.count)
            // What has no escapes needs no more than its length; the rest asks again.
            let capacity = (end - read) * 6 + 4
            writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { target in
                guard let out = target.baseAddress else { return 0 }
                var written = 0
                if isFirst {
                    Self.put(before.0, out, &written)
                    Self.put(before.1, out, &written)
                }
                if let base = text.baseAddress { Self.escape(base, from: read, to: end, out, &written) }
                if end == text.count {
                    Self.put(after.0, out, &written)
                    Self.put(after.1, out, &written)
                }
                return written
            }
            isFirst = false
            read = end
        } while read < text.count
    }

    @inline(__always)
    private static func put(_ byte: UInt8, _ out: UnsafeMutableRawPointer, _ written: inout Int) {
        guard byte != 0 else { return }
        out.storeBytes(of: byte, toByteOffset: written, as: UInt8.self)
        written += 1
    }

    /// The caller has made room for six bytes for each.
    private static func escape(
        _ base: UnsafeRawPointer,
        from start: Int,
        to end: Int,
        _ out: UnsafeMutableRawPointer,
        _ written: inout Int
    ) {
        var at = start
        var to = written
        while at < end {
            if at + 8 <= end {
                let word = base.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                // Whole, whatever is in it: what must be escaped is written over.
                out.storeBytes(of: word, toByteOffset: to, as: UInt64.self)
                let found = ByteWords.escaped(UInt64(littleEndian: word))
                guard found != 0 else {
                    at += 8
                    to += 8
                    continue
                }
                at += ByteWords.index(found)
                to += ByteWords.index(found)
            }
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            at += 1
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else {
                out.storeBytes(of: byte, toByteOffset: to, as: UInt8.self)
                to += 1
                continue
            }
            out.storeBytes(of: UInt8(ascii: "\\"), toByteOffset: to, as: UInt8.self)
            let short: UInt8 =
                switch byte {
                case 0x0A: UInt8(ascii: "n")
                case 0x0D: UInt8(ascii: "r")
                case 0x09: UInt8(ascii: "t")
                case 0..<0x20: UInt8(ascii: "u")
                default: byte
                }
            out.storeBytes(of: short, toByteOffset: to + 1, as: UInt8.self)
            to += 2
            if short == UInt8(ascii: "u") {
                out.storeBytes(of: UInt8(ascii: "0"), toByteOffset: to, as: UInt8.self)
                out.storeBytes(of: UInt8(ascii: "0"), toByteOffset: to + 1, as: UInt8.self)
                out.storeBytes(of: hexDigit(byte >> 4), toByteOffset: to + 2, as: UInt8.self)
                out.storeBytes(of: hexDigit(byte & 0xF), toByteOffset: to + 3, as: UInt8.self)
                to += 4
            }
        }
        written = to
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
