import Glibc
import Synchronization

/// Names one request in answers and logs: `req_` and 32 hexadecimal digits, or what the client chose.
package struct RequestID: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    private static let count = Atomic<UInt16>(0)

    /// 48 bits of Unix time in milliseconds, 16 that count and 64 of chance: ids grow with time, so that rows named by them are
    /// written side by side.
    package init() {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let milliseconds = UInt64(max(0, now.tv_sec)) &* 1000 &+ UInt64(max(0, now.tv_nsec)) / 1_000_000
        let count = UInt64(Self.count.wrappingAdd(1, ordering: .relaxed).newValue)
        self.init(digits: (milliseconds << 16 | count, .random(in: .min ... .max)))
    }

    package init(using generator: inout some RandomNumberGenerator) {
        self.init(digits: (generator.next(), generator.next()))
    }

    private init(digits: (UInt64, UInt64)) {
        description = String(unsafeUninitializedCapacity: 36) { target in
            var end = target.update(fromContentsOf: "req_".utf8)
            for number in [digits.0, digits.1] {
                for shift in stride(from: 60, through: 0, by: -4) {
                    let digit = UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 0xF
                    target[end] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                    end += 1
                }
            }
            return end
        }
    }

    /// Takes a client's own id, as long as it is safe in a header, a log line and a path: `[A-Za-z0-9_-]{1,64}`.
    package init?(client text: String) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        description = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
