package import ElkProviders
package import ElkWire
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Long recordings that are transcribed while nobody waits (`Prefer: respond-async`): their client asks for them by id.
///
/// A job is admitted like every request when it comes, and paid once at its end. It is on disk until its time is over: one that
/// was queued or at work when the process ended goes on with the next one, from its last finished window.
package final class AudioJobs: ServiceLifecycle.Service {
    package struct Settings: Sendable {
        /// Where jobs are kept; nil: there are none.
        package var folder: String?
        /// Jobs at work at a time.
        package var parallel = 1
        /// Jobs that wait or are at work.
        package var queueLimit = 100
        /// How long a job is kept after its end.
        package var keepMilliseconds: Int64 = 86_400_000
        /// Room on disk for all jobs.
        package var maxBytes = 8 << 30
        package var webhookSecret: WebhookSecret?
        /// Webhooks may go to this machine and its networks, and over plain HTTP.
        package var allowsPrivateWebhooks = false
        /// Milliseconds before each try of a webhook; there are no more tries than these.
        package var webhookPauses: [Int64] = [0, 5_000, 30_000, 120_000, 600_000, 3_600_000]

        package init() {}
    }

    /// How long a job waits when it cannot be admitted again just now.
    private static let pauseMilliseconds: Int64 = 5_000

    let settings: Settings
    let store: AudioJobStore?
    let gateway: Gateway
    let sender: WebhookSender?
    let time: TimeSource
    let logger: Logger
    let board = Mutex(JobBoard())
    let signal = Signal()

    package init(
        settings: Settings,
        gateway: Gateway,
        time: TimeSource = .system,
        logger: Logger
    ) {
        (self.settings, self.gateway, self.time, self.logger) = (settings, gateway, time, logger)
        store = settings.folder.flatMap { AudioJobStore(folder: $0, logger: logger) }
        sender = settings.webhookSecret.map { secret in
            WebhookSender(
                upstream: gateway.upstream,
                secret: secret,
                allowsPrivate: settings.allowsPrivateWebhooks
            )
        }
    }

    /// Whether jobs are taken at all.
    package var isOpen: Bool { store != nil && settings.queueLimit > 0 }

    /// Jobs that wait, that are at work and that are kept, for metrics.
    package var counts: (queued: Int, running: Int, kept: Int) {
        board.withLock { board in
            let running = board.entries.values.count { $0.isRunning }
            let unfinished = board.entries.values.count { !$0.job.status.isFinal }
            return (unfinished - running, running, board.entries.count - unfinished)
        }
    }

    /// Reads what an earlier process left; before the first request.
    package func load() async {
        guard let store else { return }
        let jobs = await onThread { store.load() }
        let unfinished = jobs.count { !$0.status.isFinal }
        if unfinished > 0 { logger.notice("jobs go on", metadata: ["count": "\(unfinished)"]) }
        board.withLock { board in
            for var job in jobs {
                if !job.status.isFinal { job.status = .queued }
                board[job.id] = JobBoard.Entry(job)
            }
        }
    }

    /// Takes a job on: admitted, on disk and in the queue when this returns.
    ///
    /// - Parameters:
    ///   - order: what is to be done, with the recording as it came.
    ///   - webhookURL: checked by `checkWebhook`.
    package func submit(
        _ order: TranscriptionJob,
        as call: Call,
        from client: Client,
        owner: AudioJob.Owner,
        uploadBytes: Int,
        webhookURL: String? = nil
    ) async throws(Failure) -> AudioJobView {
        guard let store else { throw .noJobs }
        do throws(JobBoard.Obstacle) {
            try board.withLock { board throws(JobBoard.Obstacle) in
                try board.reserve(bytes: uploadBytes, queueLimit: settings.queueLimit, maxBytes: settings.maxBytes)
            }
        } catch {
            throw error == .tooMany ? .tooManyJobs : .noRoomForJobs
        }
        defer { board.withLock { $0.unreserve(bytes: uploadBytes) } }
        let account = try await gateway.admit(call, from: client, uploadBytes: uploadBytes)
        var order = order
        order.streams = false
        var job = AudioJob(
            requestID: call.id,
            owner: owner,
            address: client.address,
            order: order,
            uploadBytes: uploadBytes,
            created: time.now
        )
        job.webhook = webhookURL.map(Webhook.init)
        do throws(JobFile.Fault) {
            let draft = job
            job = try await onThread { () throws(JobFile.Fault) in try store.create(draft) }
        } catch {
            log("a job cannot be stored", job.id, error)
            account.settle(.gatewayFailure, usage: nil, failure: .noRoomForJobs)
            throw .noRoomForJobs
        }
        let entry = JobBoard.Entry(job, account: account)
        board.withLock { $0[entry.job.id] = entry }
        signal.give()
        return view(entry)
    }

    /// Refuses an address that no webhook can go to.
    package func checkWebhook(_ url: String) throws(Failure) {
        guard sender != nil else { throw .noWebhooks }
        _ = try WebhookTarget(url, allowsPrivate: settings.allowsPrivateWebhooks)
    }

    package func run() async throws {
        guard store != nil else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown { await self.work() }
        // They go on with the next process, which admits them anew under the same ids.
        let accounts = board.withLock { board in
            board.entries.values.compactMap { $0.job.status.isFinal ? nil : $0.account }
        }
        for account in accounts { account.hold.withdraw() }
    }

    private func work() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.tick() }
            while !Task.isCancelled {
                while let entry = board.withLock({ $0.beginNext(parallel: settings.parallel, now: time.now) }) {
                    group.addTask { await self.perform(entry) }
                }
                for id in board.withLock({ $0.takeDeliveries() }) {
                    group.addTask { await self.deliver(id) }
                }
                await signal.wait()
            }
            group.cancelAll()
        }
    }

    /// Looks every few seconds for what has had its time, and for those who were to be asked again.
    private func tick() async {
        while (try? await Task.sleep(for: .milliseconds(Self.pauseMilliseconds))) != nil {
            await expire()
            signal.give()
        }
    }

    /// Removes the jobs whose time is over.
    package func expire() async {
        guard let store else { return }
        let ids = board.withLock { $0.expire(keep: settings.keepMilliseconds, now: time.now) }
        guard !ids.isEmpty else { return }
        await onThread { for id in ids { store.remove(id) } }
    }

    // MARK: One job

    private enum End: Sendable {
        case done(TranscriptionResult)
        case failed(Failure)
        case stopped
    }

    private func perform(_ entry: JobBoard.Entry) async {
        defer { signal.give() }
        let job = entry.job
        guard let store, let account = await account(of: entry) else { return }
        await save(job)
        var order = job.order
        order.journal = store.journal(of: job.id)
        let end = await end(of: order, id: job.id, stop: entry.stop)
        switch end {
        case .done(let result): await complete(job.id, result, account)
        case .failed(let failure) where !entry.stop.isTurned && !Task.isCancelled:
            account.settle(Outcome(ofLocal: failure), usage: nil, failure: failure)
            await finish(job.id, .failed, failure: failure)
        case .failed, .stopped:
            guard entry.stop.isTurned else { return }
            account.settle(.clientAbort(drained: false), usage: nil, failure: .cancelledJob)
            await finish(job.id, .cancelled)
        }
    }

    /// The open account of a job that begins; nil when it may not begin, now or at all.
    private func account(of entry: JobBoard.Entry) async -> RequestAccount? {
        if let account = entry.account { return account }
        let job = entry.job
        do throws(Failure) {
            let account = try await gateway.readmit(job)
            let isWanted = board.withLock { board in
                guard board[job.id]?.job.status.isFinal == false else { return false }
                board[job.id]?.account = account
                return true
            }
            guard isWanted else {
                account.hold.withdraw()
                return nil
            }
            return account
        } catch {
            if entry.stop.isTurned {
                await finish(job.id, .cancelled)
                return nil
            }
            guard !Task.isCancelled else { return nil }
            switch error.kind {
            case .rateLimited, .overloaded, .unavailable, .internal:
                board.withLock { board in
                    board[job.id]?.isRunning = false
                    board[job.id]?.job.status = .queued
                    board[job.id]?.notBefore = time.now + Self.pauseMilliseconds
                }
            default:
                await finish(job.id, .failed, failure: error)
            }
            return nil
        }
    }

    private func end(of order: TranscriptionJob, id: String, stop: StopSwitch) async -> End {
        await withTaskGroup(of: End.self) { group in
            group.addTask {
                do throws(Failure) {
                    guard let transcriber = self.gateway.transcriber else { throw .noEngine }
                    return .done(try await transcriber.transcribe(order) { self.note($0, of: id) })
                } catch {
                    return .failed(error)
                }
            }
            group.addTask {
                await stop.untilTurned()
                return .stopped
            }
            var end = await group.next() ?? .stopped
            group.cancelAll()
            // The engine has to have let go of the files. What it finished meanwhile counts.
            for await other in group { if case .done = other { end = other } }
            return end
        }
    }

    private func note(_ news: TranscriptNews, of id: String) {
        board.withLock { board in
            switch news {
            case .began(let duration):
                board[id]?.job.duration = duration
                board[id]?.segments = []
            case .segment(let piece): board[id]?.segments.append(piece.segment)
            case .reached(let seconds): board[id]?.reached = seconds
            }
        }
    }

    private func complete(_ id: String, _ result: TranscriptionResult, _ account: RequestAccount) async {
        guard let store, let job = board.withLock({ $0[id]?.job }) else { return }
        do throws(JobFile.Fault) {
            try await onThread { () throws(JobFile.Fault) in try store.saveResult(result.body, of: job) }
        } catch {
            log("the result of a job cannot be stored", id, error)
            account.settle(.gatewayFailure, usage: nil, failure: .noRoomForResult)
            return await finish(id, .failed, failure: .noRoomForResult)
        }
        // Paid before it is written down as done: between the two it would be done once more, and not paid again.
        var usage = Usage()
        usage.audioMilliseconds = Int(result.duration * 1000)
        account.settle(.completed, usage: usage)
        await finish(id, .completed, resultBytes: result.body.readableBytes, duration: result.duration)
    }

    /// Writes down how a job ended; what only the work needed goes.
    func finish(
        _ id: String,
        _ status: AudioJob.Status,
        failure: Failure? = nil,
        resultBytes: Int = 0,
        duration: Double? = nil
    ) async {
        let job = board.withLock { board -> AudioJob? in
            guard var entry = board[id], !entry.job.status.isFinal else { return nil }
            entry.job.status = status
            entry.job.failure = failure
            entry.job.resultBytes = resultBytes
            entry.job.duration = duration ?? entry.job.duration
            entry.job.ended = time.now
            entry.job.order.forgetContent()
            if let duration { entry.reached = duration }
            (entry.account, entry.isRunning, entry.segments) = (nil, false, [])
            board[id] = entry
            return entry.job
        }
        guard let job, let store else { return }
        logger.info("a job ended", metadata: ["job": "\(id)", "status": "\(status.rawValue)"])
        if await save(job) { await onThread { store.removeInput(of: id) } }
        if job.webhook != nil {
            board.withLock { $0[id]?.awaitsDelivery = true }
            signal.give()
        }
    }

    /// False when that failed, which has been logged.
    @discardableResult
    func save(_ job: AudioJob) async -> Bool {
        guard let store else { return false }
        do throws(JobFile.Fault) {
            try await onThread { () throws(JobFile.Fault) in try store.save(job) }
            return true
        } catch {
            log("how a job stands cannot be stored", job.id, error)
            return false
        }
    }

    private func log(_ text: String, _ id: String, _ fault: JobFile.Fault) {
        logger.error(
            "\(text)",
            metadata: ["job": "\(id)", "operation": "\(fault.operation)", "errno": "\(fault.code)"]
        )
    }
}

/// Runs what blocks on a thread for it.
func onThread<Value: Sendable, Fault: Error>(
    _ body: @escaping @Sendable () throws(Fault) -> Value
) async throws(Fault) -> Value {
    let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<Value, Fault>, Never>) in
        NIOThreadPool.singleton.submit { _ in
            continuation.resume(returning: Result { () throws(Fault) in try body() })
        }
    }
    return try result.get()
}

extension TranscriptionJob {
    /// Leaves what a finished job is shown with.
    fileprivate mutating func forgetContent() {
        audio = .memory(ByteBuffer())
        (filename, language, prompt, temperature, journal) = (nil, nil, nil, nil, nil)
        (languages, keywords, speakers) = ([], [], [])
    }
}
