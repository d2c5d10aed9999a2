import ElkModels
import FoundationEssentials
import Testing

/// Runs the built program, as a script would.
@Suite(.timeLimit(.minutes(2)))
struct CommandLineTests {
    /// - Parameter inspect: looks at the folder that the program ran in before it is deleted.
    private func elk(
        _ arguments: String...,
        environment: [String] = [],
        inspect: (String) throws -> Void = { _ in }
    ) async throws -> ElkProgram.Run {
        let program = try ElkProgram()
        let run = try await program.run(arguments, environment: environment)
        try inspect(program.folder)
        return run
    }

    @Test func `help and version are successes`() async throws {
        #expect(try await elk("--version").output.hasPrefix("elk "))
        let help = try await elk("serve", "--help")
        #expect(help.status == 0)
        #expect(help.output.contains("ELK_SPEECH_DEFAULT_MODEL"))
    }

    @Test(arguments: [["models", "list"], ["keys", "create", "mine"], ["keys", "list"], ["--version"], ["--help"]])
    func `a result that cannot be written is a failure`(arguments: [String]) async throws {
        let run = try await ElkProgram().run(arguments, output: "/dev/full")
        #expect(run.status == 1)
        #expect(run.errors == "elk: The standard output cannot be written: No space left on device\n")
    }

    @Test func `wrong usage is 2`() async throws {
        for run in [
            try await elk("transcribe"),
            try await elk("nonsense"),
            try await elk("transcribe", "a.wav", "--temperature", "2"),
        ] {
            #expect(run.status == 2)
            #expect(run.output == "")
            #expect(run.errors.hasPrefix("Error: "))
        }
        #expect(try await elk("transcribe", "a", "b", "--format", "srt").status == 2)
        #expect(try await elk("transcribe", "a", "--language", "klingon").errors.contains("klingon"))
    }

    @Test func `a wrong setting is 2 and names itself`() async throws {
        let run = try await elk("models", "list", environment: ["ELK_LOG_LEVEL=loud"])
        #expect(run.status == 2)
        #expect(run.errors.contains("log.level (ELK_LOG_LEVEL) must be one of"))
    }

    @Test func `serving other machines without a key is refused`() async throws {
        let run = try await elk("serve", "--host", "0.0.0.0")
        #expect(run.status == 2)
        #expect(run.errors.contains("server.api_keys"))
    }

    @Test func `a missing model is 3 and says how to get it`() async throws {
        let run = try await elk("transcribe", "a.wav")
        #expect(run.status == 3)
        #expect(run.errors == "elk: The model base is not installed. Get it with: elk models pull base\n")
        #expect(try await elk("models", "path", "turbo").errors.contains("elk models pull large-v3-turbo"))
        #expect(try await elk("models", "rm", "base").status == 3)
    }

    @Test func `a model is removed by its exact name before that name is an alias`() async throws {
        let program = try ElkProgram()
        for name in ["large", "large-v3"] {
            let folder = "\(program.folder)/models/\(name)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        func installed() throws -> [String] {
            let names = try FileManager.default.contentsOfDirectory(atPath: program.folder + "/models")
            return names.filter { !$0.hasPrefix(".") }
        }
        #expect(try await program.run(["models", "rm", "large"]).status == 0)
        #expect(try installed() == ["large-v3"])
        #expect(try await program.run(["models", "rm", "large"]).status == 0)
        #expect(try installed() == [])
    }

    @Test(arguments: ["large", "turbo", "whisper-1", "tts-1", "espeak"])
    func `no model is added under a name that means another`(name: String) async throws {
        let run = try await elk("models", "add", name, "weights")
        #expect(run.status == 2)
        #expect(run.errors.contains(name))
    }

    @Test func `speaking without eSpeak says what to install`() async throws {
        let run = try await elk(
            "speak",
            "--model",
            "espeak",
            "-o",
            "a.wav",
            "Hallo",
            environment: ["ELK_SPEECH_ESPEAK_LIBRARY=libno-such-library.so.1"]
        )
        #expect(run.status == 3)
        #expect(run.errors.contains("libespeak-ng1"))
        #expect(try await elk("speak", "--voice", "de", "-o", "a.wav", "Hallo").status == 2)
        #expect(try await elk("speak", "--words", "a.json", "--ipa", "-o", "a.wav", "a").status == 2)
    }

