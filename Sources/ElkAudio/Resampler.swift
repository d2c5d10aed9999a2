import CLibAV

/// Converts frames of any rate, layout and sample format to 16 kHz mono, as `ffmpeg -ac 1 -ar 16000 -f s16le` does, or to two
/// channels, whose samples alternate.
///
/// The result goes through 16 bits because the reference implementations of Whisper are fed that way: the same bytes
/// reach the model. Integer output also makes libswresample scale its mix matrix so that no down-mix can clip.
final class Resampler {
    private let libav: LibAV
    private var context: OpaquePointer?
    private var rate: Int32 = 0
    private var format: Int32 = -1
    private var layout = AVChannelLayout()
    private var scratch: [Int16] = []
    private let keepsStereo: Bool
    /// Channels of the result: what the first frame has, where stereo is kept.
    private(set) var channels = 1
    private var hasBegun = false

    /// - Parameter keepsStereo: whether two channels stay two.
    init(libav: LibAV, keepsStereo: Bool = false) {
        self.libav = libav
        self.keepsStereo = keepsStereo
    }

    deinit {
        libav.swr_free(&context)
        libav.av_channel_layout_uninit(&layout)
    }

    /// Appends the frame to `samples` (-1 … 1); a change of rate, layout or format in mid-stream is followed.
    ///
    /// - Throws: `AudioError` `unsupported` for a rate or channel count outside the limits.
    func append(_ frame: UnsafeMutablePointer<AVFrame>, to samples: inout [Float]) throws(AudioError) {
        guard AudioLimits.sampleRates.contains(frame.pointee.sample_rate) else {
            throw AudioError(.unsupported, "The sample rate of \(frame.pointee.sample_rate) Hz is not supported.")
        }
        guard AudioLimits.channels.contains(frame.pointee.ch_layout.nb_channels) else {
            throw AudioError(.unsupported, "\(frame.pointee.ch_layout.nb_channels) channels are not supported.")
        }
        if context == nil || !matches(frame) {
            finish(into: &samples)
            try configure(for: frame)
        }
        try convert(frame, into: &samples)
    }

    /// Appends what the filter still holds.
    ///
    /// The next frame starts anew.
    func finish(into samples: inout [Float]) {
        // A failed drain loses the last milliseconds at most.
        if context != nil { try? convert(nil, into: &samples) }
        libav.swr_free(&context)
    }

    private func matches(_ frame: UnsafeMutablePointer<AVFrame>) -> Bool {
        rate == frame.pointee.sample_rate && format == frame.pointee.format
            && libav.av_channel_layout_compare(&layout, &frame.pointee.ch_layout) == 0
    }

    private func configure(for frame: UnsafeMutablePointer<AVFrame>) throws(AudioError) {
        rate = frame.pointee.sample_rate
        format = frame.pointee.format
        let channels = frame.pointee.ch_layout.nb_channels
        if !hasBegun, keepsStereo, channels == 2 { self.channels = 2 }
        hasBegun = true
        var known = libav.av_channel_layout_copy(&layout, &frame.pointee.ch_layout) >= 0
        if known, layout.order == AV_CHANNEL_ORDER_UNSPEC {
            var assumed = AVChannelLayout()
            libav.av_channel_layout_default(&assumed, channels)
            known = assumed.order != AV_CHANNEL_ORDER_UNSPEC
            if known, start(from: &assumed, matrix: nil) { return }
        } else if known, start(from: &layout, matrix: nil) {
            return
        }
        // No mix is defined for these channels: take the mean of all.
        var plain = AVChannelLayout()
        plain.order = AV_CHANNEL_ORDER_UNSPEC
        plain.nb_channels = channels
        let mean = [Double](repeating: 1 / Double(channels), count: Int(channels) * self.channels)
        if !start(from: &plain, matrix: mean) {
            throw AudioError(.unsupported, "The channel layout of the audio is not supported.")
        }
    }

    private func start(from input: inout AVChannelLayout, matrix: [Double]?) -> Bool {
        libav.swr_free(&context)
        var output = AVChannelLayout()
        libav.av_channel_layout_default(&output, Int32(channels))
        let status = libav.swr_alloc_set_opts2(
            &context,
            &output,
            AV_SAMPLE_FMT_S16,
            Int32(AudioDecoder.sampleRate),
            &input,
            AVSampleFormat(rawValue: format),
            rate,
            0,
            nil
        )
        if status >= 0, let matrix { _ = libav.swr_set_matrix(context, matrix, Int32(matrix.count / channels)) }
        if status >= 0, libav.swr_init(context) >= 0 { return true }
        libav.swr_free(&context)
        return false
    }

    private func convert(_ frame: UnsafeMutablePointer<AVFrame>?, into samples: inout [Float]) throws(AudioError) {
        let capacity = libav.swr_get_out_samples(context, frame?.pointee.nb_samples ?? 0)
        guard capacity >= 0 else { throw AudioError(.damaged, "The audio cannot be resampled.") }
        let room = Int(capacity) * channels
        if scratch.count < room { scratch = [Int16](repeating: 0, count: room) }
        let count = scratch.withUnsafeMutableBytes { buffer in
            libav.convert(
                context,
                into: buffer.baseAddress?.assumingMemoryBound(to: UInt8.self),
                capacity: capacity,
                frame: frame
            )
        }
        guard count >= 0 else { throw AudioError(.damaged, "The audio cannot be resampled.") }
        scratch.withUnsafeBufferPointer { buffer in
            samples.append(contentsOf: buffer.prefix(Int(count) * channels).lazy.map { Float($0) * (1 / 32768) })
        }
    }
}
