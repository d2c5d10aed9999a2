import ElkProviders
import ElkWire
import NIOCore

/// Tells an address that a job has ended, signed as Standard Webhooks has it, through the one client that is guarded.
struct WebhookSender: Sendable {
    let upstream: HTTPUpstream
    let secret: WebhookSecret
    let allowsPrivate: Bool

    enum Answer: Sendable, Hashable {
        case delivered
        /// It may be otherwise later.
        case failed(String)
        /// Nobody is to try again: the address may not be reached, or says that it is gone.
        case refused(String)
    }

    private static let timeouts = UpstreamTimeouts(connect: .seconds(10), firstByte: .seconds(15), idle: .seconds(15))

    /// - Parameters:
    ///   - id: the same for every try.
    ///   - now: milliseconds since 1970.
    func send(_ body: ByteBuffer, id: String, to url: String, now: Int64) async -> Answer {
        let target: WebhookTarget
        do throws(Failure) {
            target = try WebhookTarget(url, allowsPrivate: allowsPrivate)
        } catch {
            return .refused(error.message)
        }
        let second = now / 1000
        let request = UpstreamRequest(
            method: .post,
            isSecure: target.isSecure,
            host: target.host,
            port: target.port,
            path: target.path,
            headers: [
                ("content-type", "application/json"),
                ("webhook-id", id),
                ("webhook-timestamp", "\(second)"),
                ("webhook-signature", secret.signature(id: id, timestamp: second, body: body)),
            ],
            body: body
        )
        do throws(UpstreamError) {
            let (head, exchange) = try await upstream.send(
                request,
                reach: allowsPrivate ? .operatorSet : .publicOnly,
                timeouts: Self.timeouts
            )
            exchange.cancel()
            switch head.status {
            case 200..<300: return .delivered
            case 410: return .refused("the address answers that it is gone")
            default: return .failed("the address answers \(head.status)")
            }
        } catch {
            if case .refused(let reason) = error { return .refused(reason) }
            return .failed("\(error)")
        }
    }
}
