import CLibAV

/// Names the container of an input from its first bytes.
struct FormatSniffer {
    struct Match {
        let format: UnsafePointer<AVInputFormat>
        /// libavformat's name, one of its aliases first: `wav`, `mov,mp4,m4a,3gp,3g2,mj2`.
        let name: String
        /// The signs are weak (a few frame headers that random bytes may hold too), so that the decoder has to prove
        /// that most of the file is audio.
        let isWeak: Bool
    }

    private static let smallest = 2 << 10
    private static let largest = 1 << 20
    /// What libavformat calls AVPROBE_SCORE_RETRY: at or below it, more bytes should be looked at.
    private static let weakScore: Int32 = 25
    private static let maxTags = 8

    let input: MediaInput

    /// - Throws: `AudioError` `unsupported` when the bytes are in none of `AllowedFormats`.
    func sniff() throws(AudioError) -> Match {
        let start = endOfLeadingTags()
        let padding = Int(AVPROBE_PADDING_SIZE)
        let available = Int(min(max(input.size - start, 0), Int64(Self.largest)))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: available + padding, alignment: 16)
        defer { buffer.deallocate() }
        buffer.initializeMemory(as: UInt8.self, repeating: 0)

        var filled = 0
        var length = min(Self.smallest, available)
        while true {
            let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<length])
            let count = input.copyBytes(at: start + Int64(filled), into: wanted)
            filled += count
            let isLast = count < wanted.count || length == available
            let (match, score) = probe(buffer, count: filled)
            if let match, score > Self.weakScore || isLast {
                if !AllowedFormats.allowsDemuxer(match.name) { break }
                return match
            }
            if isLast { break }
            length = min(length * 2, available)
        }
        throw AudioError(.unsupported, "The file is not in an audio format that can be read.")
    }

    private func probe(_ buffer: UnsafeMutableRawBufferPointer, count: Int) -> (Match?, score: Int32) {
        var score: Int32 = 0
        let found = "".withCString { name in
            var data = AVProbeData()
            data.filename = name
            data.buf = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
            data.buf_size = Int32(count)
            return input.libav.av_probe_input_format3(&data, 1, &score)
        }
        guard let found, let name = found.pointee.name else { return (nil, 0) }
        return (Match(format: found, name: String(cString: name), isWeak: score <= Self.weakScore), score)
    }

    /// Where the content starts behind ID3v2 tags (id3.org, ID3v2.4 section 3.1), which carry cover pictures larger
    /// than anything that is probed.
    private func endOfLeadingTags() -> Int64 {
        var offset: Int64 = 0
        for _ in 0..<Self.maxTags {
            var header = [UInt8](repeating: 0, count: 10)
            let count = header.withUnsafeMutableBytes { input.copyBytes(at: offset, into: $0) }
            guard count == 10, header.starts(with: [0x49, 0x44, 0x33]), header[6...].allSatisfy({ $0 < 0x80 }) else {
                break
            }
            let length = header[6...].reduce(Int64(0)) { $0 << 7 | Int64($1) }
            let footer: Int64 = header[5] & 0x10 == 0 ? 0 : 10
            let end = offset + 10 + length + footer
            if end >= input.size { break }
            offset = end
        }
        return offset
    }
}
