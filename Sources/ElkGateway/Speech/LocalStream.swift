import ElkProviders
import ElkWire
import NIOCore
import Synchronization

/// A transcript on its way from the local engine to the client, and the end of its account.
final class LocalStream: ReplyStream {
    private struct State {
        var isOver = false
        var deliveredOutput = 0
        /// Seconds of the recording that the client has the text of.
        var reached = 0.0
    }

    private let feed: TranscriptFeed
    private let account: RequestAccount
    private let events: TranscriptEvents
    private let quiet: TimeAmount
    private let state = Mutex(State())

    init(_ feed: TranscriptFeed, _ job: TranscriptionJob, account: RequestAccount, quiet: TimeAmount) {
        (self.feed, self.account, self.quiet) = (feed, account, quiet)
        events = TranscriptEvents(format: job.format)
    }

    deinit { clientLeft() }

    func next() async throws(Failure) -> ByteBuffer? {
        while !state.withLock({ $0.isOver }) {
            switch await feed.next(quiet: events.format.streamsEvents ? quiet : nil) {
            case .news(let news):
                let bytes = events.bytes(of: news)
                note(news, bytes)
                if bytes.readableBytes > 0 { return bytes }
            case .quiet:
                return ByteBuffer(string: ": ping\n\n")
            case .ended(.success(let result)):
                var usage = Usage()
                usage.audioMilliseconds = Int(result.duration * 1000)
                guard settle(.completed, usage) else { return nil }
                return events.end(result)
            case .ended(.failure(let failure)):
                guard settle(Outcome(ofLocal: failure), nil, failure) else { return nil }
                guard events.format.streamsEvents else { throw failure }
                var out = ByteBuffer()
                failure.writeErrorEvent(.openAI, requestID: nil, into: &out)
                return out
            case .cancelled:
                clientLeft()
            }
        }
        return nil
    }

    func clientLeft() {
        feed.cancel()
        var usage = Usage()
        usage.audioMilliseconds = state.withLock { Int($0.reached * 1000) }
        settle(.clientAbort(drained: true), usage)
    }

    func stop(_ failure: Failure) { feed.stop(failure) }

    private func note(_ news: TranscriptNews, _ bytes: ByteBuffer) {
        state.withLock { state in
            state.deliveredOutput += bytes.readableBytes
            switch news {
            case .began: break
            case .segment(let piece): state.reached = max(state.reached, piece.segment.end)
            case .reached(let seconds): state.reached = max(state.reached, seconds)
            }
        }
    }

    /// Closes the account; false when that had been done.
    @discardableResult
    private func settle(_ outcome: Outcome, _ usage: Usage?, _ failure: Failure? = nil) -> Bool {
        let delivered = state.withLock { state -> Int? in
            guard !state.isOver else { return nil }
            state.isOver = true
            return state.deliveredOutput
        }
        guard let delivered else { return false }
        account.settle(outcome, usage: usage, deliveredOutput: delivered, failure: failure)
        return true
    }
}
