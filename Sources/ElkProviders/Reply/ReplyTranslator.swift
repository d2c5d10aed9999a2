package import ElkWire
package import NIOCore

/// The state machine that turns one upstream answer into the client's: bytes in, bytes out, no I/O.
///
/// Give it every chunk with `consume`, then call `finish` once when the upstream has ended, or `abort` once when the answer
/// cannot go on. When `consume` or `finish` throws, what it appended to `out` before is still valid; send it, and then,
/// when the client has seen any byte at all, `abort` with the thrown failure. While nothing has been appended to any `out`,
/// another attempt may still be made.
package struct ReplyTranslator: Sendable {
    /// A machine a kind of answer.
    ///
    /// An enum and not an existential: a stream asks it for every chunk.
    enum Machine: Sendable {
        case bytes(ByteReply)
        case whole(WholeReply)
        case events(EventReply)
        case translated(TranslatedReply)
    }

    var machine: Machine
    var array: ArrayFraming?
    /// For the client's head.
    package let contentType: String
    /// Other headers that may go down with it.
    package let headers: [(name: String, value: String)]

    /// Appends what the client gets for `chunk`.
    ///
    /// Streams of the client's own format give exactly the bytes that came in, an event at a time; whole answers are collected,
    /// up to `ReplyLimits.wholeAnswer`, and come out of `finish`.
    package mutating func consume(_ chunk: ByteBuffer, into out: inout ByteBuffer) throws(Failure) {
        guard array != nil else { return try advance(chunk, into: &out) }
        var frames = ByteBuffer()
        defer { array?.reframe(frames, into: &out) }
        try advance(chunk, into: &frames)
    }

    /// The upstream has ended.
    ///
    /// Throws a failure of kind `upstream` when a stream was cut before its terminal event, or a whole answer cannot be read.
    package mutating func finish(into out: inout ByteBuffer) throws(Failure) {
        guard array != nil else { return try complete(into: &out) }
        var frames = ByteBuffer()
        do {
            try complete(into: &frames)
        } catch {
            array?.reframe(frames, into: &out)
            throw error
        }
        array?.reframe(frames, into: &out)
        array?.close(into: &out)
    }

    /// Writes the error event of the client's format, never a terminator.
    ///
    /// Nothing for answers that are no event streams: their connection must be closed.
    package mutating func abort(_ failure: Failure, into out: inout ByteBuffer) {
        var frames = ByteBuffer()
        switch machine {
        case .bytes, .whole: return
        case .events(var inner):
            inner.abort(failure, into: &frames)
            machine = .events(inner)
        case .translated(var inner):
            inner.abort(failure, into: &frames)
            machine = .translated(inner)
        }
        guard array != nil else {
            out.writeImmutableBuffer(frames)
            return
        }
        array?.reframe(frames, into: &out)
        array?.close(into: &out)
    }

    /// What the upstream reported so far; nil when it has reported nothing.
    package var usage: Usage? {
        switch machine {
        case .bytes(let inner): inner.usage
        case .whole(let inner): inner.usage
        case .events(let inner): inner.usage
        case .translated(let inner): inner.usage
        }
    }

    /// Whether the answer's terminal event, or all of a whole answer, has been seen.
    package var isComplete: Bool {
        switch machine {
        case .bytes(let inner): inner.isComplete
        case .whole(let inner): inner.isComplete
        case .events(let inner): inner.isComplete
        case .translated(let inner): inner.isComplete
        }
    }

    /// UTF-8 bytes of output text, reasoning and tool arguments given to the client so far, for usage that is counted.
    package var deliveredOutput: Int {
        switch machine {
        case .bytes(let inner): inner.deliveredOutput
        case .whole(let inner): inner.deliveredOutput
        case .events(let inner): inner.deliveredOutput
        case .translated(let inner): inner.deliveredOutput
        }
    }

    /// What `consume` or `finish` threw, with its verdict, when the upstream itself reported an error inside an answer that
    /// began well.
    ///
    /// nil for every other failure.
    package var upstreamFailure: UpstreamFailure? {
        switch machine {
        case .bytes: nil
        case .whole(let inner): inner.upstreamFailure
        case .events(let inner): inner.upstreamFailure
        case .translated(let inner): inner.upstreamFailure
        }
    }

    /// The machine is taken out of its case while it works, so that its buffers are not copied.
    private mutating func advance(_ chunk: ByteBuffer, into out: inout ByteBuffer) throws(Failure) {
        let taken = machine
        machine = .bytes(.vacant)
        switch consume taken {
        case .bytes(var inner):
            defer { machine = .bytes(inner) }
            try inner.consume(chunk, into: &out)
        case .whole(var inner):
            defer { machine = .whole(inner) }
            try inner.consume(chunk, into: &out)
        case .events(var inner):
            defer { machine = .events(inner) }
            try inner.consume(chunk, into: &out)
        case .translated(var inner):
            defer { machine = .translated(inner) }
            try inner.consume(chunk, into: &out)
        }
    }

    private mutating func complete(into out: inout ByteBuffer) throws(Failure) {
        let taken = machine
        machine = .bytes(.vacant)
        switch consume taken {
        case .bytes(var inner):
            defer { machine = .bytes(inner) }
            try inner.finish(into: &out)
        case .whole(var inner):
            defer { machine = .whole(inner) }
            try inner.finish(into: &out)
        case .events(var inner):
            defer { machine = .events(inner) }
            try inner.finish(into: &out)
        case .translated(var inner):
            defer { machine = .translated(inner) }
            try inner.finish(into: &out)
        }
    }
}

/// Bounds on what is held of one answer.
package enum ReplyLimits {
    /// Bytes of an answer that is not streamed.
    package static let wholeAnswer = 64 << 20
    /// Bytes of one event.
    package static let event = 8 << 20
}
