import Dispatch
import ElkAudio
import ElkGateway
import ElkModels
import ElkServer
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
    /// For jobs that nobody waits for: one of hours must not keep short clips out.
    private let backgroundRoom: AudioRoom
    private let meter = SpeechMeter()

    init(store: ModelStore, settings: Settings.Speech) {
        self.store = store
        self.settings = settings
        shelf = ModelShelf(store: store, settings: settings)
        turnstile = Turnstile(places: settings.parallelJobs, limit: settings.queueLimit)
        room = AudioRoom(decoders: 2, limit: Double(settings.maxAudioSeconds))
        backgroundRoom = AudioRoom(decoders: 1, limit: Double(settings.maxAudioSeconds))
    }

    func models() async -> [LocalModel] {
        let stored = await onBlockingThread { [store] in store.list().filter(\.transcribes) }
        var models = stored.map { LocalModel(id: $0.name, created: $0.manifest?.added ?? 0, ownedBy: "elk") }
        let standard = await onBlockingThread { [store, settings] in store.find(settings.defaultModel, or: .official) }
        if let standard = models.first(where: { $0.id == standard?.name }) {
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
        if job.isDraft, !settings.livePartials { throw .stopped }
        if job.isDraft || job.isEarly, turnstile.isBusy { throw .stopped }
        let weights = try await weights(for: job.model)
        // Nobody asked for a draft, so that it is none of the work that operators count.
        let meter = job.isDraft ? nil : meter
        let isCancelled = CancellationFlag()
        let arrival = ContinuousClock.now
        let outcome: Result<TranscriptionResult, Failure>
        do throws(Turnstile.Refusal) {
            outcome = try await turnstile.pass(isPatient: job.journal != nil) { place in
                meter?.started(after: (ContinuousClock.now - arrival) / .seconds(1))
                return await withTaskCancellationHandler {
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
            meter?.ended(error == .cancelled ? .stopped : .refused)
            throw Failure(error)
        }
        unloadLater()
        do throws(Failure) {
            let result = try outcome.get()
            meter?.ended(.done)
            return result
        } catch {
            meter?.ended(error.status == Failure.stopped.status ? .stopped : error.status < 500 ? .refused : .failed)
            throw error
        }
    }

    private func weights(for name: String) async throws(Failure) -> String {
        let wanted = name == Self.alias ? settings.defaultModel : name
        if let model = await onBlockingThread({ [store] in store.find(wanted, or: .official) }) {
            guard model.transcribes else { throw .unknownModel(name) }
            return model.weights
        }
        guard name == Self.alias || wanted == settings.defaultModel else { throw .unknownModel(name) }
        throw .server(
            "The model '\(ModelCatalogue.official.canonicalName(wanted))' is not installed on this server.",
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
        let room = job.journal == nil ? room : backgroundRoom
        guard var parts = try room.enter(isCancelled: isCancelled, decode: decode) else { throw .stopped }
        let seconds = Double(parts.reduce(0) { $0 + $1.count }) / 16000
        defer { room.leave(seconds) }
        let keeper = job.journal.map {
            CheckpointKeeper($0, label: "\(Self.name(ofModelAt: weights)) \(settings.precision)")
        }
        place.learn(audio: max(0, seconds - (keeper?.seconds ?? 0)))
        let model: LoadedModel
        do throws(ModelError) {
            model = try shelf.model(at: weights)
        } catch {
            throw .server("The model '\(job.model)' cannot be loaded.", status: 503, code: "model_unavailable")
        }
        defer { shelf.touch(weights) }
        let start = ContinuousClock.now
        var options = TranscriptionOptions()
        options.task = job.task == .translate ? .translate : .transcribe
        options.language = job.language
        options.prompt = job.prompt
        options.temperature = job.temperature.map { Float($0) }
        options.beamSize = settings.beamSize
        options.wordTimestamps = job.wantsWords
        options.window = settings.window
        options.logProbabilities = job.wantsLogProbabilities
        options.keywords = job.keywords
        options.languages = job.languages
        options.detectsEveryWindow = job.languages.count > 1
        options.skipsSilence = settings.skipSilence
        // What the caller says of names and style holds for the whole recording.
        options.carryInitialPrompt = job.prompt != nil
        let session = model.lendSession()
        defer { model.giveBack(session) }
        let before = session.times
        let note = { (segments: [Segment], dropped: Int, coverage: Double?) in
            guard !job.isDraft else { return }
            self.meter.note(
                SpeechMeter.Report(
                    model: Self.name(ofModelAt: weights),
                    audio: seconds,
                    work: (ContinuousClock.now - start) / .seconds(1),
                    times: session.times.since(before),
                    segments: segments.count,
                    fallbacks: segments.count { $0.temperature > 0 },
                    dropped: dropped,
                    coverage: coverage
                )
            )
        }
        let duration = Double(parts.map(\.count).max() ?? 0) / 16000
        let teller = TranscriptTeller(job, duration: duration, report: report)
        teller.begin()
        do throws(SpeechError) {
            if job.format == .diarizedJSON {
                let dialogue = DialogueRun(
                    session: session,
                    options: options,
                    names: job.speakers,
                    teller: teller,
                    keeper: keeper
                )
                let heard = try dialogue.run(
                    parts,
                    duration: duration,
                    isCancelled: isCancelled,
                    onProgress: { place.progress(left: max(0, seconds - $0)) }
                )
                note(heard.turns.map(\.segment), 0, nil)
                return teller.result(heard)
            }
            let transcript = try session.transcribe(
                parts.removeFirst(),
                options: options,
                from: keeper?.checkpoint(ofPart: 0),
                isCancelled: isCancelled,
                onProgress: { done in
                    place.progress(left: max(0, seconds - done))
                    teller.reach(done)
                },
                onSegment: { teller.tell($0) },
                onCheckpoint: keeper.map { keeper in { keeper.keep($0, ofPart: 0) } }
            )
            note(transcript.segments, transcript.droppedSegments, transcript.coverage)
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

    /// Loads the models that are to be there from the start.
    ///
    /// - Returns: what could not be loaded, and why.
    func preload(_ names: [String]) async -> [(model: String, reason: String)] {
        var faults: [(model: String, reason: String)] = []
        var places: [(model: String, weights: String)] = []
        for name in names {
            let stored = await onBlockingThread { [store] in store.find(name, or: .official) }
            if let stored, !stored.transcribes {
                faults.append((name, "it cannot transcribe, and of voices only that of speech.voice is loaded"))
                continue
            }
            do throws(Failure) {
                let weights = try await weights(for: name)
                places.append((name, weights))
                let fault = await onBlockingThread { [shelf] () -> ModelError? in
                    do throws(ModelError) {
                        _ = try shelf.model(at: weights, isKept: true)
                        return nil
                    } catch {
                        return error
                    }
                }
                if let fault { faults.append((name, fault.description)) }
            } catch {
                faults.append((name, error.message))
            }
        }
        let loaded = shelf.loaded.map(\.weights)
        for (name, weights) in places where !loaded.contains(weights) && !faults.contains(where: { $0.model == name }) {
            faults.append((name, "speech.model_memory_bytes has no room for it beside those after it"))
        }
        return faults
    }

    /// Numbers for the operators.
    func measurements() -> [MetricFamily] {
        let (running, waiting) = turnstile.counts
        let models = shelf.loaded.map {
            MetricFamily.Sample(Double($0.bytes), labels: [("model", Self.name(ofModelAt: $0.weights))])
        }
        return meter.families() + [
            MetricFamily("elk_speech_running", .gauge, "Recordings at work.", Double(running)),
            MetricFamily("elk_speech_waiting", .gauge, "Recordings that wait for their turn.", Double(waiting)),
            MetricFamily("elk_speech_models_loaded", .gauge, "Models in memory.", Double(models.count)),
            MetricFamily("elk_speech_model_bytes", .gauge, "Weights in memory.", models),
        ]
    }

    /// As its folder or file is called.
    private static func name(ofModelAt weights: String) -> String {
        weights.split(separator: "/").last.map(String.init) ?? weights
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
