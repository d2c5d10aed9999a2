import ElkWire
import NIOCore

/// How a session hears, as the client sets it: in the current shape (`audio.input`), or in that of the beta.
struct RealtimeSettings: Hashable, Sendable {
    enum Shape: Hashable, Sendable { case current, beta }

    enum Turns: Hashable, Sendable {
        case manual
        case server(TurnDetector.Rules)
        case semantic(Eagerness)

        /// How turns are found; nil where the client ends them.
        var rules: TurnDetector.Rules? {
            switch self {
            case .manual: nil
            case .server(let rules): rules
            case .semantic(let eagerness): eagerness.rules
            }
        }
    }

    /// How soon a turn is taken to be over: how long a pause the client wants to sit out is all that the engine makes of it.
    enum Eagerness: String, CaseIterable, Sendable {
        case low, medium, high, auto

        var rules: TurnDetector.Rules {
            var rules = TurnDetector.Rules()
            switch self {
            case .low: rules.silenceMilliseconds = 1_000
            case .medium, .auto: break
            case .high: rules.silenceMilliseconds = 300
            }
            return rules
        }
    }

    enum NoiseReduction: String, CaseIterable, Sendable {
        case nearField = "near_field"
        case farField = "far_field"
    }

    var format = LiveAudioFormat.pcm
    var model: String
    var language: String?
    /// Codes of the only languages to expect, where none is named; empty expects all.
    var languages: [String] = []
    /// Names and terms to expect.
    var keywords: [String] = []
    var prompt: String?
    var turns = Turns.server(TurnDetector.Rules())
    var includesLogProbabilities = false
    /// Echoed; the engine needs none.
    var noiseReduction: NoiseReduction?

    /// What `include` names to have them.
    static let logProbabilities = "item.input_audio_transcription.logprobs"

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
                if includesLogProbabilities { list.value(Self.logProbabilities) }
            }
        }
    }

    private func writeCommon(_ transcription: String, _ reduction: String, into json: inout JSONWriter) {
        json.object(transcription) { object in
            object.member("model", model)
            object.member("language", orNull: language)
            object.member("prompt", orNull: prompt)
            if !languages.isEmpty { object.array("languages") { for code in languages { $0.value(code) } } }
            if !keywords.isEmpty { object.array("keywords") { for keyword in keywords { $0.value(keyword) } } }
        }
        json.key(reduction)
        if let noiseReduction { json.object { $0.member("type", noiseReduction.rawValue) } } else { json.null() }
        json.key("turn_detection")
        switch turns {
        case .manual: json.null()
        case .server(let rules):
            json.object { detection in
                detection.member("type", "server_vad")
                detection.member("threshold", rules.threshold)
                detection.member("prefix_padding_ms", rules.prefixMilliseconds)
                detection.member("silence_duration_ms", rules.silenceMilliseconds)
            }
        case .semantic(let eagerness):
            json.object { detection in
                detection.member("type", "semantic_vad")
                detection.member("eagerness", eagerness.rawValue)
            }
        }
    }
}
