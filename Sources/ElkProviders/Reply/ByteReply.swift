import ElkWire
import NIOCore

/// An answer whose bytes mean nothing to us: audio, subtitles, plain text.
///
/// They pass as they come.
struct ByteReply: Sendable {
    /// What the request itself costs (characters of speech); known before the answer.
    var usage: Usage?
    private(set) var isComplete = false
    /// Text that is generated counts as output; audio does not.
    private let countsBytes: Bool
    private(set) var deliveredOutput = 0

    static let vacant = ByteReply(usage: nil, countsBytes: false)

    init(usage: Usage?, countsBytes: Bool) {
        (self.usage, self.countsBytes) = (usage, countsBytes)
    }

    mutating func consume(_ chunk: ByteBuffer, into out: inout ByteBuffer) throws(Failure) {
        out.writeImmutableBuffer(chunk)
        if countsBytes { deliveredOutput += chunk.readableBytes }
    }

    /// The HTTP framing tells whether these bytes are all: nothing in them does.
    mutating func finish(into out: inout ByteBuffer) throws(Failure) {
        isComplete = true
    }
}
