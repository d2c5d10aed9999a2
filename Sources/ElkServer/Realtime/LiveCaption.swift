import ElkGateway
import Synchronization

/// Works on a turn while it is still spoken, when the engine has nothing else to do.
///
/// Now and then what has been heard so far is transcribed as a draft, to tell its text. In a pause the turn is transcribed as if
/// that were its end, so that its text is there when it is.
final class LiveCaption: Sendable {
    /// New samples between the starts of two drafts, at least: half a second.
    private static let step = 8_000
    /// A longer turn is not drafted any more, as each draft begins at its start: one window of the network.
    private static let longest = 28 * 16_000

    private struct State {
        var agreement = CaptionAgreement()
        var work: Task<Void, Never>?
        /// Samples that the last draft was made of.
        var drafted = 0
        /// New samples before the next: twice what arrives while one is made, so that the engine rests as long as it works.
        var step = LiveCaption.step
        /// The turn up to a pause that still lasts.
        var early: EarlyTranscription?
        var isEnded = false
    }

    private let state = Mutex(State())

    /// Whether a turn of so many samples is to be drafted now.
    func isDue(_ count: Int) -> Bool {
        state.withLock { state in
            guard !state.isEnded, state.early == nil, state.work == nil else { return false }
            return count >= state.drafted + state.step && count <= Self.longest
        }
    }

    /// Starts a draft; `tell` is called with what can be told after it.
    func draft(_ turn: LiveTurn, by transcriber: any Transcriber, tell: @escaping @Sendable (String) async -> Void) {
        var job = turn.job
        job.isDraft = true
        state.withLock { [job] state in
            state.drafted = turn.samples.count
            state.work = Task {
                let start = ContinuousClock.now
                let text = try? await transcriber.transcribe(job).text
                let samples = Int((ContinuousClock.now - start) / .seconds(1) * 16_000)
                let new = self.state.withLock { state in
                    guard let text, !state.isEnded else { return "" }
                    return state.agreement.take(draft: text)
                }
                if !new.isEmpty { await tell(new) }
                self.state.withLock { state in
                    state.work = nil
                    state.step = max(Self.step, 2 * samples)
                }
            }
        }
    }

    /// Begins to transcribe a turn that may be over.
    func pause(_ turn: LiveTurn, by transcriber: any Transcriber) {
        state.withLock { state in
            // Its text would come too late.
            state.work?.cancel()
            state.early = EarlyTranscription(turn.job, by: transcriber, after: state.work)
        }
    }

    /// The turn is not over, or not what it was.
    func resume() {
        state.withLock { state in
            state.early?.cancel()
            state.early = nil
        }
    }

    /// Stops drafting.
    ///
    /// - Returns: what has been told, and will still be; and what was begun in the pause at the end.
    func end() async -> (told: CaptionAgreement, early: EarlyTranscription?) {
        let work = state.withLock { state in
            state.isEnded = true
            return state.work
        }
        work?.cancel()
        await work?.value
        return state.withLock { ($0.agreement, $0.early) }
    }
}
