import ElkProviders
import ElkWire
import NIOCore

/// One try at one channel with one of its keys: translate, send, read until there is something for the client.
struct Attempt {
    enum Result {
        /// The first bytes for the client are there.
        case answered(Answer)
        case failed(UpstreamFailure)
        /// The request's task was cancelled: its client has left.
        case cancelled
    }

    /// An answer that has begun.
    struct Answer {
        var translator: ReplyTranslator
        /// Not empty, but where the whole answer is.
        var first: ByteBuffer
        /// The rest of it; nil when `first` is all.
        var exchange: UpstreamExchange?
        var status: Int
        var dropped: [String]
    }

    /// An error's body beyond this is not read: no provider's is longer.
    private static let errorBytes = 64 << 10

    let call: Call
    let target: ChannelTarget
    let terms: ChannelTerms
    let upstream: HTTPUpstream
    let now: Int64
    /// What an accepted stream may keep the client waiting before it is committed without a byte of content.
    let quiet: TimeAmount

    func run() async -> Result {
        let provider = target.provider
        let exchange: Exchange
        do throws(Failure) {
            exchange = try provider.exchange(for: call, target: target, now: now)
        } catch {
            return .failed(Self.untranslatable(error))
        }
        let (head, body): (ResponseHead, UpstreamExchange)
        do throws(UpstreamError) {
            (head, body) = try await upstream.send(exchange.request, reach: .operatorSet, timeouts: terms.timeouts)
        } catch {
            return Self.failure(error, isBeforeHead: true)
        }
        guard (200..<300).contains(head.status) else { return await refused(head, body) }
        if let coding = head["content-encoding"], coding.lowercased() != "identity" {
            body.cancel()
            return Self.failure(.malformed("content coding nobody asked for"), isBeforeHead: true)
        }
        let translator = exchange.reply(status: head.status, headers: HeaderPolicy.passedDown(head))
        return await begin(translator, head, body, dropped: exchange.dropped)
    }

    /// Reads until the translator has something for the client.
    private func begin(
        _ translator: consuming ReplyTranslator,
        _ head: ResponseHead,
        _ body: UpstreamExchange,
        dropped: [String]
    ) async -> Result {
        var translator = translator
        var first = ByteBuffer()
        let quiet = call.streams && translator.isEventStream ? quiet : nil
        while true {
            let chunk = await body.next(quiet: quiet)
            do throws(Failure) {
                switch chunk {
                case .bytes(let bytes):
                    try translator.consume(bytes, into: &first)
                    if first.readableBytes == 0 || body.isFinished { continue }
                case .quiet:
                    // The provider has accepted the request and is thinking; waiting longer would cost the connections in between.
                    break
                case .end:
                    try translator.finish(into: &first)
                    return .answered(
                        Answer(
                            translator: translator,
                            first: first,
                            exchange: nil,
                            status: head.status,
                            dropped: dropped
                        )
                    )
                case .failed(.cancelled):
                    body.cancel()
                    return .cancelled
                case .failed(let error): return Self.failure(error, isBeforeHead: false)
                }
            } catch {
                body.cancel()
                return .failed(translator.upstreamFailure ?? Self.unreadable(error))
            }
            return .answered(
                Answer(translator: translator, first: first, exchange: body, status: head.status, dropped: dropped)
            )
        }
    }

    /// Reads what the provider says of its refusal.
    private func refused(_ head: ResponseHead, _ body: UpstreamExchange) async -> Result {
        var text = ByteBuffer()
        reading: while true {
            switch await body.next() {
            case .bytes(let bytes):
                text.writeImmutableBuffer(bytes)
                guard text.readableBytes <= Self.errorBytes else {
                    body.cancel()
                    break reading
                }
            case .failed(.cancelled):
                body.cancel()
                return .cancelled
            case .end, .failed, .quiet: break reading
            }
        }
        var failure = target.provider.failures.read(status: head.status, headers: head.all, body: text)
        failure.upstreamStatus = head.status
        return .failed(failure)
    }

    private static func failure(_ error: UpstreamError, isBeforeHead: Bool) -> Result {
        if error == .cancelled { return .cancelled }
        var failure = UpstreamFailure(NetworkFailure(error, isBeforeHead: isBeforeHead))
        failure.failure.detail = "\(error)"
        return .failed(failure)
    }

    /// The provider's answer cannot be read, or was cut, and nothing of it has gone to the client.
    private static func unreadable(_ failure: Failure) -> UpstreamFailure {
        var found = UpstreamFailure(NetworkFailure.malformed)
        found.failure = failure
        return found
    }

    /// What the client asks cannot be said in this provider's format; perhaps in another's.
    static func untranslatable(_ failure: Failure) -> UpstreamFailure {
        var found = UpstreamFailure(NetworkFailure.malformed)
        (found.reason, found.fault, found.health) = (.badRequest, .client, .none)
        found.verdict = failure.kind == .invalidRequest ? .stop : .retryOtherChannel
        found.failure = failure
        return found
    }
}

extension NetworkFailure {
    init(_ error: UpstreamError, isBeforeHead: Bool) {
        self =
            switch error {
            case .refused: .blockedAddress
            case .unresolved: .unresolved
            case .unreachable, .exhausted: .refused
            case .connectTimeout: .connectTimeout
            case .insecure: .tls
            case .firstByteTimeout: .headTimeout
            case .idleTimeout: .idleTimeout
            case .cut, .cancelled: isBeforeHead ? .closedBeforeHead : .cut
            case .malformed: .malformed
            }
    }
}
