/// The containers and codecs that are read.
///
/// Everything else the libraries know stays shut: playlists, manifests, concatenation scripts, devices, image sequences
/// and subtitles open other files or are no audio, and rare game formats are only attack surface.
enum AllowedFormats {
    /// Demuxers by libavformat's names; a demuxer with several names matches by any of them.
    static let demuxers: Set<String> = [
        "aac", "ac3", "aiff", "amr", "asf", "au", "caf", "eac3", "flac", "flv", "matroska", "mov", "mp3", "mpeg",
        "mpegts", "nistsphere", "ogg", "w64", "wav", "webm", "wv",
    ]

    /// Decoders by libavcodec's names: audio only, so that no picture of a file is ever decoded.
    static let decoders: Set<String> = [
        "aac", "aac_latm", "ac3", "adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "adpcm_swf", "adpcm_yamaha", "alac",
        "amrnb", "amrwb", "dca", "eac3", "flac", "g722", "g723_1", "g726", "g726le", "g729", "gsm", "gsm_ms", "ilbc",
        "mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float", "nellymoser", "opus", "pcm_alaw", "pcm_bluray",
        "pcm_dvd", "pcm_f32be", "pcm_f32le", "pcm_f64be", "pcm_f64le", "pcm_mulaw", "pcm_s16be", "pcm_s16le",
        "pcm_s24be", "pcm_s24le", "pcm_s32be", "pcm_s32le", "pcm_s8", "pcm_u16be", "pcm_u16le", "pcm_u24be",
        "pcm_u24le", "pcm_u32be", "pcm_u32le", "pcm_u8", "shorten", "speex", "truespeech", "vorbis", "wavpack",
        "wmalossless", "wmapro", "wmav1", "wmav2", "wmavoice",
    ]

    static let demuxerList = demuxers.sorted().joined(separator: ",")
    static let decoderList = decoders.sorted().joined(separator: ",")

    /// - Parameter names: the name field of a demuxer, such as `mov,mp4,m4a,3gp,3g2,mj2`.
    static func allowsDemuxer(_ names: String) -> Bool {
        names.split(separator: ",").contains { demuxers.contains(String($0)) }
    }
}
