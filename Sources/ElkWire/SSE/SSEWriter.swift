package import NIOCore

extension ByteBuffer {
    /// Writes one event: its type when there is one, its data, an empty line.
    ///
    /// Data with line ends in it becomes several `data` lines.
    package mutating func writeSSE(type: String? = nil, data: ByteBuffer) {
        beginSSE(type: type)
        data.withUnsafeReadableBytes { bytes in
            guard bytes.contains(where: { $0 == 0x0A || $0 == 0x0D }) else {
                writeBytes(bytes)
                return
            }
            var after = false
            for byte in bytes {
                // CRLF is one line end.
                if byte == 0x0A, after {
                    after = false
                    continue
                }
                after = byte == 0x0D
                if byte == 0x0A || byte == 0x0D {
                    writeStaticString("\ndata: ")
                } else {
                    writeInteger(byte)
                }
            }
        }
        writeStaticString("\n\n")
    }

    /// Writes one event whose data is what `body` writes: one JSON value.
    package mutating func writeSSE<Failed: Error>(
        type: String? = nil,
        json body: (inout JSONWriter) throws(Failed) -> Void
    ) throws(Failed) {
        beginSSE(type: type)
        var writer = JSONWriter(taking: &self)
        do throws(Failed) {
            try body(&writer)
        } catch {
            self = writer.buffer
            throw error
        }
        self = writer.buffer
        writeStaticString("\n\n")
    }

    /// Writes a comment, which clients skip: it keeps proxies from closing a quiet connection.
    package mutating func writeSSEComment(_ text: StaticString = "PING") {
        writeStaticString(": ")
        writeStaticString(text)
        writeStaticString("\n\n")
    }

    /// Writes the terminator of OpenAI streams.
    package mutating func writeSSEDone() {
        writeStaticString("data: [DONE]\n\n")
    }

    private mutating func beginSSE(type: String?) {
        if let type {
            writeStaticString("event: ")
            writeString(type)
            writeStaticString("\n")
        }
        writeStaticString("data: ")
    }
}
