import ElkProviders
import ElkWire
import NIOCore
import Synchronization

/// The stream that the edge pulls; when it is dropped before its end, the client has left.
final class RelayedStream: ReplyStream {
    private let answer: RelayedAnswer

    init(_ answer: RelayedAnswer) { self.answer = answer }

    deinit { answer.clientLeft() }

    func next() async throws(Failure) -> ByteBuffer? { try await answer.next() }

    func clientLeft() { answer.clientLeft() }

    func stop(_ failure: Failure) { answer.stop(failure) }
}

/// An answer on its way from a provider to the client, chunk by chunk, and the end of its account.
///
/// Ends in one of three ways (finished, cut, client left), and each closes the account once. What a provider sends after the
/// client has left is read on only where the channel asks for that, without a task of the request.
final class RelayedAnswer: Sendable {
    private struct State {
        var translator: ReplyTranslator
        /// For the client, not handed out yet.
        var pending: ByteBuffer?
        var isOver = false
        /// The last bytes handed out ended an event, so that a comment may follow them.
        var isBetweenEvents = true
        /// Why it is to end early.
        var stopped: Failure?
        /// Output that the client had got when it left.
        var deliveredOutput: Int?
    }

    private let exchange: UpstreamExchange
    private let account: RequestAccount
    private let drain: TimeAmount
    private let quiet: TimeAmount
    private let dialect: Dialect
    private let isEventStream: Bool
    private let state: Mutex<State>

    init(
        _ answer: consuming Attempt.Answer,
        _ exchange: UpstreamExchange,
        account: RequestAccount,
        drain: TimeAmount,
        quiet: TimeAmount,
        dialect: Dialect
    ) {
        let answer = answer
        (self.exchange, self.account, self.drain, self.quiet) = (exchange, account, drain, quiet)
        self.dialect = dialect
        isEventStream = answer.translator.isEventStream
        // An accepted stream that is still silent begins with a sign of life.
        let first = answer.first.readableBytes > 0 ? answer.first : Self.keepAlive(dialect)
        state = Mutex(State(translator: answer.translator, pending: first))
    }

    func next() async throws(Failure) -> ByteBuffer? {
        let (first, isOver) = state.withLock { state in
            defer { state.pending = nil }
            return (state.isOver ? nil : state.pending, state.isOver)
        }
        if isOver { return nil }
        if let first { return note(first) }
        while true {
            switch await exchange.next(quiet: isEventStream ? quiet : nil) {
            case .bytes(let bytes):
                if let out = try consume(bytes) { return note(out) }
            case .quiet:
                if state.withLock({ $0.isBetweenEvents }) { return Self.keepAlive(dialect) }
            case .end:
                return try finish()
            case .failed(.cancelled):
                if let failure = state.withLock({ $0.stopped }) { return try cut(failure, .gatewayFailure) }
                clientLeft()
                return nil
            case .failed(let error):
                let network = UpstreamFailure(NetworkFailure(error, isBeforeHead: false))
                return try cut(network.failure, .upstreamFailure)
            }
        }
    }

    func clientLeft() {
        let (isFirst, isComplete) = state.withLock { state in
            defer {
                state.isOver = true
                state.deliveredOutput = state.deliveredOutput ?? state.translator.deliveredOutput
            }
            return (!state.isOver, state.translator.isComplete)
        }
        guard isFirst else { return }
        guard drain > .zero, !isComplete else {
            exchange.cancel()
            return settle(.clientAbort(drained: isComplete))
        }
        exchange.drain(within: drain) { chunk in
            switch chunk {
            case .bytes(let bytes): self.swallow(bytes)
            case .quiet: break
            case .end, .failed:
                // What counts is whether the provider has said what it used.
                self.settle(.clientAbort(drained: self.state.withLock { $0.translator.isComplete }))
            }
        }
    }

    func stop(_ failure: Failure) {
        state.withLock { state in
            if !state.isOver { state.stopped = failure }
        }
        exchange.cancel()
    }

