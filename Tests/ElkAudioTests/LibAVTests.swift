import CLibAV
import Glibc
import Testing

@testable import ElkAudio

struct LibAVTests {
    @Test func `preparing twice is as good as once`() throws {
        try AudioDecoder.prepare()
        try AudioDecoder.prepare()
    }

    @Test func `every name on the list of codecs is one of libavcodec's decoders`() throws {
        typealias Find = @convention(c) (UnsafePointer<CChar>) -> UnsafePointer<AVCodec>?
        let library = try #require(dlopen("libavcodec.so.\(LIBAVCODEC_VERSION_MAJOR)", RTLD_NOW))
        let find = unsafeBitCast(try #require(dlsym(library, "avcodec_find_decoder_by_name")), to: Find.self)
        for name in AllowedFormats.decoders {
            #expect(find(name)?.pointee.type == AVMEDIA_TYPE_AUDIO, "\(name)")
        }
    }

    @Test func `missing libraries are named with what to install, and without a path`() {
        let error = #expect(throws: AudioError.self) { try LibAV(folder: "/nowhere") }
        #expect(error?.code == .unavailable)
        let description = error?.description ?? ""
        #expect(description.contains("libavutil.so."))
        #expect(description.contains("install the packages libavformat"))
        #expect(!description.contains("nowhere"))
    }
}
