import ElkGateway
import ElkModels
import ElkVoice
import ElkWire
import Testing

@testable import elk

private let hasESpeak = (try? ESpeak.load()) != nil

@Suite(.timeLimit(.minutes(2)))
struct LocalSynthesizerTests {
    private func synthesizer(library: String = ESpeak.standardLibrary) -> LocalSynthesizer {
        var settings = Settings.Speech()
        settings.espeakLibrary = library
        return LocalSynthesizer(store: ModelStore(folder: "/no/such/folder"), settings: settings)
    }

    private func sound(_ job: SpeechJob) async throws -> (characters: Int, seconds: Double) {
        let sound = try await synthesizer().speak(job)
        var (characters, seconds) = (0, 0.0)
        while let piece = try await sound.next() {
            characters += piece.characters
            seconds += piece.seconds
        }
        return (characters, seconds)
    }

    @Test func `without eSpeak there is no such model, and the refusal says what to install`() async throws {
        for library in ["none", "libno-such-library.so.1"] {
            let synthesizer = synthesizer(library: library)
            #expect(await synthesizer.models().isEmpty)
            #expect(await synthesizer.voices(of: "espeak").isEmpty)
            let absence = synthesizer.absence(of: "espeak")
            #expect(absence?.status == 404)
            #expect(absence?.message.contains("libespeak-ng1") == true)
        }
        #expect(synthesizer().absence(of: "gpt-9") == nil)
    }

    @Test func `the voice is preloaded by any of its names, and told when it is missing`() async throws {
        let synthesizer = synthesizer()
        #expect(["joe", "tts-1", "base", "amy"].map(synthesizer.isCalled) == [true, true, false, false])
        #expect(await synthesizer.preload([]).isEmpty)
        let faults = await synthesizer.preload(["joe", "tts-1"])
        #expect(faults.map(\.model) == ["joe", "tts-1"])
        #expect(faults.allSatisfy { $0.reason.contains("elk models pull joe") })
    }

    @Test func `a voice that nobody offers is not to be pulled`() {
        #expect(Failure.noVoice("joe").message.contains("elk models pull joe"))
        #expect(!Failure.noVoice("nope").message.contains("pull"))
    }

    @Test(.enabled(if: hasESpeak, "left out: libespeak-ng1 is not installed"))
    func `eSpeak is a model whose voices are languages`() async throws {
        #expect(await synthesizer().models().map(\.id) == ["espeak"])
        let voices = await synthesizer().voices(of: "espeak")
        #expect(voices.contains("de") && voices.contains("alloy"))
        for voice in ["de", "alloy"] {
            let job = SpeechJob(model: "espeak", input: "Guten Tag. Wie geht es?", voice: voice, format: .pcm)
            let (characters, seconds) = try await sound(job)
            #expect(seconds > 1 && seconds < 10)
            #expect(characters == 22)
        }
    }
}
