import ElkAudio
import Testing

struct AudioProbeTests {
    @Test func `a probe names container, codec, rate, channels and duration`() throws {
        let probe = try AudioProbe(.bytes(WaveFile.tone(seconds: 1.5, sampleRate: 8000, channels: 2).bytes))
        #expect(probe.container == "wav" && probe.codec == "pcm_s16le")
        #expect(probe.sampleRate == 8000 && probe.channels == 2)
        #expect(probe.duration == 1.5)
    }

    @Test(arguments: SeedFiles.names)
    func `a probe comes close to the decoded duration`(name: String) throws {
        let decoded = try AudioDecoder.decode(.file(path: SeedFiles.path(name))).duration
        let probe = try AudioProbe(.file(path: SeedFiles.path(name)))
        let duration = try #require(probe.duration)
        #expect(abs(duration - decoded) < 0.1, "\(duration) s, decoded \(decoded) s")
        #expect(probe.channels > 0 && probe.sampleRate >= 4000)
    }

    @Test func `a live recording has its packets counted`() throws {
        let probe = try AudioProbe(.bytes(try SeedFiles.bytes("live.webm")))
        #expect(probe.container == "matroska" && probe.codec == "opus")
        #expect(try #require(probe.duration) > 0.2)
    }

    @Test func `what is no audio cannot be probed`() {
        #expect(throws: AudioError.self) { try AudioProbe(.bytes(Array("hello, world".utf8))) }
        #expect(throws: AudioError.self) { try AudioProbe(.bytes([])) }
    }
}
