import ElkGateway

extension Setting {
    /// Every setting.
    ///
    /// The command line's help, the loader and docs/settings.md all come from this table.
    static let all: [Setting] = server + storage + gateway + speech + jobs + models + log

    static func named(_ key: String) -> Setting? {
        all.first { $0.key == key }
    }

    private static let server: [Setting] = [
        .text(
            "server.host",
            \.server.host,
            "Address to listen on. Any other than this machine's own (127.0.0.1, ::1, localhost) needs a key: `elk keys create` or server.api_keys."
        ).with(shortFlag: "--host"),
        .integer("server.port", \.server.port, 0...65535, "Port to listen on; 0 takes any free one.")
            .with(shortFlag: "--port"),
        .secrets("server.api_keys", \.server.apiKeys, "Keys that clients may present as bearer tokens.")
            .with(otherVariables: ["ELK_API_KEY"]),
        .bytes("server.max_body_bytes", \.server.maxBodyBytes, 1...(4 << 30), "Longest body of an upload."),
        .bytes(
            "server.max_buffered_bytes",
            \.server.maxBufferedBytes,
            1...(1 << 40),
            "Memory for the bodies of all requests together; beyond it the answer is 503. At least server.max_body_bytes."
        ),
        .bytes(
            "server.upload_memory_bytes",
            \.server.uploadMemoryBytes,
            0...(1 << 30),
            "Recordings longer than this wait in a temporary file instead of memory."
        ),
        .flag(
            "server.strict_formats",
            \.server.strictFormats,
            "Refuse file names whose extension OpenAI does not list. Otherwise only the content counts."
        ),
        .integer("server.max_connections", \.server.maxConnections, 1...65536, "Open connections; others wait."),
        .integer(
            "server.max_speech_requests",
            \.server.maxSpeechRequests,
            1...65536,
            "Speech requests that upload, wait or run at the same time; beyond it the answer is 429."
        ),
        .integer(
            "server.idle_seconds",
            \.server.idleSeconds,
            1...86400,
            "Silence after which a connection is closed."
        ),
        .integer(
            "server.shutdown_grace_seconds",
            \.server.shutdownGraceSeconds,
            0...86400,
            "Time that running requests have to finish when the server stops."
        ),
    ]

    private static let storage: [Setting] = [
        .text(
            "storage.path",
            \.storage.path,
            default: "$ELK_HOME/elk.db, $XDG_DATA_HOME/elk/elk.db or ~/.local/share/elk/elk.db",
            "Database with users, keys, channels, prices and the usage log. Its keys lie beside it, in files of mode 0600."
        ),
        .secret(
            "storage.master_key",
            \.storage.masterKey,
            default: "kept in the file master.key beside the database",
            "Text of 32 characters or more that upstream keys are sealed with in the database."
        ).with(otherVariables: ["ELK_MASTER_KEY"]),
    ]

    private static let gateway: [Setting] = [
        .integer(
            "gateway.max_attempts",
            \.gateway.maxAttempts,
            1...20,
            "Tries of one request, over all channels and keys, before its first byte."
        ),
        .integer(
            "gateway.retry_seconds",
            \.gateway.retrySeconds,
            0...3600,
            "No try begins later than this after the first."
        ),
        .integer(
            "gateway.connect_seconds",
            \.gateway.connectSeconds,
            1...600,
            "Time to reach a provider. A channel may have its own."
        ),
        .integer(
            "gateway.first_byte_seconds",
            \.gateway.firstByteSeconds,
            1...86400,
            "Time that a provider has to begin its answer. A channel may have its own."
        ),
        .integer(
            "gateway.idle_seconds",
            \.gateway.idleSeconds,
            1...86400,
            "Silence of a provider after which its answer counts as cut. A channel may have its own."
        ),
        .integer(
            "gateway.drain_seconds",
            \.gateway.drainSeconds,
            0...3600,
            "After a client has left, time to read on and learn what was used; 0 stops the provider at once."
        ),
        .integer(
            "gateway.keep_alive_seconds",
            \.gateway.keepAliveSeconds,
            1...3600,
            "Silence after which a stream gets a sign of life, so that nothing on the way closes it."
        ),
        .integer(
            "gateway.local_priority",
            \.gateway.localPriority,
            -1_000_000...1_000_000,
            "Place of the local speech engine among the channels; the highest priority is tried first."
        ),
        .integer(
            "gateway.default_max_output",
            \.gateway.defaultMaxOutput,
            1...10_000_000,
            "Output tokens that money is held for when a request sets no limit."
        ),
        .integer(
            "gateway.realtime_seconds",
            \.gateway.realtimeSeconds,
            1...7000,
            "Longest session of a realtime model at a provider."
        ),
        .integer(
            "gateway.response_days",
            \.gateway.responseDays,
            1...3650,
            "How long answers of the Responses API can be asked for again."
        ),
        .integer(
            "gateway.connections_per_host",
            \.gateway.connectionsPerHost,
            1...65536,
            "Open connections to one provider; as many requests again wait for one."
        ),
        .text(
            "gateway.certificate_authorities",
            \.gateway.certificateAuthorities,
            default: "the system's only",
            "PEM file with further certificate authorities, for providers behind a private one."
        ),
    ]

