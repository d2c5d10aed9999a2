import ElkModels
import ElkSpeech
import Synchronization

/// The loaded model, shared by all jobs.
///
/// Loads one at a time and keeps the last one that was asked for. Loading blocks: only for threads outside the cooperative pool.
final class ModelShelf: Sendable {
    private struct Place {
        var weights: String
        var model: WhisperModel
        var lastUse: ContinuousClock.Instant
    }

    private let threads: Int
    private let place = Mutex<Place?>(nil)

    init(threads: Int) {
        self.threads = threads
    }

    /// The model whose weights are at `weights`, loaded if need be.
    func model(at weights: String) throws(ModelError) -> WhisperModel {
        let result: Result<WhisperModel, ModelError> = place.withLock { place in
            if let present = place, present.weights == weights {
                place?.lastUse = .now
                return .success(present.model)
            }
            // Given back before the next one is loaded, so that two never need room at once.
            place = nil
            do throws(ModelError) {
                let model = try WhisperModel(contentsOf: weights, threads: threads)
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
