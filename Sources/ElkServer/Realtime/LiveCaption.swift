import ElkGateway
import Synchronization

/// Tells the text of a turn while it is still spoken.
///
/// Now and then what has been heard so far is transcribed as a draft, when the engine has nothing else to do.
final class LiveCaption: Sendable {
    /// New samples between the starts of two drafts: a second.
    private static let step = 16_000
    /// A longer turn is not drafted any more, as each draft begins at its start: one window of the network.
    private static let longest = 28 * 16_000

    private struct State {
        var agreement = CaptionAgreement()
        var work: Task<Void, Never>?
        /// Samples that the last draft was made of.
        var drafted = 0
        var isEnded = false
    }

    private let state = Mutex(State())

    /// Whether a turn of so many samples is to be drafted now.
    func isDue(_ count: Int) -> Bool {
        state.withLock { state in
            !state.isEnded && state.work == nil && count >= state.drafted + Self.step && count <= Self.longest
        }
    }

    /// Starts a draft; `tell` is called with what can be told after it.
    func draft(_ turn: LiveTurn, by transcriber: any Transcriber, tell: @escaping @Sendable (String) async -> Void) {
        var job = turn.job
        job.isDraft = true
        state.withLock { [job] state in
            state.drafted = turn.samples.count
            state.work = Task {
                let text = try? await transcriber.transcribe(job).text
                let new = self.state.withLock { state in
                    guard let text, !state.isEnded else { return "" }
                    return state.agreement.take(draft: text)
                }
                if !new.isEmpty { await tell(new) }
                self.state.withLock { $0.work = nil }
            }
        }
    }

    /// Stops drafting.
    ///
    /// - Returns: what has been told, and will still be.
    func end() async -> CaptionAgreement {
        let work = state.withLock { state in
            state.isEnded = true
            return state.work
        }
        work?.cancel()
        await work?.value
        return state.withLock { $0.agreement }
    }
}
