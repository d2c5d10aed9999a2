import ElkAudio
import Foundation
import Testing

struct DamagedFileTests {
    @Test func `nothing at all is no audio`() {
        #expect(errorCode(of: .bytes([])) == .noAudio)
    }

    @Test func `a header without samples is no audio`() {
        #expect(errorCode(of: .bytes(WaveFile().bytes)) == .noAudio)
    }

    @Test func `part of a header is refused`() {
        let bytes = WaveFile.tone(seconds: 0.1).bytes
        for length in [1, 4, 12, 22, 30, 40] {
            #expect(errorCode(of: .bytes(Array(bytes.prefix(length)))) != nil)
        }
    }

    @Test(arguments: SeedFiles.names)
    func `a file cut anywhere gives samples or an error`(name: String) throws {
        let bytes = try SeedFiles.bytes(name)
        for length in stride(from: 1, to: bytes.count, by: max(1, bytes.count / 60)) {
            if let audio = try? AudioDecoder.decode(.bytes(Array(bytes.prefix(length)))) {
                #expect(!audio.samples.isEmpty && audio.duration < 0.4)
            }
        }
    }

    @Test(arguments: SeedFiles.names)
    func `a file with a damaged middle gives samples or an error`(name: String) throws {
        var random = SplitMix(state: 7)
        let intact = try SeedFiles.bytes(name)
        for _ in 0..<20 {
            var bytes = intact
            for _ in 0..<8 {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = .random(in: 0...255, using: &random)
            }
            if let audio = try? AudioDecoder.decode(.bytes(bytes)) {
                #expect(!audio.samples.isEmpty && audio.samples.allSatisfy { abs($0) <= 1 })
            }
        }
    }

    @Test func `damage in the middle of an MP3 loses only the damage`() throws {
        let seed = try SeedFiles.bytes("tone_16k.mp3")
        let whole = Array(repeating: seed, count: 8).flatMap { $0 }
        var bytes = whole
        bytes.replaceSubrange(2000..<2400, with: [UInt8](repeating: 0x55, count: 400))
        let loss = try AudioDecoder.decode(.bytes(whole)).duration - AudioDecoder.decode(.bytes(bytes)).duration
        #expect(abs(loss) < 0.5)
    }

    @Test func `random bytes are no audio`() {
        var random = SplitMix(state: 1)
        for size in [16, 1000, 100_000] {
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(errorCode(of: .bytes(bytes)) == .unsupported)
        }
    }

    @Test func `PCM without a header is no audio`() {
        let bytes = Array(WaveFile.tone(seconds: 2).bytes.dropFirst(44))
        #expect(errorCode(of: .bytes(bytes)) == .unsupported)
    }

    @Test func `a few stray MP3 frames in other data are not taken for audio`() throws {
        var random = SplitMix(state: 3)
        let noise = (0..<40_000).map { _ in UInt8.random(in: 0...127, using: &random) }
        let frames = try SeedFiles.bytes("tone_16k.mp3").prefix(600)
        #expect(errorCode(of: .bytes(Array(noise.prefix(20_000)) + frames + noise)) == .unsupported)
    }

    @Test func `a message is one sentence and names no path`() {
        for source in [.bytes([1, 2, 3]), .file(path: "/nonexistent/name.wav")] as [AudioSource] {
            do throws(AudioError) {
                _ = try AudioDecoder.decode(source)
                Issue.record("decoded")
            } catch {
                #expect(error.description.hasSuffix(".") && !error.description.contains("/"))
            }
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same bytes in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
