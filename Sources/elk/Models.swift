import ArgumentParser
import ElkModels
import ElkSpeech
import ElkVoice
import FoundationEssentials

struct Models: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fetch, list and check speech models.",
        subcommands: [List.self, Pull.self, Remove.self, Path.self, Verify.self, Add.self]
    )
}

extension Models {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show installed models and those that can be pulled.")

        @OptionGroup var options: SettingsOptions

        func run() async throws {
            let store = ModelStore(folder: try options.load().models.folder)
            let installed = await onBlockingThread { store.list() }
            var lines = ["Installed in \(store.folder):"]
            lines += installed.map { model in
                let size = model.manifest.map { sizeText($0.bytes) } ?? ""
                return row(model.name, size, model.manifest?.source ?? "put there by hand")
            }
            if installed.isEmpty { lines.append("  none") }
            let names = Set(installed.map(\.name))
            lines.append("To be had with elk models pull NAME:")
            for entry in ModelCatalogue.official.entries where !names.contains(entry.name) {
                let alias = entry.aliases.map { ", also called \($0)" }.joined()
                lines.append(row(entry.name, sizeText(entry.bytes), entry.kind.rawValue + alias))
            }
            Console.output(lines.joined(separator: "\n") + "\n")
        }

        private func row(_ name: String, _ size: String, _ note: String) -> String {
            let gap = { (text: String, width: Int) in String(repeating: " ", count: max(1, width - text.count)) }
            return "  \(name)\(gap(name, 20))\(gap(size, 9))\(size)  \(note)"
        }
    }

    struct Pull: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Fetch a model, or several.")

        @OptionGroup var options: SettingsOptions
        @Flag(help: "Fetch a model anew that is installed already.")
        var force = false
        @Argument(help: "Names such as base or large-v3-turbo.")
        var names: [String]

        func run() async throws {
            let settings = try options.load()
            let entries = try names.map { name in
                guard let entry = ModelCatalogue.official.entry(named: name) else {
                    let hint = ModelCatalogue.official.suggestion(for: name).map { " Did you mean \($0)?" } ?? ""
                    throw CommandFault(.usage, "There is no model \(name) to pull.\(hint) See: elk models list")
                }
                return entry
            }
            for entry in entries { try await pull(entry, settings: settings) }
            if entries.contains(where: { $0.kind.transcribes }) { try await pullVoiceActivity(settings) }
        }

        /// Comes along with every model; without it silence is told by loudness alone, so its absence stops nothing.
        private func pullVoiceActivity(_ settings: Settings) async throws {
            let store = ModelStore(folder: settings.models.folder)
            let name = ModelCatalogue.voiceActivity
            guard let entry = ModelCatalogue.official.entry(named: name),
                await onBlockingThread({ store.find(name) }) == nil
            else { return }
            do {
                try await pull(entry, settings: settings)
            } catch let fault as CommandFault where fault.code != .interrupted {
                Console.error("Going on without \(name): silence will be told by loudness alone.")
            }
        }

        private func pull(_ entry: ModelCatalogue.Entry, settings: Settings) async throws {
            let environment = ProcessInfo.processInfo.environment
            var options = ModelPull.Options()
            options.hubAddress = settings.models.hubAddress
            options.hubToken = environment["HF_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
            options.environment = environment
            options.replacing = force
            let line = ProgressLine()
            let pull = ModelPull(into: ModelStore(folder: settings.models.folder), options: options) { event in
                switch event {
                case .trying(let source):
                    Console.error("Fetching \(entry.name) from \(source)")
                case .progress(let progress):
                    line.draw(entry.name, fraction: progress.fraction, note: note(progress))
                case .failed(let source, let error):
                    line.clear()
                    Console.error("  \(source) cannot serve it: \(error)")
                }
            }
            let now = Int(Date.now.timeIntervalSince1970)
            do {
                let (model, wasFetched) = try await cancellingOnInterrupt { try await pull.run(entry, now: now) }
                line.clear()
                let source = model.manifest.map { "\($0.source), \(sizeText($0.bytes))" } ?? "put there by hand"
                let verb = wasFetched ? "is installed" : "was installed already"
                Console.output("\(model.name) \(verb): \(model.home) (\(source))\n")
            } catch let error as ModelStoreError {
                line.clear()
                throw CommandFault(error)
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rm", abstract: "Delete installed models.")

        @OptionGroup var options: SettingsOptions
        @Argument var names: [String]

        func run() async throws {
            let store = ModelStore(folder: try options.load().models.folder)
            for name in names {
                do throws(ModelStoreError) {
                    try await onBlockingThread { () throws(ModelStoreError) in
                        let official = ModelCatalogue.official
                        try store.remove(store.find(name, or: official)?.name ?? official.canonicalName(name))
                    }
                } catch {
                    throw CommandFault(error)
                }
            }
        }
    }

    struct Path: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print where the weights of a model are.")

        @OptionGroup var options: SettingsOptions
        @Argument var name: String

        func run() async throws {
            let store = ModelStore(folder: try options.load().models.folder)
            Console.output(try await installedModel(name, in: store).weights + "\n")
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Compare the files of models with their hashes.")

        @OptionGroup var options: SettingsOptions
        @Argument var names: [String]

        func run() async throws {
            let store = ModelStore(folder: try options.load().models.folder)
            var isGood = true
            for name in names {
                let model = try await installedModel(name, in: store)
                do throws(ModelStoreError) {
                    let verdicts = try await onBlockingThread { () throws(ModelStoreError) in
                        try store.verify(model.name)
                    }
                    for (file, verdict) in verdicts { Console.output("\(file): \(verdict.sentence)\n") }
                    isGood = isGood && verdicts.allSatisfy { $0.verdict == .good }
                } catch {
                    throw CommandFault(error)
                }
            }
            guard isGood else { throw CommandFault(.failure, "Some files are not what they should be.") }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register weights that you have.",
            discussion: """
                FOLDER is a folder with a model, or one weight file: safetensors, CTranslate2 or whisper.cpp ggml; or a folder \
                with a voice, as NAME.onnx and NAME.onnx.json of Piper's kind. The store refers to it where it is, unless \
                --copy is given.
                """
        )

        @OptionGroup var options: SettingsOptions
        @Flag(help: "Copy the files into the store.")
        var copy = false
        @Argument var name: String
        @Argument var folder: String

        func validate() throws {
            let official = ModelCatalogue.official.canonicalName(name)
            guard official == name else {
                throw ValidationError("\(name) is another name of \(official); choose one that is free.")
            }
            guard name != LocalTranscriber.alias, !LocalSynthesizer.models.contains(name) else {
                throw ValidationError("\(name) has a meaning of its own; choose a name that is free.")
            }
        }

        func run() async throws {
            let store = ModelStore(folder: try options.load().models.folder)
            let (name, folder, copying) = (name, folder, copy)
            let now = Int(Date.now.timeIntervalSince1970)
            do throws(ModelStoreError) {
                let model = try await onBlockingThread { () throws(ModelStoreError) in
                    try store.add(name, from: folder, copying: copying, now: now, check: checkWeights)
                }
                Console.output("\(model.name) is installed: \(model.weights)\n")
            } catch {
                throw CommandFault(error)
            }
        }
    }
}

/// The installed model that `name` or the model it is an alias of stands for.
func installedModel(_ name: String, in store: ModelStore) async throws(CommandFault) -> StoredModel {
    let official = ModelCatalogue.official
    let canonical = official.canonicalName(name)
    do throws(ModelStoreError) {
        return try await onBlockingThread { () throws(ModelStoreError) in
            if let model = store.find(name, or: official) { return model }
            return try store.require(canonical)
        }
    } catch {
        guard error.code == .notInstalled else { throw CommandFault(error) }
        if official.entry(named: canonical) != nil {
            throw CommandFault(.modelMissing, "\(error) Get it with: elk models pull \(canonical)")
        }
        let known = await onBlockingThread { store.list().map(\.name) }
        let hint = nearest(to: name, in: known).map { " Did you mean \($0)?" }
        let other = official.suggestion(for: name).map { " Did you mean \($0)?" }
        throw CommandFault(.modelMissing, "\(error)\(hint ?? other ?? "") See: elk models list")
    }
}

private func note(_ progress: TransferProgress) -> String {
    var parts = [sizeText(progress.bytes) + (progress.total.map { " of \(sizeText($0))" } ?? "")]
    if progress.bytesPerSecond > 0 { parts.append("\(sizeText(Int(progress.bytesPerSecond)))/s") }
    if let left = progress.secondsLeft { parts.append("\(clockText(left)) left") }
    return parts.joined(separator: ", ")
}

private func checkWeights(_ path: String) throws(ModelStoreError) {
    do throws(ModelError) {
        if let voice = try? VoiceFolder(path) {
            _ = try voice.open()
        } else {
            _ = try WhisperModel.inspect(path)
        }
    } catch {
        throw ModelStoreError(.damaged, error.description)
    }
}

extension FileVerdict {
    fileprivate var sentence: String {
        switch self {
        case .good: "good"
        case .missing: "missing"
        case .wrongSize(let bytes, let expected): "\(bytes) bytes long instead of \(expected)"
        case .wrongHash: "changed since it was installed"
        }
    }
}

extension CommandFault {
    init(_ error: ModelStoreError) {
        let code: Code =
            switch error.code {
            case .notInstalled: .modelMissing
            case .invalidName: .usage
            case .cancelled: .interrupted
            case .alreadyInstalled, .busy, .damaged, .unreachable, .refused, .missingTool, .disk: .failure
            }
        self.init(code, error.description)
    }
}
