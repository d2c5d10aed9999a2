/// Looks for the boundary lines of a multipart body (Horspool's search, which skips most bytes).
struct DelimiterSearch: Sendable {
    enum Line: Hashable {
        case none
        /// What may be a boundary line has begun; more bytes will tell.
        case incomplete
        /// A boundary line of `length` bytes, counted from its leading line feed.
        case complete(length: Int, last: Bool)
    }

    /// White space after a boundary is legal; more than this of it is data.
    private static let maxPadding = 64

    /// Line feed, two dashes, the boundary.
    let delimiter: [UInt8]
    private let skips: [Int]

    init(_ delimiter: [UInt8]) {
        self.delimiter = delimiter
        var skips = [Int](repeating: delimiter.count, count: 256)
        for (index, byte) in delimiter.dropLast().enumerated() {
            skips[Int(byte)] = delimiter.count - 1 - index
        }
        self.skips = skips
    }

    /// The first boundary line in `bytes`, with the offset of its line feed.
    ///
    /// Without one, the offset is the number of bytes that no boundary line, nor the carriage return before one, can
    /// begin in.
    func first(in bytes: UnsafeRawBufferPointer) -> (offset: Int, line: Line) {
        let count = delimiter.count
        var offset = 0
        while offset + count <= bytes.count {
            let last = bytes[offset + count - 1]
            if last == delimiter[count - 1], matches(bytes, at: offset, count: count - 1) {
                let line = readLine(in: bytes, after: offset + count)
                switch line {
                case .none: break
                case .incomplete: return (offset, .incomplete)
                case .complete(let length, let last): return (offset, .complete(length: count + length, last: last))
                }
            }
            offset += skips[Int(last)]
        }
        // A delimiter may begin in the last bytes: keep them, and a carriage return before it.
        var safe = max(0, bytes.count - count + 1)
        while safe < bytes.count, !matches(bytes, at: safe, count: bytes.count - safe) { safe += 1 }
        if safe > 0, bytes[safe - 1] == UInt8(ascii: "\r") { safe -= 1 }
        return (safe, .none)
    }

    private func matches(_ bytes: UnsafeRawBufferPointer, at offset: Int, count: Int) -> Bool {
        for index in 0..<count where bytes[offset + index] != delimiter[index] { return false }
        return true
    }

    /// What follows the boundary: dashes, or the end of the line.
    ///
    /// Length counts from `start`; `.none` when it is data after all.
    private func readLine(in bytes: UnsafeRawBufferPointer, after start: Int) -> Line {
        guard start < bytes.count else { return .incomplete }
        if bytes[start] == UInt8(ascii: "-") {
            guard start + 1 < bytes.count else { return .incomplete }
            return bytes[start + 1] == UInt8(ascii: "-") ? .complete(length: 2, last: true) : .none
        }
        var index = start
        while index < bytes.count, bytes[index] == UInt8(ascii: " ") || bytes[index] == UInt8(ascii: "\t") {
            index += 1
            guard index - start <= Self.maxPadding else { return .none }
        }
        guard index < bytes.count else { return .incomplete }
        if bytes[index] == UInt8(ascii: "\r") {
            index += 1
            guard index < bytes.count else { return .incomplete }
        }
        return bytes[index] == UInt8(ascii: "\n") ? .complete(length: index - start + 1, last: false) : .none
    }
}
