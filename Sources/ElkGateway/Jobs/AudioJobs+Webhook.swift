import ElkWire
import Logging
import NIOCore
import Synchronization

/// Telling the end of jobs to the addresses that their clients gave.
extension AudioJobs {
    /// Tries until it is told, or there is no use in it.
    func deliver(_ id: String) async {
        while let job = board.withLock({ $0[id]?.job }), let webhook = job.webhook, webhook.state == .pending {
            let pauses = settings.webhookPauses
            guard let sender, pauses.indices.contains(webhook.attempts) else { return await note(.failed, of: id) }
            let pause = pauses[webhook.attempts]
            if pause > 0 { try? await Task.sleep(for: .milliseconds(pause)) }
            guard !Task.isCancelled else { return }
            let answer = await sender.send(event(job), id: Self.eventID(id), to: webhook.url, now: time.now)
            // One that was cut off by our own end is sent again by the next process.
            guard !Task.isCancelled || answer == .delivered else { return }
            board.withLock { $0[id]?.job.webhook?.attempts += 1 }
            switch answer {
            case .delivered: await note(.delivered, of: id)
            case .failed(let reason):
                log(reason, of: id)
                await note(.pending, of: id)
            case .refused(let reason):
                log(reason, of: id)
                await note(.failed, of: id)
            }
        }
    }

    private func note(_ state: Webhook.State, of id: String) async {
        let job = board.withLock { board in
            board[id]?.job.webhook?.state = state
            return board[id]?.job
        }
        if let job { await save(job) }
    }

    private func log(_ reason: String, of id: String) {
        logger.notice("a webhook was not delivered", metadata: ["job": "\(id)", "reason": "\(reason)"])
    }

    private static func eventID(_ id: String) -> String { "evt_" + id.dropFirst("job_".count) }

    /// In the form of OpenAI's events; the result is fetched with the job's key.
    private func event(_ job: AudioJob) -> ByteBuffer {
        var bare = job
        bare.webhook = nil
        let view = view(JobBoard.Entry(bare))
        return JSONWriter.text { writer in
            writer.object { body in
                body.member("object", "event")
                body.member("id", Self.eventID(job.id))
                body.member("type", "audio.job.\(job.status.rawValue)")
                body.member("created_at", Int((job.ended ?? job.created) / 1000))
                body.key("data")
                view.write(into: &body, isWhole: false)
            }
        }
    }
}