    /// One chunk of the provider's, translated; nil when it gives the client nothing yet.
    private func consume(_ bytes: ByteBuffer) throws(Failure) -> ByteBuffer? {
        var out = ByteBuffer()
        out.reserveCapacity(bytes.readableBytes)
        var failure: Failure?
        let delivered = state.withLock { state -> Int? in
            guard !state.isOver else { return nil }
            do throws(Failure) {
                try state.translator.consume(bytes, into: &out)
            } catch {
                failure = error
            }
            return state.translator.deliveredOutput
        }
        guard let delivered else { return nil }
        if let failure { return try cut(failure, .upstreamFailure, after: out) }
        if !account.covers(deliveredOutput: delivered) { return try cut(.balanceExhausted, .limitCut, after: out) }
        return out.readableBytes > 0 ? out : nil
    }

    /// The provider has ended: as it should, or not.
    private func finish() throws(Failure) -> ByteBuffer? {
        var out = ByteBuffer()
        var failure: Failure?
        let wasOver = state.withLock { state in
            guard !state.isOver else { return true }
            do throws(Failure) {
                try state.translator.finish(into: &out)
                state.isOver = true
            } catch {
                failure = error
            }
            return false
        }
        if wasOver { return nil }
        if let failure { return try cut(failure, .upstreamFailure, after: out) }
        settle(.completed)
        return out.readableBytes > 0 ? out : nil
    }

    /// Ends the answer before its end: with the dialect's error event, or by a throw where it has none.
    private func cut(_ failure: Failure, _ outcome: Outcome, after out: ByteBuffer = ByteBuffer()) throws(Failure)
        -> ByteBuffer?
    {
        var out = out
        let before = out.readableBytes
        let wasOver = state.withLock { state in
            defer { state.isOver = true }
            if !state.isOver { state.translator.abort(failure, into: &out) }
            return state.isOver
        }
        guard !wasOver else { return nil }
        exchange.cancel()
        settle(outcome, failure)
        guard out.readableBytes > before else { throw failure }
        return out
    }

    private func swallow(_ bytes: ByteBuffer) {
        state.withLock { state in
            var out = ByteBuffer()
            try? state.translator.consume(bytes, into: &out)
        }
    }

    private func settle(_ outcome: Outcome, _ failure: Failure? = nil) {
        let (usage, delivered) = state.withLock { state in
            (state.translator.usage, state.deliveredOutput ?? state.translator.deliveredOutput)
        }
        account.settle(outcome, usage: usage, deliveredOutput: delivered, failure: failure)
    }

    private func note(_ out: ByteBuffer) -> ByteBuffer {
        if isEventStream {
            let ends = out.withUnsafeReadableBytes { bytes -> Bool in
                guard bytes.count >= 2, let last = bytes.last, last == 0x0A || last == 0x0D else { return false }
                // LF LF, CR CR, or CR LF CR LF.
                let before = bytes[bytes.count - 2]
                return before == last || (before == 0x0D && bytes.count >= 4 && bytes[bytes.count - 3] == 0x0A)
            }
            state.withLock { $0.isBetweenEvents = ends }
        }
        return out
    }

    /// What keeps the connections in between open while the provider thinks: a comment, and for Anthropic's clients their event.
    private static func keepAlive(_ dialect: Dialect) -> ByteBuffer {
        switch dialect {
        case .anthropic: ByteBuffer(string: "event: ping\ndata: {\"type\": \"ping\"}\n\n")
        case .openAI, .gemini: ByteBuffer(string: ": ping\n\n")
        }
    }
}

extension ReplyTranslator {
    /// Whether comments may be put between its events.
    var isEventStream: Bool { contentType.utf8.starts(with: "text/event-stream".utf8) }
}

extension Failure {
    static let balanceExhausted = Failure(
        .insufficientQuota,
        "The balance was used up during the answer.",
        code: "balance_exhausted"
    )
}
