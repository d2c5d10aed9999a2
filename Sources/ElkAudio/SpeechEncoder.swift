/// Writes samples in an audio format, piece by piece, at 24 kHz and mono.
///
/// Not safe to share. Blocking, but quick: some milliseconds for a second of sound.
package final class SpeechEncoder {
    private let format: SpeechFormat
    private var converter: RateConverter
    private let codec: CodecWriter?
    private var hasBegun = false
    /// Bytes of samples behind the header of a wave file.
    private var dataBytes = 0

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

    /// What a file should have in place of bytes that went out when the length of the sound was not known yet.
    package struct Correction: Sendable, Hashable {
        /// From the first byte that was encoded.
        package var offset: Int
        package var bytes: [UInt8]
    }

    /// After the end, for those who can go back; nil where nothing is to be mended.
    package var correction: Correction? {
        switch format {
        case .wav:
            guard let size = UInt32(exactly: dataBytes), size <= .max - 36 else { return nil }
            return Correction(offset: 0, bytes: Self.waveHeader(dataBytes: size))
        case .flac: return codec.map { Correction(offset: "fLaC".utf8.count + 4, bytes: $0.parameters) }
        case .mp3, .opus, .aac, .pcm: return nil
        }
    }

    private func write(_ samples: [Float]) throws(AudioError) -> [UInt8] {
        if let codec { return try codec.write(samples) }
        var bytes = format == .wav && !hasBegun ? Self.waveHeader() : []
        hasBegun = true
        dataBytes += 2 * samples.count
        bytes.reserveCapacity(bytes.count + 2 * samples.count)
        for sample in samples {
            let value = UInt16(bitPattern: sixteenBits(sample))
            bytes.append(UInt8(truncatingIfNeeded: value))
            bytes.append(UInt8(truncatingIfNeeded: value >> 8))
        }
        return bytes
    }

    /// Without a size, that of a stream whose length nobody knows yet.
    private static func waveHeader(dataBytes size: UInt32? = nil) -> [UInt8] {
        let rate = UInt32(SpeechFormat.sampleRate)
        var header = Array("RIFF".utf8) + little(size.map { $0 + 36 } ?? .max)
        header += Array("WAVEfmt ".utf8) + little(UInt32(16))
        header += little(UInt16(1)) + little(UInt16(1)) + little(rate) + little(rate * 2)
        return header + little(UInt16(2)) + little(UInt16(16)) + Array("data".utf8) + little(size ?? .max)
    }

    private static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value($0 * 8)) }
    }
}

func sixteenBits(_ sample: Float) -> Int16 {
    Int16(max(-32768, min(32767, (sample * 32767).rounded())))
}
