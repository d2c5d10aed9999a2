import ElkModels
import ElkSpeech
import Synchronization

/// What transcriptions need in memory: the weights, and the sessions that have rested since their last job.
final class LoadedModel: Sendable {
    private let engine: SpeechEngine
    private let voiceActivity: VoiceActivityDetector
    private let resting = Mutex<[Rested]>([])

    /// Safe to hand from thread to thread: it is in the list or with one job, never both.
    private struct Rested: @unchecked Sendable {
        let session: WhisperSession
    }

    /// - Parameters:
    ///   - weights: folder or file of the model.
    ///   - store: where the voice activity model is looked for.
    init(weights: String, store: ModelStore, settings: Settings.Speech) throws(ModelError) {
        engine = SpeechEngine(
            try WhisperModel(contentsOf: weights, precision: settings.precision, threads: settings.threads)
        )
        if let stored = store.find(ModelCatalogue.voiceActivity) {
            voiceActivity = try VoiceActivityDetector(contentsOf: stored.weights + "/silero_vad_16k.safetensors")
        } else {
            voiceActivity = .byLoudness
        }
    }

    /// A session for one job, to be given back after it.
    ///
    /// Its caches are tens of megabytes, which the system takes tens of milliseconds to hand out; so those of one session are kept
    /// for the next job. What others take is given back.
    func lendSession() -> WhisperSession {
        let rested = resting.withLock { $0.popLast() }
        return rested?.session ?? WhisperSession(engine, voiceActivity: voiceActivity)
    }

    func giveBack(_ session: WhisperSession) {
        let rested = Rested(session: session)
        resting.withLock { resting in
            if resting.isEmpty {
                resting.append(rested)
            } else {
                rested.session.discard()
                // The last is lent first: it should be the one that still has its memory.
                resting.insert(rested, at: 0)
            }
        }
    }
}

/// The loaded model, shared by all jobs.
///
/// Loads one at a time and keeps the last one that was asked for. Loading blocks: only for threads outside the cooperative pool.
final class ModelShelf: Sendable {
    private struct Place {
        var weights: String
        var model: LoadedModel
        var lastUse: ContinuousClock.Instant
    }

    private let store: ModelStore
    private let settings: Settings.Speech
    private let place = Mutex<Place?>(nil)

    init(store: ModelStore, settings: Settings.Speech) {
        self.store = store
        self.settings = settings
    }

    /// The model whose weights are at `weights`, loaded if need be.
    func model(at weights: String) throws(ModelError) -> LoadedModel {
        let result: Result<LoadedModel, ModelError> = place.withLock { place in
            if let present = place, present.weights == weights {
                place?.lastUse = .now
                return .success(present.model)
            }
            // Given back before the next one is loaded, so that two never need room at once.
            place = nil
            do throws(ModelError) {
                let model = try LoadedModel(weights: weights, store: store, settings: settings)
                place = Place(weights: weights, model: model, lastUse: .now)
                return .success(model)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Keeps the model for another full rest.
    func touch() {
        place.withLock { $0?.lastUse = .now }
    }

    /// Lets go of a model that has rested for `rest`.
    ///
    /// Jobs that still work with it keep it until they are done.
    func unload(restingFor rest: Duration) {
        _ = place.withLockIfAvailable { place in
            if let present = place, .now - present.lastUse >= rest { place = nil }
        }
    }
}
