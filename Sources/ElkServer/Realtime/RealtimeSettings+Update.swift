import ElkWire

extension RealtimeSettings {
    /// Takes what `session` says; what it leaves out stays, and so does everything when a value makes no sense.
    ///
    /// - Returns: the shape that it is written in.
    mutating func update(
        _ session: JSONSlice,
        models: Set<String>,
        languageCode: (String) -> String?
    ) throws(Failure) -> Shape {
        var draft = self
        let wish = RealtimeWish(session, path: "session")
        // The session of a talk hears as one of transcription does.
        if let type = try wish["type"]?.unlessNull() { _ = try type.option(of: ["transcription", "realtime"]) }
        let audio = try wish["audio"]?.unlessNull()
        let input = try audio?.object()["input"]?.unlessNull()?.object()
        if let format = try (input?["format"] ?? wish["input_audio_format"])?.unlessNull() {
            draft.format = try Self.format(format)
        }
        if let transcription = try (input?["transcription"] ?? wish["input_audio_transcription"])?.unlessNull() {
            try draft.take(transcription: transcription.object(), models: models, languageCode: languageCode)
        }
        if let detection = input?["turn_detection"] ?? wish["turn_detection"] {
            try draft.take(turnDetection: detection)
        }
        if let reduction = input?["noise_reduction"] ?? wish["input_audio_noise_reduction"] {
            draft.noiseReduction = try reduction.unlessNull()?.object()["type"]?.option()
        }
        if let include = try wish["include"]?.unlessNull() {
            let items = try include.elements().map { item throws(Failure) in
                try item.option(of: [Self.logProbabilities])
            }
            draft.includesLogProbabilities = !items.isEmpty
        }
        self = draft
        return audio != nil || wish["type"] != nil ? .current : .beta
    }

    /// An object in the current words, a name in those of the beta.
    private static func format(_ wish: RealtimeWish) throws(Failure) -> LiveAudioFormat {
        let isName = wish.value.kind == .string
        let name = isName ? try wish.string() : try wish.object()["type"]?.string() ?? LiveAudioFormat.pcm.mediaType
        let rate = isName ? nil : wish["rate"].map { $0.value.int ?? -1 }
        guard let format = LiveAudioFormat(named: name, rate: rate) else {
            throw .invalidRequest(
                "The input format must be audio/pcm at 8000, 16000, 24000 or 48000 Hz, audio/pcmu or audio/pcma.",
                parameter: wish.path,
                code: "invalid_value"
            )
        }
        return format
    }

    private mutating func take(
        transcription: RealtimeWish,
        models: Set<String>,
        languageCode: (String) -> String?
    ) throws(Failure) {
        if let name = try transcription["model"]?.unlessNull()?.string() {
            guard models.contains(name) else { throw .unknownModel(name) }
            model = name
        }
        if let wish = transcription["language"] {
            let name = try wish.unlessNull()?.string() ?? ""
            language = name.isEmpty ? nil : try Self.code(of: name, at: wish.path, languageCode)
        }
        if let wish = transcription["languages"] {
            languages = []
            for item in try wish.unlessNull()?.elements() ?? [] {
                let code = try Self.code(of: item.string(), at: wish.path, languageCode)
                if !languages.contains(code) { languages.append(code) }
            }
        }
        if let wish = transcription["keywords"] {
            keywords = try wish.unlessNull()?.elements().map { item throws(Failure) in try item.string() } ?? []
            guard keywords.count <= TranscriptionForm.maxKeywords else { throw .tooManyKeywords(parameter: wish.path) }
        }
        if let wish = transcription["prompt"] { prompt = try wish.unlessNull()?.string() }
    }

    private static func code(
        of name: String,
        at path: String,
        _ languageCode: (String) -> String?
    ) throws(Failure) -> String {
        guard let code = languageCode(name) else { throw .invalidLanguage(name, parameter: path) }
        return code
    }

    private mutating func take(turnDetection: RealtimeWish) throws(Failure) {
        guard let wish = try turnDetection.unlessNull()?.object() else {
            turns = .manual
            return
        }
        guard try wish["type"]?.option(of: ["server_vad", "semantic_vad"]) != "semantic_vad" else {
            turns = .semantic(try wish["eagerness"]?.option() ?? .auto)
            return
        }
        var rules = TurnDetector.Rules()
        if case .server(let present) = turns { rules = present }
        // Below that, silence itself is speech to the detector.
        if let threshold = try wish["threshold"]?.number(in: 0...1) { rules.threshold = max(0.05, threshold) }
        if let padding = try wish["prefix_padding_ms"]?.milliseconds() {
            rules.prefixMilliseconds = min(5_000, padding)
        }
        if let silence = try wish["silence_duration_ms"]?.milliseconds() {
            rules.silenceMilliseconds = min(10_000, max(64, silence))
        }
        turns = .server(rules)
    }
}
