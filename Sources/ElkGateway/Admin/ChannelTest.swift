import ElkProviders
package import ElkStorage
package import ElkWire
import NIOCore

/// What one real, tiny request to a channel showed.
package struct ChannelTestResult: Sendable {
    package var isGood: Bool
    package var model: String
    package var endpoint: Endpoint
    /// The upstream's; 0 when none came.
    package var status: Int
    package var milliseconds: Int
    /// For the operator: what the upstream said.
    package var message: String
}

/// Asks a channel for as little as can be asked, with its own key and address, past admission and routing.
package struct ChannelTest: Sendable {
    private static let maxAnswerBytes = 1 << 20

    /// Tests a channel with a model, or with one of its own.
    package typealias Run = @Sendable (ElkStorage.Channel, _ model: String?) async throws(Failure) -> ChannelTestResult

    let upstream: HTTPUpstream

    package init(upstream: HTTPUpstream = HTTPUpstream()) {
        self.upstream = upstream
    }

    /// - Parameter model: as clients write it; otherwise the channel's first that is no pattern.
    package func run(_ channel: ElkStorage.Channel, model: String?, now: Int64) async throws(Failure)
        -> ChannelTestResult
    {
        guard let provider = Provider.named(channel.provider) else {
            throw .invalidRequest("The channel's provider '\(channel.provider)' is not known.", parameter: "provider")
        }
        guard let model = model ?? channel.models.first(where: { !$0.contains("*") }) else {
            throw .invalidRequest("Say which model to ask for: the channel lists patterns only.", parameter: "model")
        }
        let probes: [(Endpoint, String)] = [
            (.chat, #"{"model":"m","messages":[{"role":"user","content":"Say ok."}],"max_tokens":16}"#),
            (.embeddings, #"{"model":"m","input":"ok"}"#),
            (.rerank, #"{"model":"m","query":"ok","documents":["ok"]}"#),
            (.moderations, #"{"model":"m","input":"ok"}"#),
        ]
        guard let (endpoint, text) = probes.first(where: { provider.canServe($0.0) }) else {
            throw .invalidRequest("There is no small request to test this provider with.", parameter: "provider")
        }
        let body: JSONSlice
        do throws(JSONError) {
            body = try JSONSlice(validating: ByteBuffer(string: text))
        } catch {
            throw .invalidJSON(error)
        }
        let call = Call(
            id: RequestID(),
            endpoint: endpoint,
            dialect: endpoint.dialect,
            model: model,
            streams: false,
            body: .json(body)
        )
        let prepared = CatalogChannel(channel)
        guard var target = prepared.targets.first else {
            throw .invalidRequest("This cannot be used: \(prepared.problem ?? channel.name).", code: "invalid_channel")
        }
        target.model = prepared.upstreamModel(for: model)
        let exchange = try provider.exchange(for: call, target: target, now: now)
        return await ask(exchange, provider: provider, model: model, endpoint: endpoint)
    }

    private func ask(
        _ exchange: Exchange,
        provider: Provider,
        model: String,
        endpoint: Endpoint
    ) async -> ChannelTestResult {
        let start = ContinuousClock.now
        var result = ChannelTestResult(
            isGood: false,
            model: model,
            endpoint: endpoint,
            status: 0,
            milliseconds: 0,
            message: ""
        )
        do throws(UpstreamError) {
            let (head, body) = try await upstream.send(
                exchange.request,
                reach: .operatorSet,
                timeouts: UpstreamTimeouts(firstByte: .seconds(60), idle: .seconds(60))
            )
            result.status = head.status
            let text = await Self.read(body)
            result.isGood = (200..<300).contains(head.status)
            if !result.isGood {
                let read = provider.failures.read(status: head.status, headers: head.all, body: text)
                result.message = read.failure.message
            }
        } catch {
            result.message = "\(error)"
        }
        result.milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        return result
    }

    private static func read(_ body: UpstreamExchange) async -> ByteBuffer {
        var text = ByteBuffer()
        while case .bytes(let chunk) = await body.next() {
            guard text.readableBytes < maxAnswerBytes else {
                body.cancel()
                break
            }
            text.writeImmutableBuffer(chunk)
        }
        return text
    }
}
