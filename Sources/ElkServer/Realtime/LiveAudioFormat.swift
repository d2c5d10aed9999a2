import NIOCore

/// How the samples of a live session are written: 16-bit little-endian, or a byte each as telephones have them.
struct LiveAudioFormat: Hashable, Sendable {
    enum Coding: String, Sendable { case pcm16, muLaw, aLaw }

    static let pcm = LiveAudioFormat(coding: .pcm16, rate: 24_000)

    var coding: Coding
    /// Samples a second.
    var rate: Int

    var sampleBytes: Int { coding == .pcm16 ? 2 : 1 }

    /// The name in the beta's words.
    var shortName: String {
        switch coding {
        case .pcm16: "pcm16"
        case .muLaw: "g711_ulaw"
        case .aLaw: "g711_alaw"
        }
    }

    /// The name in the current words.
    var mediaType: String {
        switch coding {
        case .pcm16: "audio/pcm"
        case .muLaw: "audio/pcmu"
        case .aLaw: "audio/pcma"
        }
    }

    /// - Parameter name: in either words.
    init?(named name: String, rate: Int? = nil) {
        switch name {
        case "pcm16", "audio/pcm":
            let rate = rate ?? 24_000
            guard [8_000, 16_000, 24_000, 48_000].contains(rate) else { return nil }
            self.init(coding: .pcm16, rate: rate)
        case "g711_ulaw", "audio/pcmu": self.init(coding: .muLaw, rate: 8_000)
        case "g711_alaw", "audio/pcma": self.init(coding: .aLaw, rate: 8_000)
        default: return nil
        }
    }

    init(coding: Coding, rate: Int) {
        (self.coding, self.rate) = (coding, rate)
    }

    /// Samples of -1 … 1; half a sample at the end is put back into `bytes`.
    func samples(of bytes: inout ByteBuffer) -> [Float] {
        switch coding {
        case .pcm16:
            let count = bytes.readableBytes / 2
            let samples = bytes.withUnsafeReadableBytes { raw in
                (0..<count).map { index -> Float in
                    let bits = UInt16(raw[2 * index]) | UInt16(raw[2 * index + 1]) << 8
                    return Float(Int16(bitPattern: bits)) / 32_768
                }
            }
            bytes.moveReaderIndex(forwardBy: count * 2)
            return samples
        case .muLaw:
            defer { bytes.clear() }
            return bytes.readableBytesView.map { Float(Self.linear(muLaw: $0)) / 32_768 }
        case .aLaw:
            defer { bytes.clear() }
            return bytes.readableBytesView.map { Float(Self.linear(aLaw: $0)) / 32_768 }
        }
    }

    static func linear(muLaw byte: UInt8) -> Int {
        let bits = Int(~byte)
        let magnitude = (((bits & 0x0F) << 3) + 0x84) << ((bits & 0x70) >> 4)
        return bits & 0x80 != 0 ? 0x84 - magnitude : magnitude - 0x84
    }

    static func linear(aLaw byte: UInt8) -> Int {
        let bits = Int(byte ^ 0x55)
        let exponent = (bits & 0x70) >> 4
        var magnitude = (bits & 0x0F) << 4
        magnitude = exponent == 0 ? magnitude + 8 : (magnitude + 0x108) << (exponent - 1)
        return bits & 0x80 != 0 ? magnitude : -magnitude
    }
}
