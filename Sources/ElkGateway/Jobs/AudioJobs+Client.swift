package import ElkWire
package import NIOCore
import Synchronization

/// What a client can ask of its jobs; nobody else learns that they exist.
extension AudioJobs {
    /// A job with its segments so far, or its result.
    ///
    /// - Parameter after: leaves out segments up to this id.
    package func show(
        _ id: String,
        owner: AudioJob.Owner,
        after: Int? = nil
    ) async throws(Failure) -> AudioJobView {
        var view = view(try entry(id, owner))
        if let after { view.segments.removeAll { $0.id <= after } }
        if view.job.status == .completed { view.result = try await body(of: id) }
        return view
    }

    /// What the request would have been answered with if its client had waited.
    package func result(
        _ id: String,
        owner: AudioJob.Owner
    ) async throws(Failure) -> (body: ByteBuffer, contentType: String) {
        let job = try entry(id, owner).job
        switch job.status {
        case .queued, .inProgress: throw .unfinishedJob
        case .cancelled: throw .cancelledJob
        case .failed: throw job.failure ?? .cancelledJob
        case .completed: return (try await body(of: id), job.order.contentType)
        }
    }

    /// Stops a job; one that has ended stays as it is.
    package func cancel(_ id: String, owner: AudioJob.Owner) async throws(Failure) -> AudioJobView {
        _ = try entry(id, owner)
        let queued = board.withLock { board -> JobBoard.Entry? in
            guard let entry = board[id], !entry.job.status.isFinal else { return nil }
            entry.stop.turn()
            // Or it would be begun before its end is written down.
            board[id]?.isRunning = true
            return entry.isRunning ? nil : entry
        }
        if let queued {
            queued.account?.settle(.clientAbort(drained: false), usage: nil, failure: .cancelledJob)
            await finish(id, .cancelled)
        }
        // One at work is written down by the task that works at it, within a step of the decoder as a rule.
        for _ in 0..<100 where board.withLock({ $0[id]?.job.status.isFinal }) == false {
            try? await Task.sleep(for: .milliseconds(20))
        }
        return try await show(id, owner: owner)
    }

    /// Removes a job that has ended; false when it has not.
    package func remove(_ id: String, owner: AudioJob.Owner) async throws(Failure) -> Bool {
        _ = try entry(id, owner)
        let isRemoved = board.withLock { board in
            guard board[id]?.job.status.isFinal == true else { return false }
            board[id] = nil
            return true
        }
        if isRemoved, let store { await onThread { store.remove(id) } }
        return isRemoved
    }

    /// A page of the owner's jobs, the newest first, and whether there are more.
    ///
    /// - Parameter after: the id of the last job of the page before.
    package func list(
        owner: AudioJob.Owner,
        limit: Int,
        after: String? = nil
    ) -> (jobs: [AudioJobView], hasMore: Bool) {
        let all = board.withLock { board in board.entries.values.filter { $0.job.owner == owner } }
        var entries = all.sorted { ($0.job.created, $0.job.id) > ($1.job.created, $1.job.id) }[...]
        if let after { entries = entries.drop { $0.job.id != after }.dropFirst() }
        return (entries.prefix(limit).map(view), entries.count > limit)
    }

    func view(_ entry: JobBoard.Entry) -> AudioJobView {
        AudioJobView(
            job: entry.job,
            reached: entry.reached,
            segments: entry.segments,
            expires: entry.job.ended.map { $0 + settings.keepMilliseconds }
        )
    }

    private func entry(_ id: String, _ owner: AudioJob.Owner) throws(Failure) -> JobBoard.Entry {
        guard let entry = board.withLock({ $0[id] }), entry.job.owner == owner else { throw .unknownJob(id) }
        return entry
    }

    private func body(of id: String) async throws(Failure) -> ByteBuffer {
        guard let store else { throw .noJobs }
        let body = try? await onThread { () throws(JobFile.Fault) in try store.result(of: id) }
        guard let body else { throw .lostResult }
        return body
    }
}
