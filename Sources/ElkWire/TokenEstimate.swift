package import NIOCore

/// Guesses how many tokens text has, without any model's vocabulary.
///
/// For holds, `count_tokens` of providers that have no such call, and counted usage. Each class of character has a rate,
/// fitted to the mean of o200k and cl100k, the vocabularies of GPT-4o and GPT-4. Compared with that mean, English,
/// source code, JSON, Markdown and HTML come out between 0.85 and 1.2 times as many, other languages between 0.65 and
/// 1.35 times, on texts of some hundred characters; shorter ones scatter by a few tokens.
package enum TokenEstimate {
    /// From a length alone, when there is nothing to look at.
    package static func tokens(inUTF8 bytes: Int) -> Int {
        max(bytes, 0) / 4 + (bytes % 4 > 0 ? 1 : 0)
    }

    package static func tokens(of text: String) -> Int {
        var text = text
        return text.withUTF8 { tokens(of: UnsafeRawBufferPointer($0)) }
    }

    package static func tokens(of text: ByteBuffer) -> Int {
        text.withUnsafeReadableBytes(tokens(of:))
    }

    package static func tokens(of bytes: UnsafeRawBufferPointer) -> Int {
        // In thousandths of a token, so that runs of a cheap class add up.
        var total = 0
        var at = 0
        while at < bytes.count {
            let first = bytes[at]
            guard first < 0x80 else {
                total += wideCost(first)
                at += 1
                continue
            }
            let kind = asciiClass(first)
            let start = at
            repeat { at += 1 } while at < bytes.count && bytes[at] < 0x80 && asciiClass(bytes[at]) == kind
            total += cost(of: kind, length: at - start)
        }
        return (total + 999) / 1000
    }

    private enum ASCIIClass {
        case letter, digit, space, line, mark
    }

    @inline(__always)
    private static func asciiClass(_ byte: UInt8) -> ASCIIClass {
        if (byte | 0x20) &- UInt8(ascii: "a") < 26 { return .letter }
        if byte &- UInt8(ascii: "0") < 10 { return .digit }
        switch byte {
        case UInt8(ascii: " "), 0x09: return .space
        case 0x0A, 0x0D: return .line
        default: return .mark
        }
    }

    /// Thousandths for a run of one class.
    private static func cost(of kind: ASCIIClass, length: Int) -> Int {
        switch kind {
        case .letter: 980 + 200 * max(0, length - 6)
        case .digit: (length + 2) / 3 * 1500
        // One space belongs to the word behind it.
        case .space: length > 1 ? 300 : 0
        case .line: 1400
        case .mark: 540 + 400 * (length - 1)
        }
    }

    /// Thousandths for a character beyond ASCII by its first byte; the bytes after it are free.
    private static func wideCost(_ byte: UInt8) -> Int {
        switch byte {
        case 0x80...0xBF: 0
        // Latin with marks, then Greek and Cyrillic, Hebrew and Arabic.
        case 0xC0...0xCC: 530
        case 0xCD...0xD4: 460
        case 0xD5...0xDF: 650
        // Scripts of India and Thailand, Vietnamese, signs, kana, ideographs, Hangul.
        case 0xE0: 750
        case 0xE1: 600
        case 0xE2: 1200
        case 0xE3: 870
        case 0xE4...0xE9: 1000
        case 0xEA...0xEF: 920
        default: 2000
        }
    }
}
