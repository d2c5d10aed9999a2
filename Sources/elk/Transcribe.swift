import ArgumentParser
import ElkAudio
import ElkModels
import ElkSpeech

struct Transcribe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn recordings into text.",
        discussion: """
            Lines and cues are printed as they are decoded. After a file that cannot be transcribed the next one follows; the \
            exit code is then 1.
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable { case json, text, srt, verbose_json, vtt }
    enum Task: String, ExpressibleByArgument, CaseIterable, Sendable { case transcribe, translate }

    @OptionGroup var options: SettingsOptions
    @Option(help: "Installed model, or a path to weights. Default: speech.default_model.")
    var model: String?
    @Option(help: "Language spoken, as a code or an English name. Default: detect it.")
    var language: String?
    @Option(help: "Text that could come before the recording: names, spelling, style.")
    var prompt: String?
    @Option(help: "Randomness from 0 to 1; 0 starts without and adds some where needed.")
    var temperature: Double?
    @Option(help: "Form of the output.")
    var format: Format = .text
    @Flag(help: "Times of every word, in verbose_json.")
    var words = false
    @Option(name: .shortAndLong, help: ArgumentHelp("Write a file for each recording there.", valueName: "folder"))
    var output: String?
    @Option(help: "translate gives English.")
    var task: Task = .transcribe
    @Option(help: "Width of the beam search. Default: speech.beam_size.")
    var beamSize: Int?
    @Argument(help: "Audio or video files; - is the standard input.")
    var files: [String]

    func validate() throws {
        if let temperature, !(0...1).contains(temperature) {
            throw ValidationError("--temperature must be between 0 and 1.")
        }
        if let beamSize, !(1...16).contains(beamSize) {
            throw ValidationError("--beam-size must be between 1 and 16.")
        }
        if let language, Language(lenient: language) == nil {
            throw ValidationError(
                "--language does not know '\(language)'; use a code such as en or a name such as English."
            )
        }
        if files.count > 1, output == nil, format != .text {
            throw ValidationError("With several files --format \(format.rawValue) needs --output FOLDER.")
        }
        if words, format != .verbose_json {
            throw ValidationError("--words needs --format verbose_json.")
        }
    }

    func run() async throws {
        let settings = try options.load()
        var limits = AudioLimits()
        limits.maxDuration = Double(settings.speech.maxAudioSeconds)
        let weights = try await weights(settings)
        let job = TranscriptionRun(
            files: files,
            options: transcription(settings),
            format: TranscriptFormat(format),
            words: words,
            folder: output,
            limits: limits
        )
        let hasFailed = try await cancellingOnInterrupt {
            let isCancelled = CancellationFlag()
            return try await withTaskCancellationHandler {
                try await onBlockingThread { () throws(CommandFault) in
                    try job.run(weights: weights, settings: settings, isCancelled: { isCancelled.isSet })
                }
            } onCancel: {
                isCancelled.set()
            }
        }
        if hasFailed { throw CommandFault(.failure) }
    }

    private func transcription(_ settings: Settings) -> TranscriptionOptions {
        var options = TranscriptionOptions()
        options.task = task == .translate ? .translate : .transcribe
        options.language = language.flatMap { Language(lenient: $0)?.code }
        options.prompt = prompt
        options.temperature = temperature.map { Float($0) }
        options.beamSize = beamSize ?? settings.speech.beamSize
        options.window = settings.speech.window
        options.skipsSilence = settings.speech.skipSilence
        options.wordTimestamps = words
        return options
    }

    private func weights(_ settings: Settings) async throws(CommandFault) -> String {
        let name = model ?? settings.speech.defaultModel
        if name.contains("/") { return name }
        let wanted = name == LocalTranscriber.alias ? settings.speech.defaultModel : name
        return try await installedModel(wanted, in: ModelStore(folder: settings.models.folder)).weights
    }
}

extension TranscriptFormat {
    init(_ format: Transcribe.Format) {
        self =
            switch format {
            case .json: .json
            case .text: .text
            case .srt: .srt
            case .verbose_json: .verboseJSON
            case .vtt: .vtt
            }
    }

    /// What the names of such files end in.
    var fileExtension: String {
        switch self {
        case .json, .verboseJSON: "json"
        case .text: "txt"
        case .srt: "srt"
        case .vtt: "vtt"
        }
    }
}