    @Test(arguments: ["a.m4a", "a.", "folder/a.b/c.txt"])
    func `an ending of no known format is wrong usage, and says what is known`(output: String) async throws {
        let run = try await elk("speak", "-o", output, "Hello")
        #expect(run.status == 2)
        #expect(run.errors.contains(".mp3, .opus, .aac, .flac, .wav, .pcm or .ogg"))
        #expect(try await elk("speak", "--format", "wav", "-o", output, "Hello").status == 3)
    }

    @Test(arguments: ["-", "a", "a.b/c", "a.WAV", "a.ogg", "a.flac"])
    func `a name without an ending is a wave file`(output: String) async throws {
        #expect(try await elk("speak", "-o", output, "Hello").status == 3, "only the voice is missing")
    }

    @Test(.enabled(if: canSpeak, "needs the voice joe in ELK_TEST_MODELS"))
    func `what is spoken to a file has its length, and what cannot be spoken leaves none`() async throws {
        let program = try ElkProgram()
        let environment = ["ELK_MODELS_FOLDER=\(Self.models)"]
        for arguments in [[""], [" "], ["…"], ["--ipa", " "], ["--phonemes", " "]] {
            let run = try await program.run(["speak", "-o", "a.wav"] + arguments, environment: environment)
            #expect(run.status == 1)
            #expect(run.errors == "elk: There is nothing in the text that can be spoken.\n")
            #expect(!FileManager.default.fileExists(atPath: program.folder + "/a.wav"))
        }
        for (output, stdout) in [("a.wav", "out"), ("-", "a.wav")] {
            let run = try await program.run(
                ["speak", "-o", output, "Hello."],
                environment: environment,
                output: stdout
            )
            #expect(run.status == 0)
            let file = try Data(contentsOf: URL(filePath: program.folder + "/a.wav"))
            let size = file[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
            #expect(size == file.count - 8)
            #expect(file.count > 10_000)
        }
    }

    @Test func `a model that nobody offers is wrong usage with a hint`() async throws {
        let run = try await elk("models", "pull", "smal.en")
        #expect(run.status == 2)
        #expect(run.errors.contains("Did you mean small.en?"))
    }

    @Test func `weights that are none are refused with a reason and leave nothing`() async throws {
        let run = try await elk("models", "add", "mine", "/etc/hostname")
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("elk: "))
        #expect(run.errors.contains("/etc/hostname"))
    }

    @Test func `a fresh store lists what can be had`() async throws {
        let run = try await elk("models", "list")
        #expect(run.status == 0)
        #expect(run.output.contains("  none\n"))
        #expect(run.output.contains("large-v3-turbo"))
    }

    /// Files of the shared recordings, or of `ELK_TEST_AUDIO`.
    private static let recording: String = {
        let folder =
            ProcessInfo.processInfo.environment["ELK_TEST_AUDIO"]
            ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/audio").path()
        return folder + "/jfk.wav"
    }()

    private static let models: String = {
        let environment = ProcessInfo.processInfo.environment
        return environment["ELK_TEST_MODELS"] ?? ModelStore.defaultFolder(environment: environment)
    }()

    private static let canSpeak = ModelStore(folder: models).find("joe") != nil

    private static let canTranscribe =
        ModelStore(folder: models).find("tiny.en") != nil
        && FileManager.default.fileExists(atPath: recording)

    @Test(.enabled(if: canTranscribe, "needs jfk.wav in ../shared/audio and the model tiny.en in ELK_TEST_MODELS"))
    func `a recording becomes text, and a file that is none only costs the exit code`() async throws {
        let run = try await elk(
            "transcribe",
            "--model",
            "tiny.en",
            "--format",
            "srt",
            "--output",
            "texts",
            "/dev/null",
            Self.recording,
            environment: ["ELK_MODELS_FOLDER=\(Self.models)"]
        ) { folder in
            let text = try String(contentsOfFile: folder + "/texts/jfk.srt", encoding: .utf8)
            #expect(text.hasPrefix("1\n00:00:00,"))
            #expect(text.contains("what you can do for your country"))
        }
        #expect(run.status == 1)
        #expect(run.errors.hasPrefix("elk: /dev/null: "))
        #expect(run.output == "")
    }
}
