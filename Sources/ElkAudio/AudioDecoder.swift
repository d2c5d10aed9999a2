/// Turns any audio file into 16 kHz mono samples. Blocking: never call it on the cooperative pool.
public enum AudioDecoder {
    /// - Throws: `AudioError` when the content is not audio, is damaged beyond use or passes a limit.
    public static func decode(_ source: AudioSource, limits: AudioLimits = AudioLimits()) throws(AudioError) -> DecodedAudio {
        throw AudioError(.unsupported, "no decoder yet")
    }
}

public enum AudioSource: Sendable {
    case file(path: String)
    case bytes([UInt8])
}

public struct AudioLimits: Sendable, Hashable {
    /// Longest recording in seconds.
    public var maxDuration: Double = 4 * 3600
    public init() {}
}

public struct DecodedAudio: Sendable {
    /// 16 kHz mono, -1 … 1.
    public var samples: [Float]
    /// Seconds, counted from the decoded samples.
    public var duration: Double { Double(samples.count) / 16000 }
}

public struct AudioError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        case unreadable, unsupported, damaged, noAudio, tooLong
    }
    public let code: Code
    public let description: String
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
