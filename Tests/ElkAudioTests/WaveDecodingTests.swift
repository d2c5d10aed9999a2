import ElkAudio
import Testing

struct WaveDecodingTests {
    @Test func `16 kHz mono comes out bit for bit`() throws {
        let samples: [Int16] = [0, 1, -1, 32_767, -32_768, 12_345] + [Int16](repeating: 7, count: 2000)
        let audio = try AudioDecoder.decode(.bytes(WaveFile(samples: samples).bytes))
        #expect(audio.samples == samples.map { Float($0) / 32_768 })
        #expect(audio.duration == 2006.0 / 16_000)
    }

    @Test func `stereo becomes the mean of both channels`() throws {
        let frames = [Int16](repeating: 0, count: 3200).enumerated().map { Int16($0.offset % 2 == 0 ? 8000 : -2000) }
        let audio = try AudioDecoder.decode(.bytes(WaveFile(channels: 2, samples: frames).bytes))
        #expect(audio.samples.count == 1600)
        #expect(audio.samples.allSatisfy { abs($0 * 32_768 - 3000) <= 1 })
    }

    @Test(arguments: [1000, 8000, 11_025, 22_050, 44_100, 48_000, 96_000, 384_000] as [UInt32])
    func `any rate is resampled to 16 kHz`(rate: UInt32) throws {
        let audio = try AudioDecoder.decode(.bytes(WaveFile.tone(seconds: 0.5, sampleRate: rate).bytes))
        #expect(abs(audio.duration - 0.5) < 0.01)
        #expect(abs(Tone.frequency(audio.samples) - 440) < 10)
    }

    @Test(arguments: [3, 4, 5, 6, 7, 8, 9, 12, 24, 33, 64] as [UInt16])
    func `any channel count is mixed down without clipping`(channels: UInt16) throws {
        let file = WaveFile.tone(seconds: 0.2, channels: channels, amplitude: 0.9)
        let audio = try AudioDecoder.decode(.bytes(file.bytes))
        #expect(abs(audio.duration - 0.2) < 0.01)
        #expect(abs(Tone.frequency(audio.samples) - 440) < 10)
        let peak = audio.samples.map(abs).max() ?? 0
        #expect(peak > 0.3 && peak < 0.95)
    }

    @Test func `a mask that no mix is defined for is mixed all the same`() throws {
        for mask in [0x200, 0x3F000, 0x1, 0x8000_0000, 0xFFFF_FFFF] as [UInt32] {
            var file = WaveFile.tone(seconds: 0.2, channels: 2)
            file.speakerMask = mask
            let audio = try AudioDecoder.decode(.bytes(file.bytes))
            #expect(abs(audio.duration - 0.2) < 0.01)
            #expect(audio.samples.allSatisfy { abs($0) <= 1 })
        }
    }

    @Test(arguments: [0xFFFF_FFFF, 0x7FFF_FFFF, 0] as [UInt32])
    func `a size field that a pipe left open does not matter`(size: UInt32) throws {
        var file = WaveFile.tone(seconds: 0.5)
        file.statedSize = size
        #expect(try AudioDecoder.decode(.bytes(file.bytes)).duration == 0.5)
    }

    @Test func `a cut-off end gives what is there`() throws {
        let bytes = WaveFile.tone(seconds: 1).bytes
        let audio = try AudioDecoder.decode(.bytes(Array(bytes.prefix(bytes.count / 2))))
        #expect(abs(audio.duration - 0.5) < 0.01)
    }
}
