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
        discussion: "The text is written sentence by sentence, so that a player can begin before the end."
    )

    enum Format: String, ExpressibleByArgument, CaseIterable, Sendable { case mp3, opus, aac, flac, wav, pcm }

    @OptionGroup var options: SettingsOptions
    @Option(name: .shortAndLong, help: "File to write; - is the standard output.")
    var output: String
    @Option(help: "Default: by the ending of the file, else wav.")
    var format: Format?
    @Option(help: "From 0.25 to 4; 1 is the voice's own.")
    var speed = 1.0
    @Option(help: "How much sound and rhythm vary, from 0 to 2; with 0 nothing is left to chance.")
    var liveliness = 1.0
    @Flag(help: "The text is IPA, as eSpeak NG writes it.")
    var ipa = false
    @Flag(help: "Write the sounds in IPA instead of speech.")
    var phonemes = false
    @Argument(help: "What to say; - is the standard input.")
    var text: String

    func validate() throws {
        guard 0.25...4 ~= speed else { throw ValidationError("--speed must be between 0.25 and 4.") }
        guard 0...2 ~= liveliness else { throw ValidationError("--liveliness must be between 0 and 2.") }
    }

    func run() async throws {
        let settings = try options.load()
        let store = ModelStore(folder: settings.models.folder)
        let model = try await installedModel(settings.speech.voice, in: store)
        let text = text == "-" ? Self.standardInput() : text
        let folder = model.weights
        try await onBlockingThread { () throws(CommandFault) in
            try speak(text, folder: folder, threads: settings.speech.threads)
        }
    }

    private func speak(_ text: String, folder: String, threads: Int) throws(CommandFault) {
        guard let file = output == "-" ? fdopen(dup(STDOUT_FILENO), "wb") : fopen(output, "wb") else {
            throw CommandFault(.failure, "\(output) cannot be written: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        do {
            let speaker = try Speaker(folder: folder, threads: threads)
            let parts = ipa ? [text] : SentenceSplitter.parts(of: text)
            if phonemes {
                for part in parts { try Self.write(Array((speaker.phonemes(of: part) + "\n").utf8), to: file) }
                return
            }
            let ending = output.split(separator: ".").last.map { String($0).lowercased() } ?? ""
            let name = format?.rawValue ?? ending
            let encoder = try SpeechEncoder(
                SpeechFormat(rawValue: name == "ogg" ? "opus" : name) ?? .wav,
                sampleRate: speaker.voice.sampleRate
            )
            for part in parts {
                var options = Voice.Options()
                options.speed = speed
                options.liveliness = liveliness
                let samples =
                    ipa || liveliness != 1
                    ? speaker.voice.speak(ipa ? part : speaker.phonemes(of: part), options: options)
                    : speaker.speak(part, speed: speed)
                try Self.write(try encoder.encode(samples ?? []), to: file)
            }
            try Self.write(try encoder.finish(), to: file)
        } catch let error as CommandFault {
            throw error
        } catch {
            throw CommandFault(.failure, "\(error)")
        }
    }

    private static func write(_ bytes: [UInt8], to file: UnsafeMutablePointer<FILE>) throws(CommandFault) {
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0 else {
            throw CommandFault(.failure, "The speech cannot be written: \(String(cString: strerror(errno)))")
        }
    }

    private static func standardInput() -> String {
        var lines: [String] = []
        while let line = readLine() { lines.append(line) }
        return lines.joined(separator: "\n")
    }
}
