import ElkAudio
import Foundation
import Testing

struct RefusedInputTests {
    static let scripts: [(name: String, text: String)] = [
        ("HLS", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nTARGET\n#EXT-X-ENDLIST\n"),
        ("plain playlist", "#EXTM3U\nTARGET\n"),
        ("concat", "ffconcat version 1.0\nfile 'TARGET'\n"),
        ("SDP", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"),
        (
            "DASH",
            "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"><BaseURL>TARGET</BaseURL></MPD>"
        ),
        ("smooth streaming", "<?xml version=\"1.0\"?>\n<SmoothStreamingMedia MajorVersion=\"2\" />"),
        ("ASX", "<asx version=\"3.0\"><entry><ref href=\"TARGET\"/></entry></asx>"),
        ("metadata", ";FFMETADATA1\ntitle=x\n"),
        ("subtitles", "1\n00:00:00,000 --> 00:00:01,000\nhello\n\n"),
        ("web page", "<!doctype html><html><audio src=\"TARGET\"></audio></html>"),
        ("text", "The quick brown fox jumps over the lazy dog.\n"),
    ]

    @Test(arguments: scripts.map(\.name))
    func `a script that names another file is refused`(name: String) throws {
        let target = SeedFiles.path("pcm.wav")
        let script = try #require(Self.scripts.first { $0.name == name })
        let text = script.text.replacing("TARGET", with: target)
        #expect(errorCode(of: .bytes(Array(text.utf8))) == .unsupported)
        let path = FileManager.default.temporaryDirectory.appending(path: "elk-\(UUID().uuidString).wav")
        defer { try? FileManager.default.removeItem(at: path) }
        try Data(text.utf8).write(to: path)
        #expect(errorCode(of: .file(path: path.path)) == .unsupported)
    }

    @Test func `a path that is a protocol opens nothing`() {
        for path in ["http://127.0.0.1:9/x.wav", "concat:a|b", "file:/etc/passwd", "pipe:0", "data:audio/wav,x"] {
            #expect(errorCode(of: .file(path: path)) == .unreadable)
        }
    }

    @Test func `folders and devices are refused at once`() {
        for path in ["/", "/dev/zero", "/dev/null", ""] {
            #expect(errorCode(of: .file(path: path)) == .unreadable)
        }
    }

    @Test func `a named pipe without a writer does not block`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "elk-\(UUID().uuidString).pipe").path
        defer { unlink(path) }
        try #require(mkfifo(path, 0o600) == 0)
        #expect(errorCode(of: .file(path: path)) == .unreadable)
    }

    @Test func `a picture is no audio`() {
        let png: [UInt8] =
            [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + Array("IHDR".utf8)
            + [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xDE]
        #expect(errorCode(of: .bytes(png)) == .unsupported)
    }
}
