/// What one file may cost.
///
/// Every limit is checked while decoding, never taken from the file's header.
public struct AudioLimits: Sendable, Hashable {
    /// Longest recording in seconds.
    ///
    /// It bounds memory too: a second of result takes 64 kB; four times that while two channels are parted.
    public var maxDuration: Double = 4 * 3600
    /// Longest wall-clock time in seconds that one file may take.
    public var maxDecodingTime: Double = 300
    /// How many streams (tracks) a container may hold.
    public var maxStreams: Int = 64
    /// Bytes that may be read to learn the parameters of the streams before decoding starts.
    public var maxHeaderBytes: Int = 8 << 20

    public init() {}
}

extension AudioLimits {
    /// Accepted sample rates of the input in Hz.
    static let sampleRates: ClosedRange<Int32> = 1000...384_000
    static let channels: ClosedRange<Int32> = 1...64
    /// Packets in a row without one decoded sample after which the rest of the file is given up.
    static let maxIdlePackets = 20_000
    /// Largest single block the libraries may allocate, process-wide.
    ///
    /// An index of a million packets fits (four hours of AAC have 0.7 million), while a header of a few bytes that claims
    /// 100 million entries does not.
    static let maxAllocation = 24 << 20
    /// Streams in MP4 and its kin, whose tracks may each claim an index as large as `maxAllocation` in a few bytes.
    static let maxIndexedStreams = 16

    var maxSamples: Int { Int(Self.sane(maxDuration) * Double(AudioDecoder.sampleRate)) }

    var decodingTime: Duration { .seconds(Self.sane(maxDecodingTime)) }

    /// Any number of seconds, made safe to convert: negative and not-a-number count as none.
    private static func sane(_ seconds: Double) -> Double { seconds > 0 ? min(seconds, 1_000_000) : 0 }
}
