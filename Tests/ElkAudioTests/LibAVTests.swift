import Testing

@testable import ElkAudio

struct LibAVTests {
    @Test func `preparing twice is as good as once`() throws {
        try AudioDecoder.prepare()
        try AudioDecoder.prepare()
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
