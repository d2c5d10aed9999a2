#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Where the time of a session went, in seconds since it was made; for benchmarks and metrics.
public struct StageTimes: Sendable, Hashable {
    /// Samples to log-mel features.
    public var features = 0.0
    /// Finding out where somebody speaks.
    public var voiceActivity = 0.0
    /// The encoder's two convolutions.
    public var convolutions = 0.0
    public var encoderAttention = 0.0
    /// Projections and feed-forward layers of the encoder, with their norms.
    public var encoderProducts = 0.0
    /// Keys and values of the encoder's output for the decoder's layers.
    public var crossProjection = 0.0
    /// Projections and feed-forward layers of the decoder, with their norms and the look-up of tokens.
    public var decoderProducts = 0.0
    public var selfAttention = 0.0
    public var crossAttention = 0.0
    public var logits = 0.0
    /// Everything else of a transcription: rules, search, text.
    public var rules = 0.0
    /// Windows encoded.
    public var windows = 0
    /// Passes of the decoder over one token a row.
    public var steps = 0

    public init() {}

    public var encoder: Double { convolutions + encoderAttention + encoderProducts + crossProjection }
    public var decoder: Double { decoderProducts + selfAttention + crossAttention + logits }
    public var total: Double { features + voiceActivity + encoder + decoder + rules }

    /// What has come since `earlier`.
    package func since(_ earlier: StageTimes) -> StageTimes {
        var difference = earlier.share(-1)
        difference.windows = -earlier.windows
        difference.steps = -earlier.steps
        difference.add(self)
        return difference
    }

    /// A part of the time; whoever shares a pass or a window has been part of the whole of it.
    func share(_ part: Double) -> StageTimes {
        var times = self
        times.features *= part
        times.voiceActivity *= part
        times.convolutions *= part
        times.encoderAttention *= part
        times.encoderProducts *= part
        times.crossProjection *= part
        times.decoderProducts *= part
        times.selfAttention *= part
        times.crossAttention *= part
        times.logits *= part
        times.rules *= part
        return times
    }

    mutating func add(_ other: StageTimes) {
        features += other.features
        voiceActivity += other.voiceActivity
        convolutions += other.convolutions
        encoderAttention += other.encoderAttention
        encoderProducts += other.encoderProducts
        crossProjection += other.crossProjection
        decoderProducts += other.decoderProducts
        selfAttention += other.selfAttention
        crossAttention += other.crossAttention
        logits += other.logits
        rules += other.rules
        windows += other.windows
        steps += other.steps
    }
}

/// Adds the time since it was made, or since it last did, to a stage.
struct Stopwatch {
    private var last = Stopwatch.now

    mutating func lap(_ stage: inout Double) {
        let now = Stopwatch.now
        stage += now - last
        last = now
    }

    /// Seconds of the monotonic clock.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
