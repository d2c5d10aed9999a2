import Dispatch
import ElkAudio
import ElkGateway
import ElkModels
import ElkSpeech
import ElkWire
import Synchronization

/// The server's `Transcriber` on the engine of this machine.
///
/// Jobs wait in a bounded line and run on threads of their own. A cancelled task leaves the line at once, or stops decoding
/// and the network at their next step.
final class LocalTranscriber: Transcriber {
    /// OpenAI's name for its Whisper, an alias of the default model here.
    static let alias = "whisper-1"

    private let store: ModelStore
    private let settings: Settings.Speech
    private let shelf: ModelShelf
    private let turnstile: Turnstile
    private let room: AudioRoom

    init(store: ModelStore, settings: Settings.Speech) {
        self.store = store
        self.settings = settings
        shelf = ModelShelf(store: store, settings: settings)
        turnstile = Turnstile(places: settings.parallelJobs, limit: settings.queueLimit)
        room = AudioRoom(decoders: 2, limit: Double(settings.maxAudioSeconds))
    }

    func models() async -> [LocalModel] {
        let stored = await onBlockingThread { [store] in store.list() }.filter { Self.transcribes($0.name) }
        var models = stored.map { LocalModel(id: $0.name, created: $0.manifest?.added ?? 0, ownedBy: "elk") }
        let name = ModelCatalogue.official.canonicalName(settings.defaultModel)
        if let standard = models.first(where: { $0.id == name }) {
            models.insert(LocalModel(id: Self.alias, created: standard.created, ownedBy: "elk"), at: 0)
        }
        return models
    }

    func voiceWatch() async -> any VoiceWatch {
        let path = await onBlockingThread { [store] in store.find(ModelCatalogue.voiceActivity)?.weights }
        return LiveVoice(weights: path.map { $0 + "/silero_vad_16k.safetensors" })
    }

    func languageCode(for text: String) -> String? {
        Language(named: text)?.code
    }

    func transcribe(
        _ job: TranscriptionJob,
        report: @escaping @Sendable (TranscriptNews) -> Void
    ) async throws(Failure) -> TranscriptionResult {
        let weights = try await weights(for: job.model)
        let isCancelled = CancellationFlag()
        let outcome: Result<TranscriptionResult, Failure>
        do throws(Turnstile.Refusal) {
            outcome = try await turnstile.pass { place in
                await withTaskCancellationHandler {
                    do throws(Failure) {
                        let result = try await onBlockingThread { () throws(Failure) in
                            try self.run(
                                job,
                                weights: weights,
                                place: place,
                                report: report,
                                isCancelled: { isCancelled.isSet }
                            )
                        }
                        return .success(result)
                    } catch {
                        return .failure(error)
                    }
                } onCancel: {
                    isCancelled.set()
                }
            }
        } catch {
            switch error {
            case .full(let seconds):
                throw .busy("The speech engine is busy. Please try again later.", retryAfter: seconds)
            case .cancelled: throw .stopped
            }
        }
        unloadLater()
        return try outcome.get()
    }

    private static func transcribes(_ name: String) -> Bool {
        ModelCatalogue.official.entry(named: name)?.kind != .voiceActivity
    }

    private func weights(for name: String) async throws(Failure) -> String {
        let wanted = name == Self.alias ? settings.defaultModel : name
        let canonical = ModelCatalogue.official.canonicalName(wanted)
        guard Self.transcribes(canonical) else { throw .unknownModel(name) }
        if let model = await onBlockingThread({ [store] in store.find(canonical) }) { return model.weights }
        guard name == Self.alias || wanted == settings.defaultModel else { throw .unknownModel(name) }
        throw .server(
            "The model '\(canonical)' is not installed on this server.",
            status: 503,
            code: "model_unavailable",
            retryAfter: 30
        )
    }

