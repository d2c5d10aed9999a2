/// Looks through lines of a stream of events for the next thing that is to be kept.
struct SSELines {
    /// Bytes at the start that hold no line end.
    let searched: Int
    /// The line before ended in CR: an LF that follows belongs to it.
    let skipsLineFeed: Bool
    let lastType: String
    let limit: Int

    enum What {
        /// The last bytes are no whole line; so many of them have been searched.
        case nothing(searched: Int)
        /// An empty line comes right after it, or is not there yet.
        case data(endsEvent: Bool)
        /// Another type than the last one.
        case type
        case id
        /// An empty line.
        case end
        case tooLong
    }

    struct Found {
        var what: What
        /// Of the field.
        var value: Range<Int>?
        var consumed: Int
        var skipsLineFeed: Bool
        /// The last type was named once more on the way.
        var repeatsType: Bool
    }

    func scan(_ bytes: UnsafeRawBufferPointer) -> Found {
        var found = Found(what: .end, consumed: 0, skipsLineFeed: skipsLineFeed, repeatsType: false)
        guard let base = bytes.baseAddress else {
            found.what = .nothing(searched: 0)
            return found
        }
        var searched = searched
        while true {
            if found.skipsLineFeed, found.consumed < bytes.count {
                if bytes[found.consumed] == 0x0A {
                    found.consumed += 1
                    searched = 0
                }
                found.skipsLineFeed = false
            }
            let start = found.consumed
            let end = Self.lineEnd(base, from: start + searched, to: bytes.count)
            searched = 0
            guard end - start <= limit else {
                found.what = .tooLong
                return found
            }
            guard end < bytes.count else {
                found.what = .nothing(searched: end - start)
                return found
            }
            found.consumed = end + 1
            found.skipsLineFeed = bytes[end] == 0x0D
            if start == end { return found }
            if let what = field(bytes, start..<end, &found) {
                found.what = what
                return found
            }
            found.value = nil
        }
    }

    /// Offset of the first CR or LF; `end` when there is none.
    private static func lineEnd(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> Int {
        var at = start
        while at + 8 <= end {
            let found = ByteWords.either(ByteWords.load(base, at), 0x0A, 0x0D)
            if found != 0 { return at + ByteWords.index(found) }
            at += 8
        }
        while at < end {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            if byte == 0x0A || byte == 0x0D { return at }
            at += 1
        }
        return at
    }

    /// What a line says; nil when it is a comment or a field of no interest.
    private func field(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, _ found: inout Found) -> What? {
        // No known field is longer, and an unknown one may be as long as the line.
        let limit = min(line.upperBound, line.lowerBound + 6)
        var colon = line.lowerBound
        while colon < limit, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        guard colon < limit || colon == line.upperBound else { return nil }
        var start = min(colon + 1, line.upperBound)
        if start < line.upperBound, bytes[start] == UInt8(ascii: " ") { start += 1 }
        let value = start..<line.upperBound
        found.value = value

        switch colon - line.lowerBound {
        case 4 where Self.matches(bytes, line.lowerBound, "data"):
            return .data(endsEvent: Self.endsEvent(bytes, &found))
        case 5 where Self.matches(bytes, line.lowerBound, "event"):
            guard UnsafeRawBufferPointer(rebasing: bytes[value]).elementsEqual(lastType.utf8) else { return .type }
            found.repeatsType = true
            return nil
        case 2 where Self.matches(bytes, line.lowerBound, "id"):
            return bytes[value].contains(0) ? nil : .id
        default: return nil
        }
    }

    /// Takes the empty line when it comes right after.
    private static func endsEvent(_ bytes: UnsafeRawBufferPointer, _ found: inout Found) -> Bool {
        var at = found.consumed
        if found.skipsLineFeed, at < bytes.count, bytes[at] == 0x0A { at += 1 }
        guard at < bytes.count, bytes[at] == 0x0A || bytes[at] == 0x0D else { return false }
        found.skipsLineFeed = bytes[at] == 0x0D
        found.consumed = at + 1
        return true
    }

    private static func matches(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ name: StaticString) -> Bool {
        for offset in 0..<name.utf8CodeUnitCount where bytes[start + offset] != name.utf8Start[offset] { return false }
        return true
    }
}
