import ElkAudio
import ElkModels
import ElkSpeech
import Glibc

/// Transcribes files one after the other on the calling thread and prints or writes what they say.
struct TranscriptionRun: Sendable {
    let files: [String]
    let options: TranscriptionOptions
    let format: TranscriptFormat
    let words: Bool
    /// Where a file for each recording goes; nil prints.
    let folder: String?
    let limits: AudioLimits
    var line = ProgressLine()

    /// - Returns: whether a file could not be transcribed; the reason has been printed.
    func run(
        weights: String,
        settings: Settings,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws(CommandFault) -> Bool {
        let targets = try targets()
        let model: LoadedModel
        do throws(ModelError) {
            let store = ModelStore(folder: settings.models.folder)
            model = try LoadedModel(weights: weights, store: store, settings: settings.speech)
        } catch {
            throw CommandFault(.modelMissing, error.description)
        }
        var hasFailed = false
        for (file, target) in zip(files, targets) {
            if files.count > 1, target == nil { Console.error("\(file):") }
            do throws(FileFault) {
                try transcribe(file, to: target, with: model, isCancelled: isCancelled)
                line.clear()
            } catch {
                line.clear()
                if error == .cancelled { throw CommandFault(.interrupted) }
                Console.error("elk: \(file): \(error.description)")
                hasFailed = true
            }
        }
        return hasFailed
    }

    private enum FileFault: Error, Hashable {
        case cancelled
        case reason(String)

        var description: String {
            switch self {
            case .cancelled: "stopped"
            case .reason(let text): text
            }
        }
    }

    private func transcribe(
        _ file: String,
        to target: String?,
        with model: LoadedModel,
        isCancelled: @escaping @Sendable () -> Bool
    ) throws(FileFault) {
        let audio = try decode(file, isCancelled: isCancelled)
        let name = file == "-" ? "standard input" : String(file.split(separator: "/").last ?? "")
        let duration = audio.duration
        let start = ContinuousClock.now
        let progress = { [line] (seconds: Double) in
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            let speed = elapsed > 0 ? Int((seconds / elapsed * 10).rounded()) : 0
            let note = "\(clockText(seconds)) of \(clockText(duration)), \(speed / 10).\(speed % 10)× real time"
            line.draw(name, fraction: duration > 0 ? seconds / duration : nil, note: note)
        }
        progress(0)
        var stream = SegmentStream(format, duration: duration)
        let print = { [line] (text: String) in
            guard target == nil, !text.isEmpty else { return }
            if Console.outputIsTerminal { line.clear() }
            Console.output(text)
        }
        print(stream.header)
        let session = model.lendSession()
        defer { model.giveBack(session) }
        let transcript: Transcript
        do throws(SpeechError) {
            transcript = try session.transcribe(
                (consume audio).samples,
                options: options,
                isCancelled: isCancelled,
                onProgress: progress,
                onSegment: { print(stream.text(of: $0)) }
            )
        } catch {
            throw error == .cancelled ? .cancelled : .reason(error.description)
        }
        let whole = format.rendered(transcript, segments: true, words: words)
        if let target {
            try write(whole, to: target)
        } else {
            print(stream.isPiecemeal ? stream.end() : whole + "\n")
        }
    }

    private func decode(_ file: String, isCancelled: @escaping @Sendable () -> Bool) throws(FileFault) -> DecodedAudio {
        let source = file == "-" ? AudioSource.bytes(try standardInput()) : .file(path: file)
        do throws(AudioError) {
            return try AudioDecoder.decode(source, limits: limits, isCancelled: isCancelled)
        } catch {
            throw error.code == .cancelled ? .cancelled : .reason(error.description)
        }
    }

    private func standardInput() throws(FileFault) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= 2 << 30 else { throw .reason("more than 2 GiB of input") }
        }
    }

    /// The file each recording is written to.
    ///
    /// - Throws: when two recordings would end up in the same one.
    func targets() throws(CommandFault) -> [String?] {
        guard let folder else { return files.map { _ in nil } }
        guard mkdir(folder, 0o755) == 0 || errno == EEXIST else {
            throw CommandFault(.failure, "The folder \(folder) cannot be made: \(String(cString: strerror(errno)))")
        }
        var targets: [String] = []
        for file in files {
            let name = file == "-" ? "stdin" : String(file.split(separator: "/").last ?? "audio")
            let stem = name.lastIndex(of: ".").map { $0 > name.startIndex ? String(name[..<$0]) : name } ?? name
            let target = "\(folder)/\(stem).\(format.fileExtension)"
            guard !targets.contains(target) else {
                throw CommandFault(.usage, "Two of the recordings would be written to \(target).")
            }
            targets.append(target)
        }
        return targets
    }

    /// Writes beside the target first, so that nobody sees half a transcript.
    private func write(_ text: String, to target: String) throws(FileFault) {
        let draft = target + ".part"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        let isWritten = descriptor >= 0 && Console.write(text, to: descriptor)
        let isClosed = descriptor >= 0 && close(descriptor) == 0
        guard isWritten, isClosed, rename(draft, target) == 0 else {
            throw .reason("\(target) cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}
