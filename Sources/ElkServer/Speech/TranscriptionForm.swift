import ElkGateway
import ElkWire
import NIOCore

/// The text fields of a speech request: each is checked as soon as it has been read, in all the spellings that clients
/// use.
///
/// Unknown fields are ignored, as OpenAI does, and so are those that the local engine has no use for. An empty value
/// means that the field was not given; of a repeated field the last value counts, and lists grow.
///
/// Where a provider may serve the request instead, what the local engine does not know is no mistake yet: the first such
/// refusal is kept and counts only when the request turns out to be for the local engine.
struct TranscriptionForm {
    /// Ids of the local models that can be asked for.
    let models: Set<String>
    /// Whether other models, and other fields than ours, may be a provider's.
    let mayGoUpstream: Bool
    /// Code of the language that a client's text means, or nil.
    let languageCode: (String) -> String?

    private(set) var model: String?
    /// Where the end of a job is to be told.
    private(set) var webhookURL: String?
    private var refusal: Failure?
    private var language: String?
    private var prompt: String?
    private var format = TranscriptionJob.Format.json
    private var temperature: Double?
    private var granularities: Set<Granularity> = []
    private var languages: [String] = []
    private var keywords: [String] = []
    private var speakers: [String] = []
    private var includesLogProbabilities = false
    private var streams = false

    /// As many names as OpenAI takes.
    private static let maxSpeakers = 4
    static let maxKeywords = 500

    private enum Granularity: String, CaseIterable { case word, segment }

    init(models: Set<String>, mayGoUpstream: Bool = false, languageCode: @escaping (String) -> String?) {
        self.models = models
        self.mayGoUpstream = mayGoUpstream
        self.languageCode = languageCode
    }

    /// Takes one field of the form.
    mutating func take(_ name: String, _ value: String) throws(Failure) {
        let text = Self.trimmed(value)
        guard !text.isEmpty else { return }
        if Self.plainName(name) == "model" { return try takeModel(text) }
        do throws(Failure) {
            try takeOption(name, text: text, value: value)
        } catch {
            guard mayGoUpstream else { throw error }
            if refusal == nil { refusal = error }
        }
    }

    private mutating func takeModel(_ text: String) throws(Failure) {
        // Of two the engine and a provider might each take another one.
        guard model == nil || model == text else { throw .repeatedModel }
        guard models.contains(text) || mayGoUpstream else { throw .unknownModel(text) }
        guard models.contains(text) || ModelName.isValid(text) else { throw .invalidModel }
        model = text
    }

    private mutating func takeOption(_ name: String, text: String, value: String) throws(Failure) {
        switch Self.plainName(name) {
        case "language":
            guard let code = languageCode(text) else { throw .invalidLanguage(text) }
            language = code
        case "prompt":
            prompt = value
        case "response_format":
            guard let known = TranscriptionJob.Format(rawValue: text) else {
                throw .notAnOption(
                    text,
                    of: TranscriptionJob.Format.allCases.map(\.rawValue),
                    parameter: "response_format"
                )
            }
            format = known
        case "temperature":
            temperature = try Self.readTemperature(text)
        case "timestamp_granularities":
            for item in Self.items(of: text) {
                guard let granularity = Granularity(rawValue: item) else {
                    let options = Granularity.allCases.map(\.rawValue)
                    throw .notAnOption(item, of: options, parameter: "timestamp_granularities")
                }
                granularities.insert(granularity)
            }
        case "languages":
            for item in Self.values(of: text, in: name) {
                guard let code = languageCode(item) else { throw .invalidLanguage(item, parameter: "languages") }
                if !languages.contains(code) { languages.append(code) }
            }
        case "keywords":
            keywords += Self.values(of: text, in: name)
            guard keywords.count <= Self.maxKeywords else { throw .tooManyKeywords(parameter: "keywords") }
        case "known_speaker_names":
            speakers += Self.values(of: text, in: name)
            guard speakers.count <= Self.maxSpeakers else {
                throw .invalidRequest(
                    "At most \(Self.maxSpeakers) speakers can be named.",
                    parameter: "known_speaker_names"
                )
            }
        case "include":
            for item in Self.values(of: text, in: name) {
                guard item == "logprobs" else { throw .notAnOption(item, of: ["logprobs"], parameter: "include") }
                includesLogProbabilities = true
            }
        case "webhook_url":
            webhookURL = text
        case "stream":
            streams = try Self.readTruth(text, parameter: "stream")
        default:
            if ChunkingStrategy.isField(name) { try ChunkingStrategy.check(name, text) }
        }
    }

