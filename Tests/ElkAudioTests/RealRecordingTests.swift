import ElkAudio
import Testing

@Suite(SharedAudio.trait)
struct RealRecordingTests {
    /// Manifest durations that come from a header which is wrong: the decoded length is what counts.
    static let wrongHeaders: [String: Double] = [
        "sonnet_title.aac": 9.009, "derived_jfk_truncated.mp3": 7.239, "derived_jfk_junk_prefix.mp3": 11.124,
    ]

    static let decodable = SharedAudio.entries.filter { !$0.file.hasPrefix("bad_") && $0.duration != nil }

    @Test(arguments: decodable)
    func `a recording has its duration`(entry: SharedAudio.Entry) throws {
        let audio = try AudioDecoder.decode(.file(path: SharedAudio.path(entry.file)))
        let expected = Self.wrongHeaders[entry.file] ?? entry.duration ?? 0
        // Gapless tags trim up to 0.11 s of encoder delay that the manifest counts.
        #expect(abs(audio.duration - expected) < 0.12, "\(audio.duration) s")
        #expect(audio.samples.allSatisfy { $0 >= -1 && $0 <= 1 })
    }

    /// A mono recording that was made stereo with -3 dB a side is that much quieter: a factor of 1.41.
    @Test func `one reading is equally loud in every container`() throws {
        for group in ["jfk", "sonnet_title"] {
            let files = SharedAudio.entries.map(\.file).filter {
                $0.hasPrefix(group) || $0.hasPrefix("derived_\(group)_") && !$0.contains("ms.") && !$0.contains("trunc")
            }
            #expect(files.count > 3)
            let levels = try files.map { Tone.rms(try AudioDecoder.decode(.file(path: SharedAudio.path($0))).samples) }
            let least = try #require(levels.min())
            let most = try #require(levels.max())
            #expect(most / least < 1.45, "\(Array(zip(files, levels)))")
        }
    }

    @Test(arguments: [
        ("bad_zero_bytes.wav", AudioError.Code.noAudio), ("bad_truncated_header.wav", .unsupported),
        ("bad_zero_samples.wav", .noAudio), ("bad_awful.wav", .unsupported), ("bad_evil.wav", .damaged),
        ("bad_bad.wav", .damaged), ("bad_missing_wav_header.wav", .unsupported),
        ("raw_pcm_goforward.raw", .unsupported), ("bad_m4a_no_moov.m4a", .damaged),
    ])
    func `a bad file is refused within a second`(name: String, code: AudioError.Code) {
        let elapsed = ContinuousClock().measure {
            #expect(errorCode(of: .file(path: SharedAudio.path(name))) == code)
        }
        #expect(elapsed < .seconds(1))
    }

    @Test func `a live WebM without a duration is read to its end`() throws {
        let audio = try AudioDecoder.decode(.file(path: SharedAudio.path("derived_jfk_live.webm")))
        #expect(abs(audio.duration - 11) < 0.1)
    }
}
