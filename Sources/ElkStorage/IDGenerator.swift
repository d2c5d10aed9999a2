import Synchronization

/// Makes ids: 128 bits in 26 characters, which sort by the time they were made at.
///
/// 48 bits of milliseconds since 1970, then 80 random bits, in Crockford's base 32 (lower case). Ids of one generator are
/// strictly increasing, also within a millisecond and when the clock goes back. Time and randomness come from outside.
package final class IDGenerator: Sendable {
    private struct State: Sendable {
        var random: any RandomNumberGenerator & Sendable
        var last: UInt128 = 0

        mutating func next(at milliseconds: Int64) -> UInt128 {
            let time = UInt128(min(UInt64(clamping: milliseconds), 0xffff_ffff_ffff))
            let bits = UInt128(random.next() as UInt64) << 64 | UInt128(random.next() as UInt64)
            let fresh = time << 80 | (bits & (UInt128(1) << 80 - 1))
            // Another of the same millisecond, or a clock set back: one more than the last keeps the order.
            last = fresh > last ? fresh : last &+ 1
            return last
        }
    }

    private let state: Mutex<State>

    package init(random: sending any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()) {
        state = Mutex(State(random: random))
    }

    /// - Parameter milliseconds: now, since 1970; outside 0 ..< 2^48 it is clamped.
    package func next(at milliseconds: Int64) -> String {
        Self.text(of: state.withLock { $0.next(at: milliseconds) })
    }

    private static func text(of bits: UInt128) -> String {
        let alphabet: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
        return String(unsafeUninitializedCapacity: 26) { bytes in
            alphabet.withUTF8Buffer { alphabet in
                for index in 0..<26 {
                    bytes[index] = alphabet[Int(truncatingIfNeeded: bits >> UInt128(125 - 5 * index)) & 31]
                }
            }
            return 26
        }
    }
}
