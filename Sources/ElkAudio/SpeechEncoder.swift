/// Writes samples in an audio format, piece by piece, at 24 kHz and mono.
///
/// Not safe to share. Blocking, but quick: some milliseconds for a second of sound.
package final class SpeechEncoder {
    private let format: SpeechFormat
    private var converter: RateConverter
    private let codec: CodecWriter?
    private var hasBegun = false

    /// - Parameter sampleRate: of what comes in.
    /// - Throws: `AudioError` `unavailable` when FFmpeg's libraries, or the encoder in them, are not there; never for wav and pcm.
    package init(_ format: SpeechFormat, sampleRate: Int) throws(AudioError) {
        self.format = format
        converter = RateConverter(from: sampleRate, to: SpeechFormat.sampleRate)
        codec =
            switch format {
            case .wav, .pcm: nil
            case .mp3, .opus, .aac, .flac: try CodecWriter(format)
            }
    }

    /// The bytes that are whole after these samples (-1 … 1).
    package func encode(_ samples: [Float]) throws(AudioError) -> [UInt8] {
        try write(converter.convert(samples))
    }

    /// The last bytes; nothing may be encoded after that.
    package func finish() throws(AudioError) -> [UInt8] {
        let bytes = try write(converter.finish())
        guard let codec else { return bytes }
        return bytes + (try codec.finish())
    }

    private func write(_ samples: [Float]) throws(AudioError) -> [UInt8] {
        if let codec { return try codec.write(samples) }
        var bytes = format == .wav && !hasBegun ? Self.waveHeader : []
        hasBegun = true
        bytes.reserveCapacity(bytes.count + 2 * samples.count)
        for sample in samples {
            let value = UInt16(bitPattern: sixteenBits(sample))
            bytes.append(UInt8(truncatingIfNeeded: value))
            bytes.append(UInt8(truncatingIfNeeded: value >> 8))
        }
        return bytes
    }

    /// The header of a stream whose length nobody knows yet.
    private static let waveHeader: [UInt8] = {
        let rate = UInt32(SpeechFormat.sampleRate)
        var header = Array("RIFF".utf8) + little(UInt32.max) + Array("WAVEfmt ".utf8) + little(UInt32(16))
        header += little(UInt16(1)) + little(UInt16(1)) + little(rate) + little(rate * 2)
        return header + little(UInt16(2)) + little(UInt16(16)) + Array("data".utf8) + little(UInt32.max)
    }()

    private static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value($0 * 8)) }
    }
}

func sixteenBits(_ sample: Float) -> Int16 {
    Int16(max(-32768, min(32767, (sample * 32767).rounded())))
}
