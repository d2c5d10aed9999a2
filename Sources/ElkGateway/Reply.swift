package import ElkWire
package import NIOCore

/// What goes back to the client: decided only once a channel has answered with something that can be passed on.
package struct Reply: Sendable {
    package enum Body: Sendable {
        case whole(ByteBuffer)
        /// Pull it to its end, or say that the client left; see `ReplyStream`.
        case stream(any ReplyStream)
    }

    package var status: Int
    /// Names are lower-case, values hold no control characters.
    ///
    /// Holds `content-type`, and for streams what keeps proxies from buffering. Never framing: the edge adds `content-length`
    /// or chunks.
    package var headers: [(name: String, value: String)]
    package var body: Body

    package init(status: Int, headers: [(name: String, value: String)], body: Body) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// The body of a streamed reply, pulled by whoever writes it to the client: nothing is read ahead of the pull but a small
/// window, so a slow client slows its provider.
///
/// It ends in exactly one settlement: when `next` has returned nil or thrown, when `clientLeft` was called, when the task
/// that waits in `next` is cancelled, or at the latest when the last reference goes away. One consumer at a time.
package protocol ReplyStream: AnyObject, Sendable {
    /// The next bytes for the client, one write each; nil after the last. A stream that was cut still ends with nil: its last
    /// bytes are the dialect's error event.
    ///
    /// - Throws: where the format has no place for an error (audio, images): close the connection without ending the body.
    func next() async throws(Failure) -> ByteBuffer?

    /// The client is gone. Returns at once; what happens to the upstream is the channel's policy.
    func clientLeft()

    /// Ends the answer early for a reason of ours, from any thread: what `next` returns then is the dialect's error event, the last.
    func stop(_ failure: Failure)
}
