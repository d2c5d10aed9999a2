import ArgumentParser
import ElkAudio
import ElkModels
import ElkSpeech
import ElkVoice
import FoundationEssentials
import Glibc

struct Speak: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn text into speech.",
        discussion: """
            The text is written sentence by sentence, so that a player can begin before the end. Where eSpeak NG is installed, \
            --model espeak --voice LANGUAGE speaks any language.
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable {
        case mp3, opus, aac, flac, wav, pcm

        /// By the ending of a file's name; wav where it has none.
        ///
        /// - Returns: nil for an ending that is none of a format here.
        static func named(by path: String) -> Format? {
            let parts = (path.split(separator: "/").last ?? "").split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count > 1, let ending = parts.last?.lowercased() else { return .wav }
            return ending == "ogg" ? .opus : Format(rawValue: ending)
        }
    }

    @OptionGroup var options: SettingsOptions
    @Option(name: .shortAndLong, help: "File to write; - is the standard output.")
    var output: String
    @Option(help: "Installed voice, or espeak. Default: speech.voice.")
    var model: String?
    @Option(help: ArgumentHelp("Language of espeak, such as de or en-us.", valueName: "language"))
    var voice: String?
    @Option(help: "Default: by the ending of the file, else wav.")
    var format: Format?
    @Option(help: "From 0.25 to 4; 1 is the voice's own.")
    var speed = 1.0
    @Option(help: "How much sound and rhythm vary, from 0 to 2; with 0 nothing is left to chance.")
    var liveliness = 1.0
    @Option(
        help: ArgumentHelp(
            "Write when each word is said: as captions where the name ends in .srt or .vtt, else as JSON.",
            valueName: "file"
        )
    )
    var words: String?
    @Flag(help: "The text is IPA, as eSpeak NG writes it.")
    var ipa = false
    @Flag(help: "Write the sounds in IPA instead of speech.")
    var phonemes = false
    @Argument(help: "What to say; - is the standard input.")
    var text: String

    private var isESpeak: Bool { model == LocalSynthesizer.eSpeak }

    func validate() throws {
        guard 0.25...4 ~= speed else { throw ValidationError("--speed must be between 0.25 and 4.") }
        guard 0...2 ~= liveliness else { throw ValidationError("--liveliness must be between 0 and 2.") }
        guard voice == nil || isESpeak else { throw ValidationError("--voice is for --model espeak.") }
        guard !isESpeak || !ipa && !phonemes && liveliness == 1 else {
            throw ValidationError("--ipa, --phonemes and --liveliness are not for --model espeak.")
        }
        guard phonemes || format != nil || Format.named(by: output) != nil else {
            let known = Format.allCases.map { ".\($0)" }.joined(separator: ", ")
            throw ValidationError("\(output) must end in \(known) or .ogg, or --format say what it is.")
        }
        guard words == nil || !ipa && !phonemes else {
            throw ValidationError("--words goes with neither --ipa nor --phonemes.")
        }
    }

    func run() async throws {
        let settings = try options.load()
        let text = text == "-" ? Self.standardInput() : text
        guard !isESpeak else {
            try await onBlockingThread { () throws(CommandFault) in try speakByESpeak(text, settings.speech) }
            return
        }
        let store = ModelStore(folder: settings.models.folder)
        let folder = try await installedModel(model ?? settings.speech.voice, in: store).weights
        try await onBlockingThread { () throws(CommandFault) in try speak(text, folder: folder, settings.speech) }
    }

    private func speakByESpeak(_ text: String, _ settings: Settings.Speech) throws(CommandFault) {
        let language = voice ?? LocalSynthesizer.eSpeakLanguage
        let synthesizer = try Self.checked { () throws(VoiceError) in
            // Odd text can crash it, which here ends nothing but this command.
            try ESpeakSynthesizer(
                try ESpeak.load(settings.reading.eSpeakLibrary ?? ESpeak.standardLibrary),
                language: language
            )
        }
        try write(SentenceSplitter.parts(of: text), by: synthesizer)
    }

    private func speak(_ text: String, folder: String, _ settings: Settings.Speech) throws(CommandFault) {
        let speaker = try Self.checked { () throws(VoiceError) in
            try Speaker(
                folder: folder,
                threads: settings.threads,
                reading: settings.reading,
                liveliness: liveliness
            )
        }
        if ipa {
            let parts = text.contains { !$0.isWhitespace } ? [text] : []
            try write(parts, by: Reciter(voice: speaker.voice, liveliness: liveliness))
        } else if phonemes {
            let parts = SentenceSplitter.parts(of: text)
            guard !parts.isEmpty else { throw .unspeakable }
            var file = OutputFile(output)
            for part in parts {
                let sounds = try Self.checked { () throws(VoiceError) in try speaker.pronunciation(of: part) }
                try file.write(Array((sounds.ipa + "\n").utf8))
            }
        } else {
            try write(SentenceSplitter.parts(of: text), by: speaker)
        }
    }

    private func write(_ parts: [String], by synthesizer: some SpeechSynthesizer) throws(CommandFault) {
        var file = OutputFile(output)
        let name = (format ?? Format.named(by: output) ?? .wav).rawValue
        var times = SpokenTimes()
        do {
            let encoder = try SpeechEncoder(
                SpeechFormat(rawValue: name) ?? .wav,
                sampleRate: synthesizer.sampleRate
            )
            var isSilent = true
            for part in parts {
                let spoken = try synthesizer.speak(part, speed: speed, isCancelled: { false }) ?? SpokenPart()
                times.append(spoken, sampleRate: synthesizer.sampleRate)
                guard !spoken.samples.isEmpty else { continue }
                isSilent = false
                try file.write(try encoder.encode(spoken.samples))
            }
            guard !isSilent else { throw CommandFault.unspeakable }
            try file.write(try encoder.finish())
            if let correction = encoder.correction {
                try file.overwrite(correction.bytes, at: correction.offset)
            }
            if let words {
                var file = OutputFile(words)
                try file.write(Array(try times.text(forFile: words).utf8))
            }
        } catch let error as CommandFault {
            throw error
        } catch {
            throw CommandFault(.failure, "\(error)")
        }
    }

    private static func checked<Value>(_ body: () throws(VoiceError) -> Value) throws(CommandFault) -> Value {
        do throws(VoiceError) {
            return try body()
        } catch {
            throw CommandFault(error)
        }
    }

    private static func standardInput() -> String {
        var lines: [String] = []
        while let line = readLine() { lines.append(line) }
        return lines.joined(separator: "\n")
    }
}

/// A voice that is given sounds instead of text.
private struct Reciter: SpeechSynthesizer {
    let voice: Voice
    let liveliness: Double
    var sampleRate: Int { voice.sampleRate }

    func speak(_ part: String, speed: Double, isCancelled: () -> Bool) throws(VoiceError) -> SpokenPart? {
        var options = Voice.Options()
        options.speed = speed
        options.liveliness = liveliness
        return voice.speak(part, options: options, isCancelled: isCancelled).map { SpokenPart(samples: $0.samples) }
    }
}

extension CommandFault {
    fileprivate static let unspeakable = CommandFault(.failure, "There is nothing in the text that can be spoken.")

    fileprivate init(_ error: VoiceError) {
        let code: Code =
            switch error {
            case .eSpeakMissing: .modelMissing
            case .unknownLanguage: .usage
            case .eSpeakFailed, .unreadable: .failure
            }
        self.init(code, error.description)
    }
}
