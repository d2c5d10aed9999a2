package import NIOCore

extension ByteBuffer {
    /// Writes a number in decimal digits.
    package mutating func writeDecimal(_ number: Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number.magnitude
            var at = digits.count
            repeat {
                at -= 1
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                digits[at] = UInt8(ascii: "0") + UInt8(digit)
                rest = quotient
            } while rest > 0
            if number < 0 {
                at -= 1
                digits[at] = UInt8(ascii: "-")
            }
            _ = writeBytes(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: digits[at...])))
        }
    }

    /// Writes the shortest text that reads as the same number; `null` for infinities and NaN, which JSON cannot say.
    package mutating func writeJSONNumber(_ number: Double) {
        guard number.isFinite else {
            writeStaticString("null")
            return
        }
        if let whole = Int(exactly: number), whole.magnitude <= 1 << 53, number.sign == .plus || whole != 0 {
            writeDecimal(whole)
            return
        }
        writeString(number.description)
    }

    package mutating func writeJSONNumber(_ number: Float) {
        guard number.isFinite else {
            writeStaticString("null")
            return
        }
        writeString(number.description)
    }
}
