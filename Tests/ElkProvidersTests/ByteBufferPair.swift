import NIOCore

/// A text in two pieces, and a place for what comes of them.
struct ByteBufferPair {
    var first: ByteBuffer
    var second: ByteBuffer
    var out = ByteBuffer()

    init(_ text: String, _ cut: Int) {
        var whole = ByteBuffer(string: text)
        first = whole.readSlice(length: cut) ?? ByteBuffer()
        second = whole
    }
}
