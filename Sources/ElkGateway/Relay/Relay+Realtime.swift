import ElkProviders
import ElkWire
import NIOCore

/// Sessions over a WebSocket: a place of the plan after the other is asked for one until one agrees.
///
/// The switch is the point of no return, as the first byte is for answers.
extension Relay {
    /// How the tries ended, and all that is known of them.
    struct Opening {
        enum Result {
            case open(WebSocket, CatalogChannel)
            /// The local engine's turn has come.
            case local
            case failed(Failure)
            case clientLeft
        }

        var result: Result
        var attempts: [AttemptRecord] = []
        /// The model's name at the last place that was tried.
        var model: String?
    }

    /// Nothing is computed before a session begins: a provider that is well agrees at once.
    private static let handshakePatience = TimeAmount.seconds(30)

    func open(_ call: Call, along plan: RoutePlan) async -> Opening {
        var walk = RouteWalk(keys: plan.entries.map(\.keys), budget: budget)
        var opening = Opening(result: .failed(.noAttempt))
        let start = time.now
        var next = walk.first()
        while let step = next {
            if step.pause > 0, (try? await Task.sleep(for: .milliseconds(step.pause))) == nil {
                opening.result = .clientLeft
                return opening
            }
            let entry = plan.entries[step.entry]
            guard case .channel(let channel) = entry.place else {
                opening.result = .local
                return opening
            }
            opening.model = entry.model
            guard let failure = await attempt(call, channel, entry.model, key: step.key, &opening) else {
                return opening
            }
            opening.result = .failed(failure.failure)
            next = walk.after(failure.verdict, elapsed: time.now - start)
        }
        if walk.isExhausted, case .failed(var failure) = opening.result {
            failure.shouldRetry = false
            opening.result = .failed(failure)
        }
        return opening
    }

    /// One try; nil when it decided the outcome.
    private func attempt(
        _ call: Call,
        _ channel: CatalogChannel,
        _ model: String,
        key: Int,
        _ opening: inout Opening
    ) async -> UpstreamFailure? {
        let start = time.now
        var target = channel.targets[key]
        target.model = model
        let subjects = began(channel, target, now: start)
        var record = AttemptRecord(channelID: channel.id, keyIndex: key, status: 0, milliseconds: 0)
        defer {
            record.milliseconds = time.now - start
            opening.attempts.append(record)
        }
        let failure: UpstreamFailure
        do throws(UpstreamError) {
            switch try await ask(call, target, ChannelTerms(of: channel.channel, defaults: terms), now: start) {
            case .success(.open(let socket)):
                record.status = 101
                health.succeeded(subjects)
                opening.result = .open(socket, channel)
                return nil
            case .success(.refused(let head, let body)):
                failure = target.provider.failures.read(status: head.status, headers: head.all, body: body)
                record.status = head.status
            case .failure(let untranslatable): failure = untranslatable
            }
        } catch {
            guard error != .cancelled else {
                record.failureCode = "client_left"
                opening.result = .clientLeft
                return nil
            }
            var network = UpstreamFailure(NetworkFailure(error, isBeforeHead: true))
            network.failure.detail = "\(error)"
            // Nobody pays for a handshake, so that one that takes too long may be tried elsewhere.
            if network.verdict == .stop { network.verdict = .retryOtherChannel }
            failure = network
        }
        record.failureCode = failure.reason.rawValue
        health.failed(failure.health, channel: channel.id, key: target.key.hashValue, model: model, now: time.now)
        return failure
    }

    private func ask(
        _ call: Call,
        _ target: ChannelTarget,
        _ terms: ChannelTerms,
        now: Int64
    ) async throws(UpstreamError) -> Result<HTTPUpstream.Upgrade, UpstreamFailure> {
        let exchange: Exchange
        do throws(Failure) {
            exchange = try target.provider.exchange(for: call, target: target, now: now)
        } catch {
            return .failure(Attempt.untranslatable(error))
        }
        var timeouts = terms.timeouts
        timeouts.firstByte = min(timeouts.firstByte, Self.handshakePatience)
        return .success(
            try await upstream.upgrade(
                exchange.request,
                reach: .operatorSet,
                timeouts: timeouts,
                maxMessageBytes: RealtimeRelay.maxMessageBytes
            )
        )
    }
}
