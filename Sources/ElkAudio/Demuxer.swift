import CLibAV

/// An opened container and the one audio track of it that is read.
final class Demuxer {
    enum Event {
        /// A packet of the chosen track is in `packet`.
        case packet
        /// Damaged bytes were passed over.
        case gap
        case end
    }

    /// libavformat's first name of the container, such as `wav` or `mov`.
    let container: String
    let isWeakMatch: Bool
    let libav: LibAV
    let packet: UnsafeMutablePointer<AVPacket>
    private(set) var stream: UnsafeMutablePointer<AVStream>
    private var context: UnsafeMutablePointer<AVFormatContext>?
    private let input: MediaInput
    private let watch: Watch

    /// Finds the format, opens it and chooses the track: the first default one, else the first, of those that can be
    /// decoded.
    ///
    /// Other tracks and pictures are discarded.
    init(input: MediaInput, limits: AudioLimits, watch: Watch) throws(AudioError) {
        libav = input.libav
        let match = try FormatSniffer(input: input).sniff()
        let context = try Self.open(match, input: input, limits: limits, watch: watch)
        do throws(AudioError) {
            stream = try Self.chooseTrack(of: context, libav: libav, watch: watch)
            guard let packet = libav.av_packet_alloc() else {
                throw AudioError(.unreadable, "There is not enough memory to read the file.")
            }
            self.packet = packet
        } catch {
            var opened: UnsafeMutablePointer<AVFormatContext>? = context
            libav.avformat_close_input(&opened)
            throw error
        }
        container = match.name.split(separator: ",").first.map(String.init) ?? match.name
        isWeakMatch = match.isWeak
        self.context = context
        self.input = input
        self.watch = watch
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        libav.av_packet_free(&packet)
        libav.avformat_close_input(&context)
    }

    /// Seconds the header promises, nil when it says nothing and the library could only guess from bit rate or the last
    /// time stamps.
    var headerDuration: Double? {
        guard let context = context?.pointee, context.duration_estimation_method == AVFMT_DURATION_FROM_STREAM else {
            return nil
        }
        let base = stream.pointee.time_base
        if stream.pointee.duration > 0, base.num > 0, base.den > 0 {
            return Double(stream.pointee.duration) * Double(base.num) / Double(base.den)
        }
        return context.duration > 0 ? Double(context.duration) / Double(AV_TIME_BASE) : nil
    }

    /// Reads on to the next packet of the track.
    ///
    /// The packet before it becomes invalid.
    func next() throws(AudioError) -> Event {
        while true {
            try watch.check()
            libav.av_packet_unref(packet)
            let status = libav.av_read_frame(context, packet)
            if status >= 0 {
                if packet.pointee.stream_index == stream.pointee.index { return .packet }
                continue
            }
            try watch.check()
            return status == elk_error_invalid_data || status == elk_error_again ? .gap : .end
        }
    }

    private static func open(
        _ match: FormatSniffer.Match,
        input: MediaInput,
        limits: AudioLimits,
        watch: Watch
    ) throws(AudioError) -> UnsafeMutablePointer<AVFormatContext> {
        let libav = input.libav
        let io = try input.context()
        guard let allocated = libav.avformat_alloc_context() else {
            throw AudioError(.unreadable, "There is not enough memory to read the file.")
        }
        allocated.pointee.pb = io
        allocated.pointee.io_open = { _, _, _, _, _ in elk_error_not_permitted }
        allocated.pointee.interrupt_callback.opaque = Unmanaged.passUnretained(watch).toOpaque()
        allocated.pointee.interrupt_callback.callback = { opaque in
            guard let opaque else { return 0 }
            return Unmanaged<Watch>.fromOpaque(opaque).takeUnretainedValue().hasTripped() ? 1 : 0
        }
        allocated.pointee.probesize = Int64(limits.maxHeaderBytes)
        let hasIndexPerStream = match.name.hasPrefix("mov,")
        let streams = hasIndexPerStream ? min(limits.maxStreams, AudioLimits.maxIndexedStreams) : limits.maxStreams
        allocated.pointee.max_streams = Int32(clamping: streams)
        // Samples of a WAV may be DTS in disguise, for which libavformat looks through all of a file again and again. Eight packets
        // (32 KiB) hold the four frames it goes by, and what is in no such container is not asked.
        if match.name == "wav" || match.name == "w64" { _ = libav.av_opt_set(allocated, "max_probe_packets", "8", 0) }
        _ = libav.av_opt_set(allocated, "protocol_whitelist", "none", 0)
        _ = libav.av_opt_set(allocated, "format_whitelist", AllowedFormats.demuxerList, 0)
        _ = libav.av_opt_set(allocated, "codec_whitelist", AllowedFormats.decoderList, 0)

        var options: OpaquePointer?
        defer { libav.av_dict_free(&options) }
        // Off by default; said again because they would name other files.
        _ = libav.av_dict_set(&options, "enable_drefs", "0", 0)
        _ = libav.av_dict_set(&options, "use_absolute_path", "0", 0)

        var context: UnsafeMutablePointer<AVFormatContext>? = allocated
        let status = libav.avformat_open_input(&context, "", match.format, &options)
        guard status >= 0, let opened = context else {
            try watch.check()
            throw AudioError(.damaged, "The header of the audio file is damaged or incomplete.")
        }
        return opened
    }

    private static func chooseTrack(
        of context: UnsafeMutablePointer<AVFormatContext>,
        libav: LibAV,
        watch: Watch
    ) throws(AudioError) -> UnsafeMutablePointer<AVStream> {
        discardOtherMedia(in: context)
        let status = libav.avformat_find_stream_info(context, nil)
        try watch.check()
        discardOtherMedia(in: context)
        let tracks = streams(of: context).filter { $0.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO }
        guard let first = tracks.first else {
            if status < 0 { throw AudioError(.damaged, "The audio file is damaged or incomplete.") }
            throw AudioError(.noAudio, "The file has no audio track.")
        }
        let readable = tracks.filter { TrackDecoder.decoder(for: $0, libav: libav) != nil }
        let chosen = readable.first { $0.pointee.disposition & AV_DISPOSITION_DEFAULT != 0 } ?? readable.first
        guard let chosen else {
            let name = libav.codecName(first.pointee.codecpar.pointee.codec_id)
            throw AudioError(.unsupported, "The audio codec \(name) is not supported.")
        }
        for other in tracks where other != chosen { other.pointee.discard = AVDISCARD_ALL }
        return chosen
    }

    private static func discardOtherMedia(in context: UnsafeMutablePointer<AVFormatContext>) {
        for stream in streams(of: context) where stream.pointee.codecpar.pointee.codec_type != AVMEDIA_TYPE_AUDIO {
            // A track that is not known yet may still turn out to be audio.
            if stream.pointee.codecpar.pointee.codec_type != AVMEDIA_TYPE_UNKNOWN {
                stream.pointee.discard = AVDISCARD_ALL
            }
        }
    }

    private static func streams(
        of context: UnsafeMutablePointer<AVFormatContext>
    ) -> [UnsafeMutablePointer<AVStream>] {
        UnsafeBufferPointer(start: context.pointee.streams, count: Int(context.pointee.nb_streams)).compactMap { $0 }
    }
}
