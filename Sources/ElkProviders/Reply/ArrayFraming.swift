import ElkWire
import NIOCore

/// Gemini's streams without `alt=sse`: the same chunks as elements of one JSON array.
struct ArrayFraming: Sendable {
    private var parser = SSEParser(maxLineBytes: ReplyLimits.event)
    private var count = 0

    /// Takes whole frames, as the machines write them, and appends them as elements.
    mutating func reframe(_ frames: ByteBuffer, into out: inout ByteBuffer) {
        parser.append(frames)
        while let event = (try? parser.next()) ?? nil {
            out.writeStaticString(count == 0 ? "[" : ",\r\n")
            out.writeImmutableBuffer(event.data)
            count += 1
        }
    }

    mutating func close(into out: inout ByteBuffer) {
        out.writeStaticString(count == 0 ? "[]" : "]")
    }
}
