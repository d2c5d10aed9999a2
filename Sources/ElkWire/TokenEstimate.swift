package import NIOCore

/// Guesses how many tokens text has, without any model's vocabulary.
///
/// For holds, `count_tokens` of providers without such a call, and counted usage. Text is split into classes of bytes
/// with a rate each.
package enum TokenEstimate {
    /// From a length alone.
    package static func tokens(inUTF8 bytes: Int) -> Int {
        (max(bytes, 0) + 3) / 4
    }

    package static func tokens(of text: String) -> Int {
        var text = text
        return text.withUTF8 { tokens(of: UnsafeRawBufferPointer($0)) }
    }

    package static func tokens(of text: ByteBuffer) -> Int {
        text.withUnsafeReadableBytes(tokens(of:))
    }

    static func tokens(of bytes: UnsafeRawBufferPointer) -> Int {
        tokens(inUTF8: bytes.count)
    }
}
