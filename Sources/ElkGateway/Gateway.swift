package import ElkProviders
import ElkStorage
package import ElkWire
package import NIOCore

/// The request path: a call comes in, is admitted, finds a provider, is answered and paid for.
package final class Gateway: Sendable {
    package typealias Observer = @Sendable (RelayRecord) -> Void

    package struct Settings: Sendable {
        package var budget = RouteWalk.Budget()
        /// Timeouts and drain of channels that name none.
        package var terms = ChannelTerms()
        /// A stream that is silent for so long gets a keep-alive.
        package var quiet = TimeAmount.seconds(15)
        /// The local engine's place among the channels of a speech model.
        package var localPriority = 0
        /// Longest session of a realtime model.
        package var realtimeSeconds = 3_600

        package init() {}
    }

    let catalogs: Catalogs
    let admission: Admission
    package let health = HealthBoard()
    package let upstream: HTTPUpstream
    let transcriber: (any Transcriber)?
    let relay: Relay
    let settings: Settings
    let time: TimeSource
    let observer: Observer?

    /// - Parameters:
    ///   - transcriber: the local speech engine, where there is one.
    ///   - synthesizer: the local voices, where there are any.
    ///   - observer: told of every admitted request once it is over; called on the request's thread, so it must not block.
    package init(
        catalogs: Catalogs,
        admission: Admission,
        upstream: HTTPUpstream,
        transcriber: (any Transcriber)? = nil,
        synthesizer: (any Synthesizer)? = nil,
        settings: Settings = Settings(),
        time: TimeSource = .system,
        observer: Observer? = nil
    ) {
        (self.catalogs, self.admission, self.upstream) = (catalogs, admission, upstream)
        (self.settings, self.time, self.observer) = (settings, time, observer)
        self.transcriber = transcriber
        relay = Relay(
            upstream: upstream,
            health: health,
            transcriber: transcriber,
            synthesizer: synthesizer,
            budget: settings.budget,
            terms: settings.terms,
            quiet: settings.quiet,
            time: time
        )
    }

    /// Serves one call, from admission to the first byte of its answer; the rest is in the reply's stream.
    ///
    /// Cancelling the task means that the client has left. Whatever happens, an admitted call is settled exactly once.
    ///
    /// - Parameters:
    ///   - transcription: the same request for the local engine, when that knows the model.
    ///   - speech: likewise for the local voices.
    ///   - uploadBytes: the size of the recording, which the call is without where no provider can come to see it.
    package func handle(
        _ call: Call,
        from client: Client,
        local transcription: TranscriptionJob? = nil,
        speech: SpeechJob? = nil,
        uploadBytes: Int? = nil
    ) async throws(Failure) -> Reply {
        let job = transcription.map(LocalJob.transcription) ?? speech.map(LocalJob.speech)
        let ticket = try await admission.admit(
            call,
            from: client,
            audioMilliseconds: uploadBytes.map(Estimate.longestAudio(ofUpload:))
        )
        let plan: RoutePlan
        do throws(Failure) {
            if let count = try counted(call, ticket) { return count }
            plan = try route(call, ticket, local: job)
        } catch {
            account(of: call, ticket, nil).settle(.refused, usage: nil, failure: error)
            throw error
        }
        let outcome = await relay.firstByte(of: call, along: plan, local: job)
        return try reply(to: call, ticket, outcome, local: job)
    }

    /// The answer to a client that asks for its tokens to be counted, where no provider of the model does it.
    private func counted(_ call: Call, _ ticket: Ticket) throws(Failure) -> Reply? {
        let formats: [Endpoint: TextFormat] = [.countTokens: .anthropicMessages, .geminiCountTokens: .geminiGenerate]
        guard let format = formats[call.endpoint], case .json(let body) = call.body else { return nil }
        let channels = ticket.catalog.channels(serving: call.model, group: ticket.access.group.name)
        let isServed = channels.contains { $0.targets.first?.provider.canServe(call.endpoint) == true }
        guard !channels.isEmpty, !isServed else { return nil }
        let answer = try LocalTokenCount.answer(body, format)
        account(of: call, ticket, nil).settle(.completed, usage: Usage())
        let headers = ticket.rateLimitHeaders + [("content-type", "application/json")]
        return Reply(status: 200, headers: headers, body: .whole(answer))
    }

    private func route(_ call: Call, _ ticket: Ticket, local job: LocalJob?) throws(Failure) -> RoutePlan {
        let channels = ticket.catalog.channels(serving: call.model, group: ticket.access.group.name)
        return try RoutePlan(
            for: call,
            channels: channels,
            localPriority: job == nil ? nil : settings.localPriority,
            health: health.snapshot,
            seed: Affinity.seed(
                of: call,
                for: ticket.access,
                amongSeveral: channels.count > 1 || (channels.first?.targets.count ?? 0) > 1
            ),
            now: time.now
        )
    }

    private func reply(
        to call: Call,
        _ ticket: Ticket,
        _ outcome: Relay.Outcome,
        local job: LocalJob?
    ) throws(Failure) -> Reply {
        let account = account(of: call, ticket, outcome)
        var headers = ticket.rateLimitHeaders
        switch outcome.result {
        case .failed(let failure):
            var ending = Outcome.upstreamFailure
            if case .local = outcome.entry?.place { ending = Outcome(ofLocal: failure) }
            account.settle(ending, usage: nil, failure: failure)
            throw failure
        case .clientLeft:
            account.settle(.clientAbort(drained: false), usage: nil, failure: .clientGone)
            throw .clientGone
        case .local(let result, let job):
            var usage = Usage()
            usage.audioMilliseconds = Int(result.duration * 1000)
            let receipt = account.settle(.completed, usage: usage)
            headers.append(("content-type", job.contentType))
            if let receipt { headers.append(("x-elk-cost", "\(receipt.cost)")) }
            return Reply(status: 200, headers: headers, body: .whole(result.body))
        case .localStream(let feed, let job):
            let type = job.format.streamsEvents ? "text/event-stream" : job.contentType
            headers += [("content-type", type), ("cache-control", "no-cache"), ("x-accel-buffering", "no")]
            let stream = LocalStream(feed, job, account: account, quiet: min(settings.quiet, .seconds(10)))
            return Reply(status: 200, headers: headers, body: .stream(stream))
        case .localSpeech(let sound, let first, let job):
            headers.append(("content-type", job.contentType))
            if job.streamsEvents { headers += [("cache-control", "no-cache"), ("x-accel-buffering", "no")] }
            return Reply(
                status: 200,
                headers: headers,
                body: .stream(SpeechStream(sound, first: first, job, account: account))
            )
        case .upstream(let answer):
            headers.append(("content-type", answer.translator.contentType))
            headers += answer.translator.headers
            if !answer.dropped.isEmpty { headers.append(("x-elk-dropped", answer.dropped.joined(separator: ","))) }
            guard let exchange = answer.exchange else {
                let receipt = account.settle(
                    .completed,
                    usage: answer.translator.usage,
                    deliveredOutput: answer.translator.deliveredOutput
                )
                if let receipt { headers.append(("x-elk-cost", "\(receipt.cost)")) }
                return Reply(status: answer.status, headers: headers, body: .whole(answer.first))
            }
            if call.streams {
                headers.append(("cache-control", "no-cache"))
                // Else nginx collects a stream before it passes it on.
                headers.append(("x-accel-buffering", "no"))
            }
            let status = answer.status
            let relayed = RelayedAnswer(
                answer,
                exchange,
                account: account,
                drain: outcome.terms.drain,
                quiet: settings.quiet,
                dialect: call.dialect
            )
            return Reply(status: status, headers: headers, body: .stream(RelayedStream(relayed)))
        }
    }

    func account(of call: Call, _ ticket: Ticket, _ outcome: Relay.Outcome?) -> RequestAccount {
        let hasAnswer =
            switch outcome?.result {
            case .upstream, .local, .localStream, .localSpeech: true
            case .failed, .clientLeft, nil: false
            }
        return RequestAccount(
            call: call,
            hold: ticket.hold,
            attempts: outcome?.attempts ?? [],
            channelID: outcome?.attempts.last?.channelID,
            upstreamModel: outcome?.entry?.model,
            firstByte: hasAnswer ? time.now - ticket.hold.terms.started : nil,
            time: time,
            observer: observer
        )
    }
}

extension Failure {
    /// Never sent: there is nobody to send it to.
    static let clientGone = Failure(.clientGone, "The client closed the connection.", code: "client_gone", status: 499)
}
