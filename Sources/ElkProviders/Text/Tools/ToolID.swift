/// Names and ids of tools and calls that every upstream takes.
enum ToolID {
    /// OpenAI's limit; the others' are higher.
    private static let mostIDBytes = 40
    private static let mostNameBytes = 64

    /// `id` where it fits, else one that follows from it.
    static func fit(_ id: String) -> String {
        isPlain(id, atMost: mostIDBytes) ? id : "call_" + digest(id, seed: 0) + digest(id, seed: 1)
    }

    /// `name` where it fits, else as much of it as does, and a mark of the whole.
    static func fit(name: String) -> String {
        guard !isPlain(name, atMost: mostNameBytes) else { return name }
        var fitted = ""
        for byte in name.utf8.prefix(mostNameBytes - 17) {
            fitted.unicodeScalars.append(isPlain(byte) ? UnicodeScalar(byte) : "_")
        }
        return fitted + "_" + digest(name, seed: 0)
    }

    private static func isPlain(_ text: String, atMost count: Int) -> Bool {
        (1...count).contains(text.utf8.count) && text.utf8.allSatisfy { isPlain($0) }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// FNV-1a, 16 hexadecimal digits.
    ///
    /// Names of one client need to differ from each other, no more.
    private static func digest(_ text: String, seed: UInt8) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in [seed] + text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
