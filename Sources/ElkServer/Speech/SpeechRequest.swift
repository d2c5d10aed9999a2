import ElkGateway
import ElkWire

/// The body of `POST /v1/audio/speech`, checked field by field (SP 1.7).
///
/// Unknown fields are ignored, as OpenAI does; `instructions` are checked and have no effect.
enum SpeechRequest {
    static let mostCharacters = 4096
    static let speeds = 0.25...4.0

    static func job(_ document: JSONSlice, model: String, voices: [String]) throws(Failure) -> SpeechJob {
        if let name = document.firstDuplicate { throw .repeated(name) }
        let input = try text(document, "input")
        guard let input else { throw .missing("input") }
        guard input.contains(where: { !$0.isWhitespace }) else {
            throw .invalidRequest("'input' must not be empty.", parameter: "input")
        }
        guard input.contains(where: { $0.isLetter || $0.isNumber || $0.isSymbol && $0.isASCII || $0.isCurrencySymbol })
        else {
            throw .invalidRequest("'input' has nothing in it that can be spoken.", parameter: "input")
        }
        _ = try text(document, "instructions")
        let voice = try voice(document, voices)
        let format = try choice(document, "response_format", SpeechJob.Format.allCases.map(\.rawValue)) ?? "mp3"
        let stream = try choice(document, "stream_format", ["audio", "sse"]) ?? "audio"
        var speed = 1.0
        if let member = document["speed"], !member.isNull {
            guard let value = member.double, speeds.contains(value) else {
                throw .invalidRequest(
                    "[{'type': 'number', 'loc': ('body', 'speed'), 'msg': 'Input should be a number from 0.25 to 4'}]",
                    parameter: "speed"
                )
            }
            speed = value
        }
        return SpeechJob(
            model: model,
            input: input,
            voice: voice,
            format: SpeechJob.Format(rawValue: format) ?? .mp3,
            speed: speed,
            streamsEvents: stream == "sse"
        )
    }

    /// Counted in code points.
    private static func text(_ document: JSONSlice, _ name: String) throws(Failure) -> String? {
        guard let member = document[name], !member.isNull else { return nil }
        guard let text = member.string else {
            throw .invalidRequest(
                "[{'type': 'string_type', 'loc': ('body', '\(name)'), 'msg': 'Input should be a valid string'}]",
                parameter: name
            )
        }
        guard text.unicodeScalars.count <= mostCharacters else {
            throw .invalidRequest(
                "[{'type': 'string_too_long', 'loc': ('body', '\(name)'), "
                    + "'msg': 'String should have at most \(mostCharacters) characters'}]"
            )
        }
        return text
    }

    /// A name, or an object with one as its id.
    private static func voice(_ document: JSONSlice, _ voices: [String]) throws(Failure) -> String {
        guard let member = document["voice"], !member.isNull else { throw .missing("voice") }
        let name = member.kind == .object ? member["id"]?.string : member.string
        guard let name, let voice = voices.first(where: { $0 == name || $0 == name.lowercased() }) else {
            throw .notAnOption(name ?? "", of: voices, parameter: "voice")
        }
        return voice
    }

    private static func choice(
        _ document: JSONSlice,
        _ name: String,
        _ options: [String]
    ) throws(Failure) -> String? {
        guard let member = document[name], !member.isNull else { return nil }
        guard let text = member.string, options.contains(text) else {
            throw .notAnOption(member.string ?? "", of: options, parameter: name)
        }
        return text
    }
}
