import ElkWire
import NIOCore
import Synchronization

extension Reply {
    /// The same answer of the Responses API, which says that it goes on from an earlier one.
    ///
    /// Elk expands `previous_response_id` itself, so the upstream knows nothing of it.
    package func linked(to previous: String, streams: Bool) -> Reply {
        guard status == 200 else { return self }
        var link = ResponseLink(previous: previous, streams: streams)
        var reply = self
        switch body {
        case .whole(let bytes):
            var out = link.pass(bytes)
            out.writeImmutableBuffer(link.finish())
            reply.body = .whole(out)
        case .stream(let stream):
            reply.body = .stream(LinkedStream(stream, link))
        }
        return reply
    }
}

/// Writes `previous_response_id` into the response objects of an answer that goes by.
struct ResponseLink: Sendable {
    private let previous: String
    private let streams: Bool
    private var parser = SSEParser()
    private var whole = ByteBuffer()
    /// What came so far ended with an event's empty line.
    private var isBetweenEvents = true

    init(previous: String, streams: Bool) {
        (self.previous, self.streams) = (previous, streams)
    }

    /// What becomes of a piece of the answer; of one that is no stream nothing comes before `finish`.
    mutating func pass(_ chunk: ByteBuffer) -> ByteBuffer {
        guard streams else {
            whole.writeImmutableBuffer(chunk)
            return ByteBuffer()
        }
        // A keep-alive; the parser would swallow it.
        if isBetweenEvents, chunk.readableBytesView.first == UInt8(ascii: ":") { return chunk }
        isBetweenEvents = chunk.readableBytesView.suffix(2).elementsEqual("\n\n".utf8)
        var out = ByteBuffer()
        parser.append(chunk)
        while let event = try? parser.next() {
            out.writeSSE(type: event.type, data: edited(event.data, at: ["response", "previous_response_id"]))
        }
        return out
    }

    mutating func finish() -> ByteBuffer {
        guard streams else { return edited(whole, at: ["previous_response_id"]) }
        guard let event = parser.finish() else { return ByteBuffer() }
        var out = ByteBuffer()
        out.writeSSE(type: event.type, data: event.data)
        return out
    }

    private func edited(_ text: ByteBuffer, at path: [String]) -> ByteBuffer {
        guard let document = try? JSONSlice(validating: text),
            (path.count == 1 ? document : document["response"])?.kind == .object
        else { return text }
        var edit = JSONEdit(document)
        edit.set(path, string: previous)
        return edit.apply()
    }
}

/// A reply on its way to the client, linked to the one before it.
final class LinkedStream: ReplyStream {
    private let stream: any ReplyStream
    /// Nil after the end.
    private let link: Mutex<ResponseLink?>

    init(_ stream: any ReplyStream, _ link: ResponseLink) {
        self.stream = stream
        self.link = Mutex(link)
    }

    func next() async throws(Failure) -> ByteBuffer? {
        while let chunk = try await stream.next() {
            let out = link.withLock { $0?.pass(chunk) ?? chunk }
            if out.readableBytes > 0 { return out }
        }
        let rest = link.withLock { link in
            defer { link = nil }
            return link?.finish()
        }
        return rest.flatMap { $0.readableBytes > 0 ? $0 : nil }
    }

    func clientLeft() { stream.clientLeft() }

    func stop(_ failure: Failure) { stream.stop(failure) }
}
