package import NIOCore

/// One event of a server-sent stream (WHATWG HTML, section 9.2).
package struct SSEEvent: Sendable, Hashable {
    /// The `event` field; nil when there was none.
    package var type: String?
    /// The `data` lines, joined by line feeds.
    package var data: ByteBuffer
    /// The `id` field of this event; nil when there was none.
    package var id: String?

    package init(type: String? = nil, data: ByteBuffer, id: String? = nil) {
        self.type = type
        self.data = data
        self.id = id
    }

    /// Whether this is the terminator of OpenAI streams.
    package var isDone: Bool {
        data.readableBytes == 6 && data.readableBytesView.elementsEqual("[DONE]".utf8)
    }
}

/// Why a stream of events cannot be read on.
package enum SSEError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A line, or the data of one event, is longer than the limit.
    case tooLong(limit: Int)

    package var description: String {
        switch self {
        case .tooLong(let limit): "an event of the stream is longer than \(limit) bytes"
        }
    }
}
