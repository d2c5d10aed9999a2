import CLibAV

/// The decoder of one audio track, single-threaded.
final class TrackDecoder {
    private let libav: LibAV
    private var context: UnsafeMutablePointer<AVCodecContext>?
    private var frame: UnsafeMutablePointer<AVFrame>?

    /// The decoder for a track when it is one of `AllowedFormats.decoders`.
    static func decoder(for stream: UnsafeMutablePointer<AVStream>, libav: LibAV) -> UnsafePointer<AVCodec>? {
        guard
            let decoder = libav.avcodec_find_decoder(stream.pointee.codecpar.pointee.codec_id),
            AllowedFormats.decoders.contains(String(cString: decoder.pointee.name))
        else { return nil }
        return decoder
    }

    init(stream: UnsafeMutablePointer<AVStream>, libav: LibAV) throws(AudioError) {
        self.libav = libav
        let parameters = stream.pointee.codecpar
        guard let decoder = Self.decoder(for: stream, libav: libav) else {
            throw AudioError(.unsupported, "The audio codec is not supported.")
        }
        frame = libav.av_frame_alloc()
        context = libav.avcodec_alloc_context3(decoder)
        guard let context, frame != nil, libav.avcodec_parameters_to_context(context, parameters) >= 0 else {
            throw AudioError(.damaged, "The parameters of the audio track are damaged.")
        }
        // The decoder trims encoder delay by time stamps.
        context.pointee.pkt_timebase = stream.pointee.time_base
        context.pointee.thread_count = 1
        guard libav.avcodec_open2(context, decoder, nil) >= 0 else {
            throw AudioError(.damaged, "The parameters of the audio track are damaged.")
        }
    }

    deinit {
        libav.av_frame_free(&frame)
        libav.avcodec_free_context(&context)
    }

    /// Decodes one packet, or what is left when there is none, and hands each frame on; frames are valid inside `body`.
    ///
    /// - Returns: false when the packet was damaged; the frames before the damage were handed on.
    func decode(
        _ packet: UnsafeMutablePointer<AVPacket>?,
        _ body: (UnsafeMutablePointer<AVFrame>) throws(AudioError) -> Void
    ) throws(AudioError) -> Bool {
        guard let context, let frame else { return false }
        let sent = libav.avcodec_send_packet(context, packet)
        while true {
            let status = libav.avcodec_receive_frame(context, frame)
            if status < 0 {
                let isDrained = status == elk_error_again || status == elk_error_end_of_file
                return sent >= 0 && isDrained
            }
            defer { libav.av_frame_unref(frame) }
            try body(frame)
        }
    }
}