    /// One job from bytes to body, on the calling thread.
    private func run(
        _ job: TranscriptionJob,
        weights: String,
        place: Turnstile.Place,
        report: @escaping @Sendable (TranscriptNews) -> Void,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws(Failure) -> TranscriptionResult {
        let decode = { () throws(Failure) in
            let parts = try self.samples(of: job, isCancelled: isCancelled)
            return (audio: parts, seconds: Double(parts.reduce(0) { $0 + $1.count }) / 16000)
        }
        guard var parts = try room.enter(isCancelled: isCancelled, decode: decode) else { throw .stopped }
        let seconds = Double(parts.reduce(0) { $0 + $1.count }) / 16000
        defer { room.leave(seconds) }
        place.learn(audio: seconds)
        let model: LoadedModel
        do throws(ModelError) {
            model = try shelf.model(at: weights)
        } catch {
            throw .server("The model '\(job.model)' cannot be loaded.", status: 503, code: "model_unavailable")
        }
        defer { shelf.touch() }
        var options = TranscriptionOptions()
        options.task = job.task == .translate ? .translate : .transcribe
        options.language = job.language
        options.prompt = job.prompt
        options.temperature = job.temperature.map { Float($0) }
        options.beamSize = settings.beamSize
        options.wordTimestamps = job.wantsWords
        // What was said in one go is short, and somebody waits for it.
        options.window = job.isLive ? .fit : settings.window
        options.logProbabilities = job.wantsLogProbabilities
        options.keywords = job.keywords
        options.languages = job.languages
        options.detectsEveryWindow = job.languages.count > 1
        options.skipsSilence = settings.skipSilence
        // What the caller says of names and style holds for the whole recording.
        options.carryInitialPrompt = job.prompt != nil
        let session = model.lendSession()
        defer { model.giveBack(session) }
        let duration = Double(parts.map(\.count).max() ?? 0) / 16000
        let teller = TranscriptTeller(job, duration: duration, report: report)
        teller.begin()
        do throws(SpeechError) {
            if job.format == .diarizedJSON {
                let dialogue = DialogueRun(session: session, options: options, names: job.speakers, teller: teller)
                return teller.result(
                    try dialogue.run(
                        parts,
                        duration: duration,
                        isCancelled: isCancelled,
                        onProgress: { place.progress(left: max(0, seconds - $0)) }
                    )
                )
            }
            let transcript = try session.transcribe(
                parts.removeFirst(),
                options: options,
                isCancelled: isCancelled,
                onProgress: { done in
                    place.progress(left: max(0, seconds - done))
                    teller.reach(done)
                },
                onSegment: { teller.tell($0) }
            )
            return teller.result(transcript)
        } catch {
            throw Failure(error, model: job.model)
        }
    }

    /// 16 kHz mono: one part, or one a speaker.
    private func samples(
        of job: TranscriptionJob,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws(Failure) -> [[Float]] {
        var limits = AudioLimits()
        limits.maxDuration = Double(settings.maxAudioSeconds)
        let source: AudioSource
        switch job.audio {
        case .file(let path): source = .file(path: path)
        case .memory: source = .bytes(job.audio.bytes ?? [])
        case .samples(let samples): return [samples]
        }
        let decoded: [DecodedAudio]
        do throws(AudioError) {
            decoded =
                job.format == .diarizedJSON
                ? try AudioDecoder.decodeSpeakers(source, limits: limits, isCancelled: isCancelled)
                : [try AudioDecoder.decode(source, limits: limits, isCancelled: isCancelled)]
        } catch {
            throw Failure(error, limits: limits)
        }
        guard decoded.contains(where: { $0.duration >= 0.1 }) else { throw .tooShort }
        return decoded.map(\.samples)
    }

    /// Looks after a full rest whether the model has been used again.
    private func unloadLater() {
        guard settings.idleUnloadSeconds > 0 else { return }
        let rest = settings.idleUnloadSeconds
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(rest)) { [shelf] in
            shelf.unload(restingFor: .seconds(rest))
        }
    }
}

/// Set once, read from any thread.
final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() {
        flag.store(true, ordering: .relaxed)
    }
}
