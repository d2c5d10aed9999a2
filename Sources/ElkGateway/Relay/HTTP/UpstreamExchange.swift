import ElkProviders
package import NIOCore

/// One request and its answer, pulled by one consumer.
///
/// Every property is touched on `loop` only: that is why `@unchecked Sendable` holds. A consumer that runs on the loop, as the
/// request path does, takes what is there without suspending; one that does not is served all the same.
package final class UpstreamExchange: @unchecked Sendable {
    package enum Chunk: Sendable {
        case bytes(ByteBuffer)
        /// Nothing came within the time that the consumer asked for.
        case quiet
        case end
        case failed(UpstreamError)
    }

    private enum Waiter {
        case head(UnsafeContinuation<Result<ResponseHead, UpstreamError>, Never>)
        case chunk(UnsafeContinuation<Chunk, Never>, quietAt: NIODeadline)
        /// Called for every chunk until the end, with no task behind it.
        case sink(@Sendable (Chunk) -> Void)
    }

    private enum Ending { case finished, failed(UpstreamError) }

    let loop: any EventLoop
    let origin: Origin
    let request: UpstreamRequest
    let timeouts: UpstreamTimeouts
    private let window: Int

    /// Set while a connection works for this exchange.
    var connection: UpstreamConnection?
    /// When the present phase has taken too long; nil for never.
    private(set) var deadline: NIODeadline? { didSet { isOverdue = false } }
    /// The deadline had passed at the last tick.
    ///
    /// Only a second one counts: a loop that was held up finds the deadline before the bytes that have long been there.
    private var isOverdue = false
    /// It was sent on a kept connection and may go out once more when that turns out to be dead.
    var mayResend = true

    private var head: ResponseHead?
    private var buffered: ByteBuffer?
    private var ending: Ending?
    private var waiter: Waiter?
    /// The consumer's task was cancelled.
    private var isInterrupted = false

    init(
        _ request: UpstreamRequest,
        origin: Origin,
        timeouts: UpstreamTimeouts,
        window: Int,
        on loop: any EventLoop
    ) {
        (self.request, self.origin, self.timeouts, self.window, self.loop) = (request, origin, timeouts, window, loop)
        deadline = .now() + timeouts.connect
    }

    // MARK: The consumer's side

    /// Status and headers, once they are there.
    ///
    /// Cancelling the task closes the connection.
    func response() async throws(UpstreamError) -> ResponseHead {
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                onLoop { self.wait(.head(continuation)) }
            }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    /// What has come since the last call, in one piece.
    ///
    /// Cancelling the task gives `.failed(.cancelled)` and nothing else: the caller decides whether to cancel the exchange or to
    /// drain it.
    ///
    /// - Parameter quiet: gives `.quiet` when nothing came for so long.
    package func next(quiet: TimeAmount? = nil) async -> Chunk {
        if loop.inEventLoop, let chunk = take() { return chunk }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                onLoop {
                    if self.isInterrupted { return continuation.resume(returning: .failed(.cancelled)) }
                    self.wait(.chunk(continuation, quietAt: quiet.map { .now() + $0 } ?? .distantFuture))
                }
            }
        } onCancel: {
            onLoop { self.interrupt() }
        }
    }

    /// Gives the rest of the body to `sink` on the event loop, without a task: for reading on after the client has left.
    ///
    /// The last call is `.end` or `.failed`.
    package func drain(within time: TimeAmount, into sink: @escaping @Sendable (Chunk) -> Void) {
        onLoop {
            self.loop.scheduleTask(in: time) { self.end(.failed(.cancelled), closing: true) }
            self.interrupt()
            self.wait(.sink(sink))
        }
    }

    /// Gives the exchange up and closes its connection; safe from any thread, and after the end.
    package func cancel() {
        onLoop { self.end(.failed(.cancelled), closing: true) }
    }

    private func onLoop(_ work: @escaping @Sendable () -> Void) {
        if loop.inEventLoop { work() } else { loop.execute(work) }
    }

    private func interrupt() {
        isInterrupted = true
        guard case .chunk(let continuation, _) = waiter else { return }
        waiter = nil
        continuation.resume(returning: .failed(.cancelled))
    }

    private func wait(_ waiter: Waiter) {
        self.waiter = waiter
        deliver()
    }

    /// Bytes first, then the ending; nil when the consumer must wait.
    private func take() -> Chunk? {
        if let bytes = buffered {
            buffered = nil
            connection?.readIfWanted()
            return .bytes(bytes)
        }
        switch ending {
        case .finished: return .end
        case .failed(let error): return .failed(error)
        case nil: return nil
        }
    }

    /// Everything has come; only asked on the loop, else false.
    package var isFinished: Bool {
        guard loop.inEventLoop, case .finished = ending else { return false }
        return true
    }

    // MARK: The connection's side

    var isOver: Bool { ending != nil }

    /// Whether more may be read from the socket.
    var wantsMore: Bool { (buffered?.readableBytes ?? 0) < window }

    /// The request has gone out.
    func sent() { deadline = .now() + timeouts.firstByte }

    func received(_ head: ResponseHead) {
        self.head = head
        deadline = .now() + timeouts.idle
    }

    /// The socket is read again: silence counts from here, not from when a slow client filled the window.
    func reading() {
        if head != nil { deadline = .now() + timeouts.idle }
    }

    func received(_ bytes: ByteBuffer) {
        if buffered == nil {
            buffered = bytes
        } else {
            buffered?.writeImmutableBuffer(bytes)
        }
    }

    func finish() { end(.finished, closing: false) }

    func fail(_ error: UpstreamError) { end(.failed(error), closing: true) }

    private func end(_ ending: Ending, closing: Bool) {
        guard self.ending == nil else { return }
        self.ending = ending
        let connection = connection
        self.connection = nil
        if closing {
            if case .failed(.cancelled) = ending { buffered = nil }
            connection?.abandon()
        }
        deliver()
    }

    /// Wakes the consumer if there is something for it.
    func deliver() {
        switch waiter {
        case .head(let continuation):
            if let head {
                waiter = nil
                continuation.resume(returning: .success(head))
            } else if let ending {
                waiter = nil
                if case .failed(let error) = ending { return continuation.resume(returning: .failure(error)) }
                continuation.resume(returning: .failure(.cut))
            }
        case .chunk(let continuation, _):
            guard let chunk = take() else { return }
            waiter = nil
            continuation.resume(returning: chunk)
        case .sink(let sink):
            while let chunk = take() {
                sink(chunk)
                if case .bytes = chunk { continue }
                waiter = nil
                break
            }
        case nil: break
        }
    }

    /// Looks at the time: the phase's timeout, and a consumer that wants to know of silence.
    func tick(_ now: NIODeadline) {
        if let deadline, now >= deadline, ending == nil, connection?.isReading ?? true {
            guard isOverdue else {
                isOverdue = true
                return
            }
            if connection == nil { return fail(.connectTimeout) }
            return fail(head == nil ? .firstByteTimeout : .idleTimeout)
        }
        if case .chunk(let continuation, let quietAt) = waiter, now >= quietAt {
            waiter = nil
            continuation.resume(returning: .quiet)
        }
    }
}