    /// The whole request as the local engine takes it, once all fields have been read; nil when its model is not a local one.
    ///
    /// - Throws: what the local engine has against it.
    func job(
        _ task: TranscriptionJob.Task,
        audio: TranscriptionJob.Audio,
        filename: String?,
        accepting accept: String? = nil
    ) throws(Failure) -> TranscriptionJob? {
        let model = try requireModel()
        guard models.contains(model) else { return nil }
        if let refusal { throw refusal }
        guard granularities.isEmpty || format == .verboseJSON else { throw .granularitiesNeedVerbose }
        guard task == .transcribe || format != .diarizedJSON else {
            throw .incompatibleFormat(format.rawValue, model: model)
        }
        var job = TranscriptionJob(
            audio: audio,
            filename: filename,
            model: model,
            task: task,
            format: format,
            language: language,
            prompt: prompt,
            temperature: temperature,
            wantsWords: granularities.contains(.word),
            wantsSegments: granularities.isEmpty || granularities.contains(.segment),
            contentType: Self.contentType(of: format, accepting: accept)
        )
        job.wantsLogProbabilities = includesLogProbabilities && [.json, .verboseJSON].contains(job.format)
        job.languages = language == nil ? languages : []
        job.keywords = keywords
        job.speakers = speakers
        job.streams = streams
        return job
    }

    private static func contentType(of format: TranscriptionJob.Format, accepting accept: String?) -> String {
        switch format {
        case .json, .verboseJSON, .diarizedJSON: "application/json"
        case .vtt where accept?.lowercased().contains("text/vtt") == true: "text/vtt; charset=utf-8"
        case .text, .srt, .vtt: "text/plain; charset=utf-8"
        }
    }

    func requireModel() throws(Failure) -> String {
        guard let model else { throw .missingModel }
        return model
    }

    /// `name` of `name`, `name[]` and `name[0]`.
    static func plainName(_ name: String) -> Substring {
        guard name.last == "]", let bracket = name.firstIndex(of: "[") else { return name[...] }
        guard name[bracket...].dropFirst().dropLast().allSatisfy({ $0.isASCII && $0.isNumber }) else {
            return name[...]
        }
        return name[..<bracket]
    }

    /// The values that one part of a list adds: those of a JSON array, else of `a,b` where the name has no brackets.
    private static func values(of text: String, in name: String) -> [String] {
        let isList = text.first == "[" && text.last == "]"
        if isList, let list = try? JSONSlice(validating: ByteBuffer(string: text), maxDepth: 2) {
            return list.elements.compactMap { $0.string.map(trimmed) }.filter { !$0.isEmpty }
        }
        guard !isList, name.last != "]" else { return isList ? items(of: text).filter { !$0.isEmpty } : [text] }
        return text.split(separator: ",").map { trimmed(String($0)) }.filter { !$0.isEmpty }
    }

    private static func readTruth(_ text: String, parameter: String) throws(Failure) -> Bool {
        switch text.lowercased() {
        case "true", "1": true
        case "false", "0", "null": false
        default: throw .notAnOption(text, of: ["true", "false"], parameter: parameter)
        }
    }

    /// Items of `a`, `a,b` and `["a","b"]`.
    private static func items(of text: String) -> [String] {
        var list = text[...]
        if list.first == "[", list.last == "]" { list = list.dropFirst().dropLast() }
        return list.split(separator: ",").map { item in
            trimmed(trimmed(String(item)).filter { $0 != "\"" })
        }
    }

    private static func readTemperature(_ text: String) throws(Failure) -> Double {
        // Double also reads `nan`, `inf` and hexadecimal numbers.
        guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }),
            let number = Double(text), (0...1).contains(number)
        else { throw .invalidTemperature(text) }
        return number
    }

    private static func trimmed(_ text: String) -> String {
        var text = text[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
