import ElkModels
import ElkSpeech
import FoundationEssentials
import Glibc
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

    /// Bytes of its weights.
    var memory: Int { engine.model.memory }

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

/// The loaded models, shared by all jobs.
///
/// Loads one at a time and keeps those that have room. Loading blocks: only for threads outside the cooperative pool.
final class ModelShelf: Sendable {
    private struct State {
        var places: ModelPlaces
        var models: [String: LoadedModel] = [:]
        /// Bytes of models that were loaded once.
        var sizes: [String: Int] = [:]
    }

    private let store: ModelStore
    private let settings: Settings.Speech
    private let state: Mutex<State>
    private let birth = ContinuousClock.now
    /// What is loaded, to be seen while a model is being loaded too.
    private let shown = Mutex<[ModelPlaces.Place]>([])

    init(store: ModelStore, settings: Settings.Speech) {
        self.store = store
        self.settings = settings
        state = Mutex(State(places: ModelPlaces(limit: settings.modelMemoryBytes)))
    }

    /// Seconds of a steady clock.
    private var time: Double { (ContinuousClock.now - birth) / .seconds(1) }

    /// What is in memory, the model that was used last at the end.
    var loaded: [ModelPlaces.Place] { shown.withLock { $0 } }

    /// The model whose weights are at `weights`, loaded if need be.
    ///
    /// - Parameter isKept: whether it stays however long nobody asks for it.
    func model(at weights: String, isKept: Bool = false) throws(ModelError) -> LoadedModel {
        let result: Result<LoadedModel, ModelError> = state.withLock { state in
            defer { show(state) }
            if let present = state.models[weights] {
                state.places.touch(weights, at: time)
                return .success(present)
            }
            // Given back before the next one is loaded, so that they never need room at once.
            letGo(state.places.makeRoom(for: state.sizes[weights] ?? sizeOnDisk(weights)), &state)
            do throws(ModelError) {
                let model = try LoadedModel(weights: weights, store: store, settings: settings)
                letGo(state.places.makeRoom(for: model.memory), &state)
                state.sizes[weights] = model.memory
                state.models[weights] = model
                state.places.add(
                    ModelPlaces.Place(weights: weights, bytes: model.memory, lastUse: time, isKept: isKept)
                )
                return .success(model)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Keeps the model for another full rest.
    func touch(_ weights: String) {
        state.withLock { $0.places.touch(weights, at: time) }
    }

    /// Lets go of models that have rested for `rest`.
    ///
    /// Jobs that still work with one keep it until they are done.
    func unload(restingFor rest: Duration) {
        _ = state.withLockIfAvailable { state in
            letGo(state.places.rested(for: rest / .seconds(1), at: time), &state)
            show(state)
        }
    }

    private func letGo(_ weights: [String], _ state: inout State) {
        for weights in weights { state.models[weights] = nil }
    }

    private func show(_ state: State) {
        shown.withLock { $0 = state.places.places }
    }

    /// A guess at what a model will need that has never been loaded: the largest of its files.
    private func sizeOnDisk(_ weights: String) -> Int {
        let inside = (try? FileManager.default.contentsOfDirectory(atPath: weights)) ?? []
        let sizes = ([""] + inside.map { "/" + $0 }).map { name in
            var facts = stat()
            guard stat(weights + name, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return 0 }
            return Int(facts.st_size)
        }
        return sizes.max() ?? 0
    }
}
