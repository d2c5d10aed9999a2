import ElkAudio
import ElkGateway
import ElkVoice
import ElkWire
import Glibc
import Testing

@testable import elk

@Suite(.timeLimit(.minutes(3)))
struct LocalSoundTests {
    /// A second of sound for every part with a letter in it.
    private struct Metronome: SpeechSynthesizer {
        /// What a part takes.
        let pause: Duration
        var sampleRate: Int { 24_000 }

        func speak(_ part: String, speed: Double, isCancelled: () -> Bool) throws(VoiceError) -> SpokenPart? {
            if pause > .zero { usleep(UInt32(pause / .microseconds(1))) }
            return SpokenPart(samples: part.contains(where: \.isLetter) ? [Float](repeating: 0.1, count: 24_000) : [])
        }
    }

    private func sound(_ input: String, through turnstile: Turnstile, pause: Duration = .zero) throws -> LocalSound {
        LocalSound(
            SpeechJob(model: "tts-1", input: input, voice: "alloy", format: .pcm),
            synthesizer: Metronome(pause: pause),
            encoder: try SpeechEncoder(.pcm, sampleRate: 24_000),
            turnstile: turnstile
        )
    }

    @Test func `a text that has begun is spoken to its end though newcomers are refused`() async throws {
        let turnstile = Turnstile(places: 1, limit: 0)
        let begun = try sound("One is said. Two is said. Three is said.", through: turnstile)
        #expect(try await begun.next()?.seconds == 1)
        let gate = Gate()
        let other = Task { try await turnstile.pass { _ in await gate.wait() } }
        await gate.untilWaiting()
        let second = Task { try await begun.next() }
        for _ in 0..<2000 where turnstile.waiting == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let newcomer = try sound("Four.", through: turnstile)
        await #expect { try await newcomer.next() } throws: { ($0 as? Failure)?.status == 429 }
        #expect(turnstile.waiting == 1)
        gate.open()
        try await other.value
        #expect(try await second.value?.characters == 12)
        #expect(try await begun.next()?.seconds == 1)
    }

    /// What a newcomer is told to whom 40 texts of 13 characters and a second of another job leave no room.
    private func retryAfter(_ turnstile: Turnstile) async throws -> Int? {
        let gate = Gate()
        let other = Task { try await turnstile.pass(audio: 1) { _ in await gate.wait() } }
        await gate.untilWaiting()
        let waiting = try (0..<40).map { _ in
            let sound = try sound("This is said.", through: turnstile)
            return Task { try await sound.next() }
        }
        while turnstile.waiting < 40 { await Task.yield() }
        let newcomer = try sound("Refused.", through: turnstile)
        let refusal = await #expect(throws: Failure.self) { try await newcomer.next() }
        gate.open()
        try await other.value
        for task in waiting { #expect(try await task.value?.seconds == 1) }
        return refusal?.retryAfter
    }

    @Test func `who is refused is told the time that the texts before it take, not ten minutes`() async throws {
        #expect(try await retryAfter(Turnstile(places: 1, limit: 40)) == 6, "36 s at the guess of six times real time")
    }

    @Test func `the time that is told follows from how fast the voice was`() async throws {
        let turnstile = Turnstile(places: 1, limit: 40)
        _ = try await sound("This is said.", through: turnstile, pause: .milliseconds(200)).next()
        // At most 0.87 s of sound in 0.2 s; a busy machine makes it longer.
        #expect(try await retryAfter(turnstile).map { $0 >= 9 } == true)
    }

    @Test func `parts without sound are passed over, and a text of nothing else is refused`() async throws {
        let turnstile = Turnstile(places: 1, limit: 0)
        let mixed = try sound("… One is said.", through: turnstile)
        #expect(try await mixed.next()?.seconds == 1)
        let silent = try sound("… !!!", through: turnstile)
        await #expect(throws: Failure.unspeakable) { try await silent.next() }
    }
}
