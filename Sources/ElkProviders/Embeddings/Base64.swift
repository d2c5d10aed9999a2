import NIOCore

/// Base64 of RFC 4648, section 4, for vectors: the standard alphabet, with padding.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    static func encode(_ bytes: [UInt8], into out: inout ByteBuffer) {
        out.reserveCapacity(minimumWritableBytes: (bytes.count + 2) / 3 * 4)
        var position = 0
        while position < bytes.count {
            let count = min(3, bytes.count - position)
            let group =
                UInt32(bytes[position]) << 16 | (count > 1 ? UInt32(bytes[position + 1]) << 8 : 0)
                | (count > 2 ? UInt32(bytes[position + 2]) : 0)
            for place in 0..<4 {
                let letter = alphabet[Int(group >> UInt32(18 - 6 * place)) & 63]
                out.writeInteger(place <= count ? letter : UInt8(ascii: "="))
            }
            position += 3
        }
    }

    /// nil for anything but whole groups of the alphabet.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var count = 0
        var padding = 0
        for letter in text {
            if letter == UInt8(ascii: "=") {
                padding += 1
                group <<= 6
            } else {
                let value = values[Int(letter)]
                guard value != 0xFF, padding == 0 else { return nil }
                group = group << 6 | UInt32(value)
            }
            count += 1
            guard count % 4 == 0 else { continue }
            guard padding <= 2 else { return nil }
            for place in 0..<(3 - padding) { bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * place))) }
            group = 0
        }
        return bytes
    }
}
