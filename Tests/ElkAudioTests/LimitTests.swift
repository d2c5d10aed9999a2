import ElkAudio
import Testing

struct LimitTests {
    @Test func `audio beyond the longest duration is refused and up to it accepted`() {
        var limits = AudioLimits()
        limits.maxDuration = 0.5
        #expect(errorCode(of: .bytes(WaveFile.tone(seconds: 0.5).bytes), limits: limits) == nil)
        #expect(errorCode(of: .bytes(WaveFile.tone(seconds: 0.52).bytes), limits: limits) == .tooLong)
        #expect(errorCode(of: .bytes(WaveFile.tone(seconds: 2, sampleRate: 8000).bytes), limits: limits) == .tooLong)
    }

    @Test func `limits that make no sense do not trap`() {
        for value in [Double.infinity, -.infinity, .nan, -1, 0, 1e300] {
            var limits = AudioLimits()
            limits.maxDuration = value
            limits.maxDecodingTime = value
            limits.maxStreams = value > 1 ? .max : .min
            limits.maxHeaderBytes = value > 1 ? .max : .min
            _ = errorCode(of: .bytes(WaveFile.tone(seconds: 0.1).bytes), limits: limits)
        }
    }

    @Test func `no time means a timeout`() {
        var limits = AudioLimits()
        limits.maxDecodingTime = 0
        #expect(errorCode(of: .bytes(WaveFile.tone(seconds: 0.1).bytes), limits: limits) == .timedOut)
    }

    @Test func `a cancelled decode ends at the next packet`() {
        let bytes = WaveFile.tone(seconds: 20).bytes
        #expect(errorCode(of: .bytes(bytes), isCancelled: { true }) == .cancelled)
        var asked = 0
        let code = errorCode(of: .bytes(bytes)) {
            asked += 1
            return asked > 20
        }
        #expect(code == .cancelled)
        #expect(asked == 21)
    }

    @Test(arguments: [0, 1, 999, 384_001, 1_092_676, 0x7FFF_FFFF, 0xFFFF_FFFF] as [UInt32])
    func `an absurd sample rate is refused`(rate: UInt32) {
        var file = WaveFile.tone(seconds: 0.1)
        file.sampleRate = rate
        #expect(errorCode(of: .bytes(file.bytes)) != nil)
    }

    @Test(arguments: [0, 65, 255, 0xFFFF] as [UInt16])
    func `an absurd channel count is refused`(channels: UInt16) {
        var file = WaveFile.tone(seconds: 0.1)
        file.channels = channels
        #expect(errorCode(of: .bytes(file.bytes)) != nil)
    }

    @Test func `a container with more streams than allowed is not read on`() throws {
        var limits = AudioLimits()
        limits.maxStreams = 0
        #expect(errorCode(of: .bytes(try SeedFiles.bytes("tone.m4a")), limits: limits) != nil)
    }

    @Test(arguments: [20_000_000, 200_000_000, 0xFFFF_FFFF] as [UInt32])
    func `an index of millions of entries in a few bytes is refused at once`(count: UInt32) throws {
        var bytes = try SeedFiles.bytes("tone.m4a")
        let number = withUnsafeBytes(of: count.bigEndian, Array.init)
        let one: [UInt8] = [0, 0, 0, 1]
        // Sample table boxes of ISO/IEC 14496-12: all samples of size 1, in one chunk, of one duration.
        for (box, fields) in [("stsz", one + number), ("stsc", one + one + number + one), ("stts", one + number)] {
            let start = try #require(bytes.firstRange(of: Array(box.utf8))).upperBound + 4
            bytes.replaceSubrange(start..<start + fields.count, with: fields)
        }
        let elapsed = ContinuousClock().measure { #expect(errorCode(of: .bytes(bytes)) != nil) }
        #expect(elapsed < .seconds(2))
    }
}
