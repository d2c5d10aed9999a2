/// A checksum of 64 bits, for telling apart and not for safety: Fowler, Noll and Vo's 1a, a byte or a word at a time.
struct FNV1a {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x100_0000_01B3
    }
}
