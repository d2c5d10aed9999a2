import CLibAV

/// What a file says about itself, read without decoding it.
///
/// Blocking, like `AudioDecoder`.
///
/// The duration is a header's claim or a count of packets: good for an estimate of price and progress. Only
/// `DecodedAudio.duration` is the truth, because the sender writes the header.
public struct AudioProbe: Sendable, Hashable {
    /// libavformat's name of the container: `wav`, `mp3`, `ogg`, `mov` (also MP4 and M4A), `matroska` (also WebM).
    public let container: String
    /// libavcodec's name of the codec, such as `opus` or `pcm_s16le`.
    public let codec: String
    /// Hz; 0 when only decoding would tell.
    public let sampleRate: Int
    /// 0 when only decoding would tell.
    public let channels: Int
    /// Seconds; nil when neither the header nor the packets carry time.
    public let duration: Double?

    /// Reads the header; when it has no duration (a live WebM, an MP3 without a table), also counts the packets.
    ///
    /// - Throws: `AudioError` when the content is not audio or its header is damaged.
    public init(_ source: AudioSource, limits: AudioLimits = AudioLimits()) throws(AudioError) {
        let watch = Watch(limits: limits, isCancelled: { false })
        self = try source.withInput(watch: watch) { input throws(AudioError) in
            try AudioProbe(input, limits: limits, watch: watch)
        }
    }

    /// Probes memory in place.
    ///
    /// The pointer is not kept.
    public init(bytes: UnsafeRawBufferPointer, limits: AudioLimits = AudioLimits()) throws(AudioError) {
        let watch = Watch(limits: limits, isCancelled: { false })
        try self.init(MediaInput(bytes: bytes, watch: watch), limits: limits, watch: watch)
    }

    private init(_ input: MediaInput, limits: AudioLimits, watch: Watch) throws(AudioError) {
        let demuxer = try Demuxer(input: input, limits: limits, watch: watch)
        let parameters = demuxer.stream.pointee.codecpar.pointee
        container = demuxer.container
        codec = demuxer.libav.codecName(parameters.codec_id)
        sampleRate = Int(parameters.sample_rate)
        channels = Int(parameters.ch_layout.nb_channels)
        if let promised = demuxer.headerDuration {
            duration = promised
        } else {
            duration = try Self.countPackets(demuxer)
        }
    }

    /// The time from the first packet to the end of the last, or the sum of durations where packets carry no time.
    private static func countPackets(_ demuxer: Demuxer) throws(AudioError) -> Double? {
        let base = demuxer.stream.pointee.time_base
        guard base.num > 0, base.den > 0 else { return nil }
        let unknown = Int64.min
        var first: Double?
        var last = 0.0
        var sum = 0.0
        var gaps = 0
        reading: while gaps < AudioLimits.maxIdlePackets {
            switch try demuxer.next() {
            case .packet:
                let packet = demuxer.packet.pointee
                let length = Double(max(packet.duration, 0))
                sum += length
                if packet.pts != unknown {
                    first = first ?? Double(packet.pts)
                    last = max(last, Double(packet.pts) + length)
                }
            case .gap:
                gaps += 1
            case .end:
                break reading
            }
        }
        let ticks = first.map { max(last - $0, sum) } ?? sum
        return ticks > 0 ? ticks * Double(base.num) / Double(base.den) : nil
    }
}
