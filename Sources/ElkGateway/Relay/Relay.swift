import ElkProviders
import ElkWire
import NIOCore

/// Tries the places of a plan one after the other until one has something for the client.
///
/// That first byte is the point of no return: before it a failure is somebody else's turn, after it the client's answer has begun.
struct Relay: Sendable {
    /// How the tries ended, and all that is known of them.
    struct Outcome {
        enum Result {
            case upstream(Attempt.Answer)
            case local(TranscriptionResult, TranscriptionJob)
            /// The engine has read the recording, or is taking its time.
            case localStream(TranscriptFeed, TranscriptionJob)
            /// The local voice has said the first sentence.
            case localSpeech(any SpokenSound, first: SpokenPiece?, SpeechJob)
            case failed(Failure)
            case clientLeft
        }

        var result: Result
        var attempts: [AttemptRecord] = []
        /// The last place that was tried.
        var entry: RoutePlan.Entry?
        var terms = ChannelTerms()
    }

    let upstream: HTTPUpstream
    let health: HealthBoard
    let transcriber: (any Transcriber)?
    let synthesizer: (any Synthesizer)?
    let budget: RouteWalk.Budget
    let terms: ChannelTerms
    let quiet: TimeAmount
    let time: TimeSource

    func firstByte(of call: Call, along plan: RoutePlan, local job: LocalJob?) async -> Outcome {
        var walk = RouteWalk(keys: plan.entries.map(\.keys), budget: budget)
        var outcome = Outcome(result: .failed(.noAttempt))
        let start = time.now
        var next = walk.first()
        while let step = next {
            if step.pause > 0 {
                guard (try? await Task.sleep(for: .milliseconds(step.pause))) != nil else {
                    outcome.result = .clientLeft
                    return outcome
                }
            }
            let entry = plan.entries[step.entry]
            outcome.entry = entry
            let failure: UpstreamFailure
            switch entry.place {
            case .local:
                do throws(Failure) {
                    guard let job, let result = try await local(job) else { return outcome }
                    outcome.result = result
                    return outcome
                } catch {
                    outcome.result = Task.isCancelled ? .clientLeft : .failed(error)
                    guard !Task.isCancelled, error.status >= 500 || error.status == 429 else { return outcome }
                    next = walk.after(.retryOtherChannel, elapsed: time.now - start)
                    continue
                }
            case .channel(let channel):
                let result = await attempt(call, channel, entry, key: step.key, &outcome)
                guard let result else { return outcome }
                failure = result
            }
            outcome.result = .failed(failure.failure)
            next = walk.after(failure.verdict, elapsed: time.now - start)
        }
        if walk.isExhausted, case .failed(var failure) = outcome.result {
            // We have tried for the client; its own tries on top would multiply.
            failure.shouldRetry = false
            outcome.result = .failed(failure)
        }
        return outcome
    }

    /// What the local engine makes of a job; nil when there is none.
    private func local(_ job: LocalJob) async throws(Failure) -> Outcome.Result? {
        switch job {
        case .transcription(let job):
            guard let transcriber else { return nil }
            guard job.streams else { return .local(try await transcriber.transcribe(job), job) }
            let streamed = job.streamed
            return .localStream(try await begin(streamed, on: transcriber), streamed)
        case .speech(let job):
            guard let synthesizer else { return nil }
            let sound = try await synthesizer.speak(job)
            return .localSpeech(sound, first: try await sound.next(), job)
        }
    }

    /// The job, once it is sure to begin with something that a client can be sent.
    private func begin(_ job: TranscriptionJob, on transcriber: any Transcriber) async throws(Failure) -> TranscriptFeed
    {
        let feed = TranscriptFeed(job, on: transcriber)
        // A client whose answer may hold comments is told soon that it waits; others wait for the queue.
        let first = await feed.next(quiet: job.format.streamsEvents ? quiet : nil)
        if case .ended(let result) = first {
            if case .failure(let failure) = result { throw failure }
            feed.putBack(first)
        }
        return feed
    }

    /// Notes the beginning of a try.
    ///
    /// - Returns: whose health it tells of; nobody's while all are well.
    func began(_ channel: CatalogChannel, _ target: ChannelTarget, now: Int64) -> [HealthBoard.Subject] {
        guard !health.snapshot.isClean else { return [] }
        let subjects: [HealthBoard.Subject] = [
            .channel(channel.id), .model(channel: channel.id, target.model),
            .key(channel: channel.id, target.key.hashValue),
        ]
        health.began(subjects, now: now)
        return subjects
    }

    /// One try; nil when it decided the outcome.
    private func attempt(
        _ call: Call,
        _ channel: CatalogChannel,
        _ entry: RoutePlan.Entry,
        key: Int,
        _ outcome: inout Outcome
    ) async -> UpstreamFailure? {
        let start = time.now
        var target = channel.targets[key]
        target.model = entry.model
        outcome.terms = ChannelTerms(of: channel.channel, defaults: terms)
        let subjects = began(channel, target, now: start)
        let result = await Attempt(
            call: call,
            target: target,
            terms: outcome.terms,
            upstream: upstream,
            now: start,
            quiet: quiet
        ).run()
        var record = AttemptRecord(
            channelID: channel.id,
            keyIndex: key,
            status: 0,
            milliseconds: time.now - start
        )
        defer { outcome.attempts.append(record) }
        switch result {
        case .answered(let answer):
            record.status = answer.status
            record.usage = answer.exchange == nil ? answer.translator.usage : nil
            health.succeeded(subjects)
            outcome.result = .upstream(answer)
            return nil
        case .cancelled:
            record.failureCode = "client_left"
            outcome.result = .clientLeft
            return nil
        case .failed(let failure):
            record.status = failure.upstreamStatus ?? 0
            record.failureCode = failure.reason.rawValue
            health.failed(
                failure.health,
                channel: channel.id,
                key: target.key.hashValue,
                model: entry.model,
                now: time.now
            )
            return failure
        }
    }
}

extension Failure {
    static let noAttempt = Failure(.unavailable, "Nothing could be tried.", code: "no_available_channel")
}
