import CLibAV

/// One of libavcodec's encoders and the container around it, writing to memory.
final class CodecWriter {
    private struct Recipe {
        var encoder: String
        var container: String
        var sampleFormat: AVSampleFormat
        var bitRate: Int64
        /// Of the container.
        var options: [(String, String)] = []

        init(_ format: SpeechFormat) {
            switch format {
            case .mp3:
                // A header with the length would be wrong in a stream.
                (encoder, container, sampleFormat, bitRate) = ("libmp3lame", "mp3", AV_SAMPLE_FMT_FLTP, 96_000)
                options = [("write_xing", "0"), ("id3v2_version", "0")]
            case .opus:
                (encoder, container, sampleFormat, bitRate) = ("libopus", "ogg", AV_SAMPLE_FMT_FLT, 48_000)
                options = [("page_duration", "200000")]
            case .aac: (encoder, container, sampleFormat, bitRate) = ("aac", "adts", AV_SAMPLE_FMT_FLTP, 64_000)
            case .flac, .wav, .pcm: (encoder, container, sampleFormat, bitRate) = ("flac", "flac", AV_SAMPLE_FMT_S16, 0)
            }
        }
    }

    private static let capacity: Int32 = 16_384

    private let libav: LibAV
    private let recipe: Recipe
    private var codec: UnsafeMutablePointer<AVCodecContext>?
    private var output: UnsafeMutablePointer<AVFormatContext>?
    private var frame: UnsafeMutablePointer<AVFrame>?
    private var packet: UnsafeMutablePointer<AVPacket>?
    private var stream: UnsafeMutablePointer<AVStream>?
    private var waiting: [Float] = []
    private var samplesWritten: Int64 = 0
    private let written = Written()

    /// What the container has written and nobody has taken yet.
    private final class Written {
        var bytes: [UInt8] = []
    }

    init(_ format: SpeechFormat) throws(AudioError) {
        libav = try LibAV.load()
        recipe = Recipe(format)
        guard let encoder = libav.avcodec_find_encoder_by_name(recipe.encoder) else {
            throw AudioError(.unavailable, "FFmpeg's libraries have no encoder \(recipe.encoder).")
        }
        codec = libav.avcodec_alloc_context3(encoder)
        frame = libav.av_frame_alloc()
        packet = libav.av_packet_alloc()
        guard let codec, frame != nil, packet != nil,
            libav.avformat_alloc_output_context2(&output, nil, recipe.container, nil) >= 0, let output
        else { throw Self.failed }
        codec.pointee.sample_fmt = recipe.sampleFormat
        codec.pointee.sample_rate = Int32(SpeechFormat.sampleRate)
        codec.pointee.bit_rate = recipe.bitRate
        codec.pointee.time_base = AVRational(num: 1, den: Int32(SpeechFormat.sampleRate))
        codec.pointee.thread_count = 1
        libav.av_channel_layout_default(&codec.pointee.ch_layout, 1)
        if output.pointee.oformat.pointee.flags & AVFMT_GLOBALHEADER != 0 {
            codec.pointee.flags |= Int32(bitPattern: UInt32(AV_CODEC_FLAG_GLOBAL_HEADER))
        }
        guard libav.avcodec_open2(codec, encoder, nil) >= 0,
            let stream = libav.avformat_new_stream(output, nil),
            libav.avcodec_parameters_from_context(stream.pointee.codecpar, codec) >= 0
        else { throw Self.failed }
        stream.pointee.time_base = codec.pointee.time_base
        self.stream = stream
        output.pointee.pb = libav.writer(
            capacity: Self.capacity,
            opaque: Unmanaged.passUnretained(written).toOpaque()
        ) { opaque, bytes, count in
            guard let opaque, let bytes, count > 0 else { return 0 }
            let written = Unmanaged<Written>.fromOpaque(opaque).takeUnretainedValue()
            written.bytes.append(contentsOf: UnsafeBufferPointer(start: bytes, count: Int(count)))
            return count
        }
        guard output.pointee.pb != nil else { throw Self.failed }
        output.pointee.pb.pointee.seekable = 0
        for (name, value) in recipe.options { _ = libav.av_opt_set(output.pointee.priv_data, name, value, 0) }
        guard libav.avformat_write_header(output, nil) >= 0 else { throw Self.failed }
    }

