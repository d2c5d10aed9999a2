import ElkAudio
import ElkGateway
import ElkModels
import ElkVoice
import ElkWire
import Synchronization

/// One text on its way to sound; the next part is made when it is asked for.
///
/// Each part takes its turn by itself, so that long texts do not keep short ones waiting; only the first can be refused.
final class LocalSound: SpokenSound {
    private struct State {
        var parts: ArraySlice<String>
        /// Seconds of sound that the rest is likely to become.
        var left: Double
        /// Its first part had its turn.
        var isBegun = false
        var isFinished = false
        /// A file without any sound is no answer.
        var hasSound = false
    }

    /// Only ever used by the one caller of `next`, on one thread after the other.
    private struct Tools: @unchecked Sendable {
        let encoder: SpeechEncoder
    }

    private let job: SpeechJob
    private let synthesizer: any SpeechSynthesizer
    private let tools: Tools
    private let turnstile: Turnstile
    private let state: Mutex<State>

    init(_ job: SpeechJob, synthesizer: any SpeechSynthesizer, encoder: SpeechEncoder, turnstile: Turnstile) {
        (self.job, self.synthesizer, self.turnstile) = (job, synthesizer, turnstile)
        tools = Tools(encoder: encoder)
        let parts = SentenceSplitter.parts(of: job.input)
        state = Mutex(State(parts: parts[...], left: parts.map(Self.seconds).reduce(0, +)))
    }

    func next() async throws(Failure) -> SpokenPiece? {
        let (part, isOver) = state.withLock { state in
            let isOver = state.isFinished
            let part = state.parts.popFirst()
            if part == nil { state.isFinished = true }
            return (part, isOver)
        }
        guard !isOver else { return nil }
        guard let part else {
            guard state.withLock({ $0.hasSound }) else { throw .unspeakable }
            return try encoded { tools throws(AudioError) in
                (try tools.encoder.finish(), 0, 0)
            }
        }
        guard let samples = try await spoken(part)?.samples else { throw .stopped }
        guard !samples.isEmpty else { return try await next() }
        state.withLock { $0.hasSound = true }
        let seconds = Double(samples.count) / Double(synthesizer.sampleRate)
        return try encoded { tools throws(AudioError) in
            (try tools.encoder.encode(samples), seconds, part.unicodeScalars.count)
        }
    }

    /// The sound of a part, when it is its turn; nil when cancelled.
    private func spoken(_ part: String) async throws(Failure) -> SpokenPart? {
        let (isBegun, left) = state.withLock { ($0.isBegun, $0.left) }
        let rest = max(0, left - Self.seconds(of: part))
        let isCancelled = CancellationFlag()
        let spoken: Result<SpokenPart?, VoiceError>
        do throws(Turnstile.Refusal) {
            spoken = try await turnstile.pass(isBegun: isBegun, audio: left) { [synthesizer, job] place in
                await withTaskCancellationHandler {
                    await onBlockingThread { () -> Result<SpokenPart?, VoiceError> in
                        do throws(VoiceError) {
                            let whole = try synthesizer.speak(
                                part,
                                speed: job.speed,
                                isCancelled: { isCancelled.isSet }
                            )
                            if whole != nil { place.progress(left: rest) }
                            return .success(whole)
                        } catch {
                            return .failure(error)
                        }
                    }
                } onCancel: {
                    isCancelled.set()
                }
            }
        } catch {
            throw Failure(error)
        }
        state.withLock { ($0.isBegun, $0.left) = (true, rest) }
        do throws(VoiceError) {
            return try spoken.get()
        } catch {
            throw Failure(error)
        }
    }

    /// What a text takes to say, about.
    private static func seconds(of text: String) -> Double { Double(text.unicodeScalars.count) / 15 }

    private func encoded(
        _ body: (Tools) throws(AudioError) -> (bytes: [UInt8], seconds: Double, characters: Int)
    ) throws(Failure) -> SpokenPiece {
        do throws(AudioError) {
            let (bytes, seconds, characters) = try body(tools)
            return SpokenPiece(bytes, seconds: seconds, characters: characters)
        } catch {
            throw .server(error.description, status: 503)
        }
    }
}

extension SpeechFormat {
    init(_ format: SpeechJob.Format) {
        self =
            switch format {
            case .mp3: .mp3
            case .opus: .opus
            case .aac: .aac
            case .flac: .flac
            case .wav: .wav
            case .pcm: .pcm
            }
    }
}
