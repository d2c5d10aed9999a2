import Dispatch
import ElkAudio
import ElkGateway
import ElkModels
import ElkSpeech
import ElkVoice
import ElkWire
import Synchronization

/// The server's `Synthesizer` on the voice of this machine, and on eSpeak NG where that is installed.
///
/// One part of a text is worked on at a time, so that several clients take turns by sentences.
final class LocalSynthesizer: Synthesizer {
    /// OpenAI's models, all of which the one voice stands in for.
    private static let aliases = ["tts-1", "tts-1-hd", "gpt-4o-mini-tts"]
    /// OpenAI's voices, likewise.
    private static let names = [
        "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer",
        "verse",
    ]
    /// The model that is eSpeak NG; its voices are languages.
    static let eSpeak = "espeak"
    /// Names that no model in the store can have.
    static let models = aliases + [eSpeak]
    /// Unlike models that transcribe, so that lists can tell them apart.
    private static let owner = "elk-voice"
    /// What OpenAI's voices stand for there.
    static let eSpeakLanguage = "en-us"

    private struct Place {
        var folder: String
        var speaker: Speaker
        var lastUse: ContinuousClock.Instant
        /// Stays however long nobody asks for it.
        var isKept = false
    }

    private let store: ModelStore
    private let settings: Settings.Speech
    private let turnstile: Turnstile
    private let place = Mutex<Place?>(nil)

    init(store: ModelStore, settings: Settings.Speech) {
        self.store = store
        self.settings = settings
        turnstile = Turnstile(places: 1, limit: settings.queueLimit)
    }

    func models() async -> [LocalModel] {
        var models: [LocalModel] = []
        if let stored = await installed() {
            let created = stored.manifest?.added ?? 0
            models = (Self.aliases + [settings.voice]).map { LocalModel(id: $0, created: created, ownedBy: Self.owner) }
        }
        if await languages() != nil { models.append(LocalModel(id: Self.eSpeak, created: 0, ownedBy: Self.owner)) }
        return models
    }

    func voices(of model: String) async -> [String] {
        guard model == Self.eSpeak else { return Self.names + [settings.voice] }
        return await languages().map { $0 + Self.names } ?? []
    }

    func absence(of model: String) -> Failure? {
        if model == Self.eSpeak { return .noESpeak }
        return Self.aliases.contains(model) ? .noVoice(settings.voice) : nil
    }

    /// Whether a model of this name is the voice.
    func isCalled(_ name: String) -> Bool {
        let official = ModelCatalogue.official
        return Self.aliases.contains(name) || official.canonicalName(name) == official.canonicalName(settings.voice)
    }

    /// Loads the voice, to be there from the start, where it is among the names.
    ///
    /// - Returns: the names, if it could not be loaded, and why.
    func preload(_ names: [String]) async -> [(model: String, reason: String)] {
        guard !names.isEmpty else { return [] }
        do throws(Failure) {
            guard let stored = await installed() else { throw .noVoice(settings.voice) }
            let folder = stored.weights
            _ = try await onBlockingThread { () throws(Failure) in try self.speaker(at: folder) }
            place.withLock { $0?.isKept = true }
            return []
        } catch {
            return names.map { ($0, error.message) }
        }
    }

    func speak(_ job: SpeechJob) async throws(Failure) -> any SpokenSound {
        let synthesizer = try await synthesizer(for: job)
        let encoder: SpeechEncoder
        do throws(AudioError) {
            encoder = try SpeechEncoder(SpeechFormat(job.format), sampleRate: synthesizer.sampleRate)
        } catch {
            throw .server(error.description, status: 503)
        }
        unloadLater()
        return LocalSound(job, synthesizer: synthesizer, encoder: encoder, turnstile: turnstile)
    }

    private func synthesizer(for job: SpeechJob) async throws(Failure) -> any SpeechSynthesizer {
        if job.model == Self.eSpeak {
            let language = Self.names.contains(job.voice) ? Self.eSpeakLanguage : job.voice
            return try await onBlockingThread { [settings] () throws(Failure) -> ESpeakSynthesizer in
                do throws(VoiceError) {
                    return try ESpeakSynthesizer(try settings.eSpeak(), language: language)
                } catch {
                    throw Failure(error)
                }
            }
        }
        guard let stored = await installed() else { throw .noVoice(settings.voice) }
        let folder = stored.weights
        return try await onBlockingThread { () throws(Failure) in try self.speaker(at: folder) }
    }

    /// Those that eSpeak NG speaks, nil where it is not installed.
    private func languages() async -> [String]? {
        await onBlockingThread { [settings] in try? settings.eSpeak().languages }
    }

    private func installed() async -> StoredModel? {
        await onBlockingThread { [store, settings] in store.find(settings.voice, or: .official) }
    }

    private func speaker(at folder: String) throws(Failure) -> Speaker {
        let result: Result<Speaker, Failure> = place.withLock { place in
            if let present = place, present.folder == folder {
                place?.lastUse = .now
                return .success(present.speaker)
            }
            do throws(VoiceError) {
                let speaker = try Speaker(folder: folder, threads: settings.threads, reading: settings.reading)
                place = Place(folder: folder, speaker: speaker, lastUse: .now)
                return .success(speaker)
            } catch {
                return .failure(Failure(error))
            }
        }
        return try result.get()
    }

    /// Lets go of the voice after a full rest.
    private func unloadLater() {
        guard settings.idleUnloadSeconds > 0 else { return }
        let rest = Duration.seconds(settings.idleUnloadSeconds)
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(settings.idleUnloadSeconds)) { [weak self] in
            self?.place.withLock { place in
                if let present = place, !present.isKept, .now - present.lastUse >= rest { place = nil }
            }
        }
    }
}

extension Failure {
    static let unspeakable = Failure.invalidRequest(
        "'input' has nothing in it that this voice can speak.",
        parameter: "input"
    )

    static func noVoice(_ name: String) -> Failure {
        let isKnown = ModelCatalogue.official.entry(named: name) != nil
        let advice = isKnown ? "get it with: elk models pull \(name)" : "choose another (speech.voice)"
        return .server(
            "The voice '\(name)' is not installed on this server; its operator can \(advice)",
            status: 503,
            code: "model_unavailable",
            retryAfter: 30
        )
    }

    static let noESpeak = Failure(
        status: 404,
        type: "invalid_request_error",
        message:
            "The model `espeak` needs eSpeak NG, which is not installed or not turned on (speech.espeak_library) on this server; "
            + "its operator can get it with the packages libespeak-ng1 and espeak-ng-data.",
        code: "model_not_found"
    )

    /// What the server cannot do about a voice; the reason may have paths of this machine in it.
    init(_ error: VoiceError) {
        let message =
            switch error {
            case .eSpeakMissing:
                "The voice needs eSpeak NG, which is not installed on this server; its operator can get it with the packages "
                    + "libespeak-ng1 and espeak-ng-data."
            case .unknownLanguage: "The language of the voice is none that eSpeak NG knows."
            case .eSpeakFailed: "eSpeak NG cannot say this text."
            case .unreadable: "The voice cannot be loaded."
            }
        self = .server(message, status: 503, code: "model_unavailable")
    }
}
