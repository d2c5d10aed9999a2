import CLibAV

/// FFmpeg's libraries: the functions under their own names, such as `libav.av_read_frame(context, packet)`.
///
/// Who holds one has the libraries loaded; nothing else calls them.
@dynamicMemberLookup
struct LibAV: @unchecked Sendable {
    /// Written before anyone else sees it, never changed and never freed.
    private let table: UnsafePointer<elk_libav>

    private static let installed = Result { () throws(AudioError) in try LibAV(folder: nil) }

    /// The libraries of this machine, loaded by the first call.
    ///
    /// - Throws: `AudioError` `unavailable`, the same every time.
    static func load() throws(AudioError) -> LibAV { try installed.get() }

    /// - Parameter folder: where the four libraries are; nil is where the system looks for libraries.
    /// - Throws: `AudioError` `unavailable`.
    init(folder: String?) throws(AudioError) {
        let table = UnsafeMutablePointer<elk_libav>.allocate(capacity: 1)
        var reason = [CChar](repeating: 0, count: 256)
        guard elk_libav_load(folder, table, &reason, reason.count) else {
            table.deallocate()
            throw Self.unavailable(reason.withUnsafeBufferPointer { $0.baseAddress.map(String.init(cString:)) } ?? "")
        }
        self.table = UnsafePointer(table)
        self.av_log_set_level(AV_LOG_QUIET)
        self.av_max_alloc(AudioLimits.maxAllocation)
    }

    subscript<Function>(dynamicMember function: KeyPath<elk_libav, Function>) -> Function {
        table.pointee[keyPath: function]
    }

    /// libavcodec's name of the codec, `unknown_codec` when it has none.
    func codecName(_ codec: AVCodecID) -> String { self.avcodec_get_name(codec).map(String.init(cString:)) ?? "" }

    /// Resamples a frame into one interleaved buffer; without a frame, what the resampler still holds.
    ///
    /// - Returns: how many samples (of each channel) were written, negative for an error.
    func convert(
        _ resampler: OpaquePointer?,
        into output: UnsafeMutablePointer<UInt8>?,
        capacity: Int32,
        frame: UnsafeMutablePointer<AVFrame>?
    ) -> Int32 {
        elk_swr_convert(table, resampler, output, capacity, frame)
    }

    /// An I/O context that hands what is written to `write`; its buffer is freed before it.
    func writer(
        capacity: Int32,
        opaque: UnsafeMutableRawPointer,
        write: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, Int32) -> Int32
    ) -> UnsafeMutablePointer<AVIOContext>? {
        elk_avio_writer(table, capacity, opaque, write)
    }
}

extension LibAV {
    private static func unavailable(_ reason: String) -> AudioError {
        AudioError(
            .unavailable,
            "FFmpeg's libraries cannot be loaded (\(reason)); on Debian and Ubuntu, install the packages "
                + "libavformat\(LIBAVFORMAT_VERSION_MAJOR), libavcodec\(LIBAVCODEC_VERSION_MAJOR), "
                + "libswresample\(LIBSWRESAMPLE_VERSION_MAJOR) and libavutil\(LIBAVUTIL_VERSION_MAJOR)."
        )
    }
}