    private static let speech: [Setting] = [
        .text(
            "speech.default_model",
            \.speech.defaultModel,
            "Local model that whisper-1 stands for and that elk transcribe takes."
        ),
        .text(
            "speech.voice",
            \.speech.voice,
            "Installed voice that tts-1 and its like speak with, and elk speak."
        ),
        .text(
            "speech.espeak_library",
            \.speech.espeakLibrary,
            "Library of eSpeak NG, such as libespeak-ng.so.1, which speaks any language as the model espeak and reads for voices of other languages than English; none never loads it. Odd text can crash it, and the server with it: name it only where clients are trusted."
        ),
        .flag(
            "speech.espeak_phonemes",
            \.speech.espeakPhonemes,
            "English voices take their sounds from eSpeak NG as well, instead of from the pronouncing dictionary."
        ),
        .integer("speech.beam_size", \.speech.beamSize, 1...16, "Width of the beam search; 1 is greedy and fastest."),
        .choice(
            "speech.precision",
            \.speech.precision,
            "How weights are kept and multiplied: int8 is smallest and fastest, bf16 rounds less, int16 still less, half not at all."
        ),
        .choice(
            "speech.window",
            \.speech.window,
            "How the network's 30 s are filled behind less audio: fit computes the silence there coarsely, which halves the time of short recordings, and hears in full what is in doubt; full computes all of it."
        ),
        .flag(
            "speech.skip_silence",
            \.speech.skipSilence,
            "Passes over what nobody speaks in, and looks again where somebody does and nothing was heard."
        ),
        .flag(
            "speech.live_partials",
            \.speech.livePartials,
            "Tells the text of a turn of a live session while it is still spoken, as far as the engine has nothing else to do."
        ),
        .integer("speech.threads", \.speech.threads, 0...256, "Threads that compute; 0 takes one a core."),
        .integer(
            "speech.parallel_jobs",
            \.speech.parallelJobs,
            1...64,
            "Recordings that are transcribed at the same time, fairly by seconds of audio; each takes up to 50 MB with base."
        ),
        .integer(
            "speech.queue_limit",
            \.speech.queueLimit,
            0...10_000,
            "Recordings that wait for their turn, and as many texts that are to be spoken; beyond it the answer is 429, with the time that those before it will take as Retry-After."
        ),
        .integer(
            "speech.max_audio_seconds",
            \.speech.maxAudioSeconds,
            1...86400,
            "Longest recording, and all that are worked on together. A second takes 100 kB of memory, with models of 128 mel bands (large-v3 and what comes of it) 120 kB."
        ),
        .integer(
            "speech.idle_unload_seconds",
            \.speech.idleUnloadSeconds,
            0...604_800,
            "Rest after which a model leaves memory until it is asked for again; 0 keeps it for good."
        ),
        .names(
            "speech.preload",
            \.speech.preload,
            "Models that are loaded at the start, before the first request, and that do not leave memory for having rested; the voice of speech.voice may be among them."
        ),
        .bytes(
            "speech.model_memory_bytes",
            \.speech.modelMemoryBytes,
            0...(1 << 40),
            "Room for the weights of loaded models; the one used longest ago leaves when another has no room. 0 keeps one model at a time."
        ),
    ]

    private static let jobs: [Setting] = [
        .integer(
            "jobs.parallel",
            \.jobs.parallel,
            1...16,
            "Jobs (`Prefer: respond-async`) that are transcribed at the same time, beside speech.parallel_jobs and giving way to what waits there; each keeps its recording in memory, 100 to 120 kB a second."
        ),
        .integer(
            "jobs.queue_limit",
            \.jobs.queueLimit,
            0...10_000,
            "Jobs that wait or are at work; beyond it the answer is 429. 0 takes no jobs."
        ),
        .integer(
            "jobs.keep_hours",
            \.jobs.keepHours,
            1...8760,
            "How long a job and its result can be asked for after its end."
        ),
        .bytes(
            "jobs.max_bytes",
            \.jobs.maxBytes,
            (1 << 20)...(1 << 40),
            "Room for recordings and results of jobs, in the folder jobs beside the database; beyond it the answer is 503."
        ),
        .secret(
            "jobs.webhook_secret",
            \.jobs.webhookSecret,
            default: "none: webhooks are refused",
            form: "`whsec_` and 24 to 64 bytes in base64",
            isValid: { WebhookSecret($0) != nil },
            "What webhooks are signed with, in the scheme of Standard Webhooks."
        ),
        .flag(
            "jobs.private_webhooks",
            \.jobs.privateWebhooks,
            "Lets webhooks go to this machine and its networks, on any port and over plain HTTP. Whoever has a key can then reach those."
        ),
    ]

    private static let models: [Setting] = [
        .text(
            "models.folder",
            \.models.folder,
            default: "$ELK_HOME/models, $XDG_DATA_HOME/elk/models or ~/.local/share/elk/models",
            "Folder with the models."
        ),
        .text(
            "models.hub_url",
            \.models.hubAddress,
            "Hugging Face hub, or a mirror of it, that models are pulled from. HF_TOKEN in the environment is sent along."
        ),
    ]

    private static let log: [Setting] = [
        .choice("log.level", \.log.level, "Least serious messages that are logged."),
        .choice("log.format", \.log.format, "Lines for people, or JSON for machines."),
    ]

    private func with(otherVariables: [String] = [], shortFlag: String? = nil) -> Setting {
        var copy = self
        copy.otherVariables = otherVariables
        copy.shortFlag = shortFlag
        return copy
    }
}
