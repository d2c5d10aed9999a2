import ElkAudio
import Testing

struct ContainerTests {
    @Test func `there is a seed of every container`() {
        #expect(SeedFiles.names.count >= 20)
    }

    @Test(arguments: SeedFiles.names)
    func `a tone comes out of every container as the same tone`(name: String) throws {
        let audio = try AudioDecoder.decode(.bytes(try SeedFiles.bytes(name)))
        // Codecs without gapless data keep up to 0.1 s of encoder delay and padding.
        #expect(audio.duration >= 0.2 && audio.duration < 0.36, "\(audio.duration) s")
        let middle = Array(audio.samples[1600..<2800])
        #expect(abs(Tone.frequency(middle) - 440) < 20)
        #expect(Tone.rms(middle) > 0.05 && Tone.rms(middle) < 0.12, "\(Tone.rms(middle))")
    }

    @Test(arguments: SeedFiles.names)
    func `a path and memory give the same samples`(name: String) throws {
        let fromPath = try AudioDecoder.decode(.file(path: SeedFiles.path(name)))
        let fromMemory = try SeedFiles.bytes(name).withUnsafeBytes { try AudioDecoder.decode(bytes: $0) }
        #expect(fromPath.samples == fromMemory.samples)
    }

    @Test func `the rate may change in mid-stream`() throws {
        let slow = try SeedFiles.bytes("tone_16k.mp3")
        let fast = try SeedFiles.bytes("tone_24k.mp3")
        let audio = try AudioDecoder.decode(.bytes(slow + fast))
        #expect(audio.duration > 0.45)
        #expect(abs(Tone.frequency(Array(audio.samples.suffix(4000).prefix(2000))) - 440) < 25)
    }

    @Test func `chained Ogg streams are read to the end`() throws {
        let opus = try SeedFiles.bytes("tone.opus")
        let once = try AudioDecoder.decode(.bytes(opus))
        let twice = try AudioDecoder.decode(.bytes(opus + opus))
        #expect(abs(twice.duration - 2 * once.duration) < 0.05)
    }

    @Test(arguments: ["tone_16k.mp3", "tone.aac", "tone.flac"])
    func `an ID3 tag larger than the probe is passed over`(name: String) throws {
        let length = 2 << 20
        let size = [21, 14, 7, 0].map { UInt8(length >> $0 & 0x7F) }
        let tag: [UInt8] = [0x49, 0x44, 0x33, 4, 0, 0] + size + [UInt8](repeating: 0, count: length)
        let seed = try SeedFiles.bytes(name)
        let audio = try AudioDecoder.decode(.bytes(tag + seed))
        #expect(abs(audio.duration - (try AudioDecoder.decode(.bytes(seed)).duration)) < 0.1)
    }

    @Test func `junk before an MP3 is passed over`() throws {
        let junk = (0..<1500).map { UInt8(truncatingIfNeeded: $0 &* 37) & 0x7F }
        let seed = try SeedFiles.bytes("tone_16k.mp3")
        let body = seed + seed + seed + seed
        let audio = try AudioDecoder.decode(.bytes(junk + body))
        #expect(audio.duration > 0.9)
    }

    @Test func `many decodes at once do not disturb each other`() async throws {
        let bytes = try SeedFiles.bytes("vorbis.ogg")
        let expected = try AudioDecoder.decode(.bytes(bytes)).samples
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask { (try? AudioDecoder.decode(.bytes(bytes)))?.samples == expected }
            }
            for await isEqual in group { #expect(isEqual) }
        }
    }
}
