/// Turns any audio file into 16 kHz mono samples.
///
/// Blocking: never call it on the cooperative pool.
///
/// Each call is independent and may run beside others on other threads. The content decides the format. Damaged packets
/// are passed over and a cut-off end is accepted: what can be heard is returned.
public enum AudioDecoder {
    /// Samples a second of every result.
    public static let sampleRate = 16_000

    /// Loads FFmpeg's libraries, as the first recording of a process does otherwise: some 50 ms and 25 MB.
    ///
    /// Blocking, and free from the second call on. On a thread of its own it spares the first recording the wait.
    /// - Throws: `AudioError` `unavailable`, as every later decode then does.
    public static func prepare() throws(AudioError) {
        _ = try LibAV.load()
    }

    /// - Parameter isCancelled: asked at least once a packet; true ends the work with `AudioError` `cancelled`.
    /// - Throws: `AudioError` when the content is not audio, is damaged beyond use or passes a limit.
    public static func decode(
        _ source: AudioSource,
        limits: AudioLimits = AudioLimits(),
        isCancelled: @escaping () -> Bool = { false }
    ) throws(AudioError) -> DecodedAudio {
        let watch = Watch(limits: limits, isCancelled: isCancelled)
        return try source.withInput(watch: watch) { input throws(AudioError) in
            try decode(input, limits: limits, watch: watch)
        }
    }

    /// Decodes memory in place, such as the readable bytes of an upload's buffer.
    ///
    /// The pointer is not kept.
    public static func decode(
        bytes: UnsafeRawBufferPointer,
        limits: AudioLimits = AudioLimits(),
        isCancelled: @escaping () -> Bool = { false }
    ) throws(AudioError) -> DecodedAudio {
        let watch = Watch(limits: limits, isCancelled: isCancelled)
        return try decode(MediaInput(bytes: bytes, watch: watch), limits: limits, watch: watch)
    }

    /// Decodes a recording into one part for each speaker that has a channel alone, or into one part.
    ///
    /// Stereo whose channels have little in common (a correlation below 0.3) is taken for two speakers, as telephone recordings have
    /// them.
    public static func decodeSpeakers(
        _ source: AudioSource,
        limits: AudioLimits = AudioLimits(),
        isCancelled: @escaping () -> Bool = { false }
    ) throws(AudioError) -> [DecodedAudio] {
        let watch = Watch(limits: limits, isCancelled: isCancelled)
        return try source.withInput(watch: watch) { input throws(AudioError) in
            let demuxer = try Demuxer(input: input, limits: limits, watch: watch)
            var recording = try Recording(
                demuxer: demuxer,
                inputSize: input.size,
                limits: limits,
                keepsStereo: true
            )
            let samples = try recording.decodeAll()
            guard recording.channels == 2 else { return [DecodedAudio(samples: samples)] }
            let stereo = StereoSamples(samples)
            guard stereo.hasSpeakerPerChannel else { return [DecodedAudio(samples: stereo.mixed)] }
            return [DecodedAudio(samples: stereo.left), DecodedAudio(samples: stereo.right)]
        }
    }

    private static func decode(
        _ input: MediaInput,
        limits: AudioLimits,
        watch: Watch
    ) throws(AudioError) -> DecodedAudio {
        let demuxer = try Demuxer(input: input, limits: limits, watch: watch)
        var recording = try Recording(demuxer: demuxer, inputSize: input.size, limits: limits)
        return DecodedAudio(samples: try recording.decodeAll())
    }
}

public struct DecodedAudio: Sendable {
    /// 16 kHz mono, -1 … 1.
    public var samples: [Float]
    /// Seconds, counted from the decoded samples.
    public var duration: Double { Double(samples.count) / Double(AudioDecoder.sampleRate) }

    public init(samples: [Float]) { self.samples = samples }
}
