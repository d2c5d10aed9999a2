/// Looks at eight bytes at once (SWAR): each mask has the top bit set in the bytes that were found.
///
/// A mask is exact up to its lowest set bit; bytes above it may be marked wrongly, because a borrow runs upwards.
enum ByteWords {
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let tops: UInt64 = 0x8080_8080_8080_8080

    @inline(__always)
    static func load(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Bytes that end a plain run inside a JSON string: quote, backslash, control characters, and all above ASCII.
    @inline(__always)
    static func special(_ word: UInt64) -> UInt64 {
        let quote = (word ^ (ones &* 0x22)) &- ones
        let backslash = (word ^ (ones &* 0x5C)) &- ones
        let control = word &- (ones &* 0x20)
        return (quote | backslash | control | word) & tops
    }

    /// Bytes that a JSON string must escape: quote, backslash and control characters.
    @inline(__always)
    static func escaped(_ word: UInt64) -> UInt64 {
        let quote = (word ^ (ones &* 0x22)) &- ones
        let backslash = (word ^ (ones &* 0x5C)) &- ones
        let control = word &- (ones &* 0x20)
        return (quote | backslash | control) & ~word & tops
    }

    /// Bytes equal to either of two.
    @inline(__always)
    static func either(_ word: UInt64, _ first: UInt64, _ second: UInt64) -> UInt64 {
        let one = word ^ (ones &* first)
        let two = word ^ (ones &* second)
        return (((one &- ones) & ~one) | ((two &- ones) & ~two)) & tops
    }

    /// How many bytes lie below the lowest marked one.
    @inline(__always)
    static func index(_ mask: UInt64) -> Int {
        mask.trailingZeroBitCount >> 3
    }
}
