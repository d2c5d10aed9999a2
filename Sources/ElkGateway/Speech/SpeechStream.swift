import ElkProviders
import ElkWire
import NIOCore
import Synchronization

/// Speech on its way from the local voice to the client, and the end of its account.
final class SpeechStream: ReplyStream {
    /// Tokens of a second of sound: an estimate, as there are none.
    static let tokensPerSecond = 20.0

    private struct State {
        var first: SpokenPiece?
        var isOver = false
        /// Why it is to end before its next piece.
        var stopped: Failure?
        var seconds = 0.0
        var characters = 0
        var delivered = 0
    }

    private let sound: any SpokenSound
    private let job: SpeechJob
    private let account: RequestAccount
    private let state: Mutex<State>

    /// - Parameter first: the piece that has been made already, nil when the sound is over.
    init(_ sound: any SpokenSound, first: SpokenPiece?, _ job: SpeechJob, account: RequestAccount) {
        (self.sound, self.job, self.account) = (sound, job, account)
        state = Mutex(State(first: first))
    }

    deinit { clientLeft() }

    func next() async throws(Failure) -> ByteBuffer? {
        while !state.withLock({ $0.isOver }) {
            let piece: SpokenPiece?
            do throws(Failure) {
                if let failure = state.withLock({ $0.stopped }) { throw failure }
                if let first = takeFirst() { piece = first } else { piece = try await sound.next() }
            } catch {
                if Task.isCancelled {
                    clientLeft()
                    return nil
                }
                guard settle(Outcome(ofLocal: error), error) else { return nil }
                guard job.streamsEvents else { throw error }
                var out = ByteBuffer()
                error.writeErrorEvent(.openAI, requestID: nil, into: &out)
                return out
            }
            guard let piece else {
                let usage = usage()
                guard settle(.completed) else { return nil }
                return job.streamsEvents ? Self.done(usage) : nil
            }
            let bytes = job.streamsEvents && piece.bytes.readableBytes > 0 ? Self.delta(piece.bytes) : piece.bytes
            state.withLock { state in
                state.seconds += piece.seconds
                state.characters += piece.characters
                state.delivered += bytes.readableBytes
            }
            if bytes.readableBytes > 0 { return bytes }
        }
        return nil
    }

    func clientLeft() {
        settle(.clientAbort(drained: true))
    }

    func stop(_ failure: Failure) {
        state.withLock { $0.stopped = failure }
    }

    private func takeFirst() -> SpokenPiece? {
        state.withLock { state in
            defer { state.first = nil }
            return state.first
        }
    }

    private func usage() -> Usage {
        let (seconds, characters) = state.withLock { ($0.seconds, $0.characters) }
        let tokens = Int((seconds * Self.tokensPerSecond).rounded(.up))
        return Usage(
            inputTokens: (characters + 3) / 4,
            outputTokens: tokens,
            audioOutputTokens: tokens,
            characters: characters,
            source: .counted
        )
    }

    /// Closes the account; false when that had been done.
    @discardableResult
    private func settle(_ outcome: Outcome, _ failure: Failure? = nil) -> Bool {
        let usage = usage()
        let delivered = state.withLock { state -> Int? in
            guard !state.isOver else { return nil }
            state.isOver = true
            return state.delivered
        }
        guard let delivered else { return false }
        account.settle(outcome, usage: usage, deliveredOutput: delivered, failure: failure)
        return true
    }

    private static func delta(_ bytes: ByteBuffer) -> ByteBuffer {
        var out = ByteBuffer()
        out.writeStaticString(#"data: {"type":"speech.audio.delta","audio":""#)
        out.writeBase64(bytes)
        out.writeStaticString("\"}\n\n")
        return out
    }

    private static func done(_ usage: Usage) -> ByteBuffer {
        let (input, output) = (usage.inputTokens, usage.outputTokens)
        let counts = #""input_tokens":\#(input),"output_tokens":\#(output),"total_tokens":\#(input + output)"#
        return ByteBuffer(string: "data: {\"type\":\"speech.audio.done\",\"usage\":{\(counts)}}\n\n")
    }
}