    deinit {
        if let output, let io = output.pointee.pb {
            libav.av_free(io.pointee.buffer)
            libav.avio_context_free(&output.pointee.pb)
        }
        libav.avformat_free_context(output)
        libav.av_packet_free(&packet)
        libav.av_frame_free(&frame)
        libav.avcodec_free_context(&codec)
    }

    /// The bytes that are whole with these samples.
    func write(_ samples: [Float]) throws(AudioError) -> [UInt8] {
        guard let codec else { return [] }
        waiting += samples
        let size = codec.pointee.frame_size > 0 ? Int(codec.pointee.frame_size) : 1024
        var start = 0
        while waiting.count - start >= size {
            try send(waiting[start..<start + size])
            start += size
        }
        waiting.removeFirst(start)
        libav.avio_flush(output?.pointee.pb)
        return take()
    }

    func finish() throws(AudioError) -> [UInt8] {
        if !waiting.isEmpty {
            // Encoders with frames of a fixed length take silence behind the end.
            let size = Int(codec?.pointee.frame_size ?? 0)
            let isShortTaken = recipe.encoder == "flac" || recipe.encoder == "libopus"
            if !isShortTaken, size > waiting.count {
                waiting += [Float](repeating: 0, count: size - waiting.count)
            }
            try send(waiting[...])
            waiting = []
        }
        guard libav.avcodec_send_frame(codec, nil) >= 0 else { throw Self.failed }
        try drain()
        guard libav.av_write_trailer(output) >= 0 else { throw Self.failed }
        libav.avio_flush(output?.pointee.pb)
        return take()
    }

    /// What the codec says of the stream in the container's header; of flac, after the end, with its length and checksum.
    var parameters: [UInt8] {
        guard let codec, let bytes = codec.pointee.extradata else { return [] }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(codec.pointee.extradata_size)))
    }

    private func take() -> [UInt8] {
        defer { written.bytes = [] }
        return written.bytes
    }

    private func send(_ samples: ArraySlice<Float>) throws(AudioError) {
        guard let frame, let codec else { return }
        libav.av_frame_unref(frame)
        frame.pointee.nb_samples = Int32(samples.count)
        frame.pointee.format = recipe.sampleFormat.rawValue
        frame.pointee.sample_rate = Int32(SpeechFormat.sampleRate)
        libav.av_channel_layout_default(&frame.pointee.ch_layout, 1)
        guard libav.av_frame_get_buffer(frame, 0) >= 0, let data = frame.pointee.data.0 else { throw Self.failed }
        data.withMemoryRebound(to: Int16.self, capacity: samples.count) { words in
            guard recipe.sampleFormat == AV_SAMPLE_FMT_S16 else { return }
            for (index, sample) in samples.enumerated() { words[index] = sixteenBits(sample) }
        }
        data.withMemoryRebound(to: Float.self, capacity: samples.count) { floats in
            guard recipe.sampleFormat != AV_SAMPLE_FMT_S16 else { return }
            for (index, sample) in samples.enumerated() { floats[index] = max(-1, min(1, sample)) }
        }
        frame.pointee.pts = samplesWritten
        samplesWritten += Int64(samples.count)
        guard libav.avcodec_send_frame(codec, frame) >= 0 else { throw Self.failed }
        try drain()
    }

    private func drain() throws(AudioError) {
        guard let packet, let stream, let codec else { return }
        while libav.avcodec_receive_packet(codec, packet) >= 0 {
            packet.pointee.stream_index = stream.pointee.index
            libav.av_packet_rescale_ts(packet, codec.pointee.time_base, stream.pointee.time_base)
            let status = libav.av_write_frame(output, packet)
            libav.av_packet_unref(packet)
            guard status >= 0 else { throw Self.failed }
        }
    }

    private static let failed = AudioError(.unavailable, "The audio cannot be encoded.")
}
