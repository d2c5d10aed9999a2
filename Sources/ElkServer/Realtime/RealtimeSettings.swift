import ElkWire
import NIOCore

/// How a session hears, as the client sets it: in the current shape (`audio.input`), or in that of the beta.
struct RealtimeSettings: Hashable, Sendable {
    enum Shape: Hashable, Sendable { case current, beta }

    enum Turns: Hashable, Sendable {
        case manual
        case server(TurnDetector.Rules)
    }

    var format = LiveAudioFormat.pcm
    var model: String
    var language: String?
    var prompt: String?
    var turns = Turns.server(TurnDetector.Rules())
    var includesLogProbabilities = false
    /// Echoed; the engine needs none.
    var noiseReduction: String?

    /// Takes what `session` says; what it leaves out stays.
    ///
    /// - Returns: the shape that it is written in.
    mutating func update(
        _ session: JSONSlice,
        models: Set<String>,
        languageCode: (String) -> String?
    ) throws(Failure) -> Shape {
        var draft = self
        let shape: Shape = session["audio"] != nil || session["type"] != nil ? .current : .beta
        let input = session["audio"]?["input"]
        if let format = input?["format"] {
            let rate = format["rate"].map { $0.int ?? -1 }
            draft.format = try Self.format(format["type"]?.string ?? "audio/pcm", rate: rate)
        } else if let format = session["input_audio_format"], !format.isNull {
            draft.format = try Self.format(format.string ?? "", rate: nil)
        }
        if let transcription = input?["transcription"] ?? session["input_audio_transcription"] {
            try draft.take(transcription: transcription, models: models, languageCode: languageCode)
        }
        if let detection = input?["turn_detection"] ?? session["turn_detection"] {
            try draft.take(turnDetection: detection)
        }
        if let reduction = input?["noise_reduction"] ?? session["input_audio_noise_reduction"] {
            draft.noiseReduction = reduction["type"]?.string
        }
        if let include = session["include"] {
            draft.includesLogProbabilities = include.elements.contains { element in
                element.string == "item.input_audio_transcription.logprobs"
            }
        }
        self = draft
        return shape
    }

    private static func format(_ name: String, rate: Int?) throws(Failure) -> LiveAudioFormat {
        guard let format = LiveAudioFormat(named: name, rate: rate) else {
            throw .invalidRequest(
                "The input format must be audio/pcm at 8000, 16000, 24000 or 48000 Hz, audio/pcmu or audio/pcma.",
                parameter: "session.audio.input.format",
                code: "invalid_value"
            )
        }
        return format
    }

    private mutating func take(
        transcription: JSONSlice,
        models: Set<String>,
        languageCode: (String) -> String?
    ) throws(Failure) {
        if let name = transcription["model"]?.string {
            guard models.contains(name) else { throw .unknownModel(name) }
            model = name
        }
        if let text = transcription["language"] {
            let name = text.string ?? ""
            if name.isEmpty {
                language = nil
            } else {
                guard let code = languageCode(name) else { throw .invalidLanguage(name) }
                language = code
            }
        }
        if let text = transcription["prompt"] { prompt = text.string }
    }

    private mutating func take(turnDetection: JSONSlice) throws(Failure) {
        guard !turnDetection.isNull else {
            turns = .manual
            return
        }
        var rules = TurnDetector.Rules()
        if case .server(let present) = turns { rules = present }
        switch turnDetection["type"]?.string ?? "server_vad" {
        case "server_vad": break
        case "semantic_vad":
            // How long a pause the client wants to sit out is all that it says.
            rules.silenceMilliseconds = ["low": 1_000, "high": 300][turnDetection["eagerness"]?.string ?? ""] ?? 500
        case let type:
            throw .notAnOption(type, of: ["server_vad", "semantic_vad"], parameter: "session.turn_detection.type")
        }
        if let threshold = turnDetection["threshold"]?.double { rules.threshold = min(1, max(0.05, threshold)) }
        if let padding = turnDetection["prefix_padding_ms"]?.int {
            rules.prefixMilliseconds = min(5_000, max(0, padding))
        }
        if let silence = turnDetection["silence_duration_ms"]?.int {
            rules.silenceMilliseconds = min(10_000, max(64, silence))
        }
        turns = .server(rules)
    }

    // MARK: Out

    func write(_ shape: Shape, id: String, expires: Int, into json: inout JSONWriter) {
        json.object { session in
            session.member("id", id)
            session.member("object", "realtime.transcription_session")
            session.member("expires_at", expires)
            switch shape {
            case .current:
                session.member("type", "transcription")
                session.object("audio") { audio in
                    audio.object("input") { input in
                        input.object("format") { format in
                            format.member("type", self.format.mediaType)
                            if self.format.coding == .pcm16 { format.member("rate", self.format.rate) }
                        }
                        writeCommon("transcription", "noise_reduction", into: &input)
                    }
                }
            case .beta:
                session.member("input_audio_format", format.shortName)
                writeCommon("input_audio_transcription", "input_audio_noise_reduction", into: &session)
            }
            session.array("include") { list in
                if includesLogProbabilities { list.value("item.input_audio_transcription.logprobs") }
            }
        }
    }

    private func writeCommon(_ transcription: String, _ reduction: String, into json: inout JSONWriter) {
        json.object(transcription) { object in
            object.member("model", model)
            object.member("language", orNull: language)
            object.member("prompt", orNull: prompt)
        }
        json.key(reduction)
        if let noiseReduction { json.object { $0.member("type", noiseReduction) } } else { json.null() }
        json.key("turn_detection")
        guard case .server(let rules) = turns else { return json.null() }
        json.object { detection in
            detection.member("type", "server_vad")
            detection.member("threshold", rules.threshold)
            detection.member("prefix_padding_ms", rules.prefixMilliseconds)
            detection.member("silence_duration_ms", rules.silenceMilliseconds)
        }
    }
}
