/// Writes RIFF/WAVE files of 16-bit PCM for tests, with lies in the header where a test wants them.
struct WaveFile {
    var sampleRate: UInt32 = 16_000
    var channels: UInt16 = 1
    /// Interleaved.
    var samples: [Int16] = []
    /// Written instead of the true length of the data.
    var statedSize: UInt32?
    /// The speaker mask of a WAVE_FORMAT_EXTENSIBLE header; without one the plain header is written.
    var speakerMask: UInt32?

    /// A 440 Hz sine in every channel.
    static func tone(
        seconds: Double,
        sampleRate: UInt32 = 16_000,
        channels: UInt16 = 1,
        amplitude: Double = 0.5
    ) -> WaveFile {
        let frames = Int(seconds * Double(sampleRate))
        let samples = (0..<frames).flatMap { index in
            let value = amplitude * Tone.sine(Double(index) * 440 / Double(sampleRate))
            return [Int16](repeating: Int16(value * 32_767), count: Int(channels))
        }
        return WaveFile(sampleRate: sampleRate, channels: channels, samples: samples)
    }

    var bytes: [UInt8] {
        let size = UInt32(samples.count * 2)
        let frame = channels &* 2
        var format = Self.little(speakerMask == nil ? UInt16(1) : 0xFFFE) + Self.little(channels)
        format += Self.little(sampleRate) + Self.little(sampleRate &* UInt32(frame)) + Self.little(frame)
        format += Self.little(UInt16(16))
        if let speakerMask {
            format += Self.little(UInt16(22)) + Self.little(UInt16(16)) + Self.little(speakerMask)
            format += [1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
        }
        var result = Array("RIFF".utf8) + Self.little(statedSize ?? size + 20 + UInt32(format.count))
        result += Array("WAVEfmt ".utf8) + Self.little(UInt32(format.count)) + format
        result += Array("data".utf8) + Self.little(statedSize ?? size)
        return result + samples.flatMap { Self.little($0) }
    }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }
}
