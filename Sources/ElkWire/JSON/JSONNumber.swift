package import NIOCore

/// Reads the text of numbers that have been validated.
enum JSONNumber {
    /// Nil when it is out of a double's range.
    static func double(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Double? {
        if let value = shortDouble(base, start, end) { return value }
        let text = UnsafeRawBufferPointer(start: base + start, count: end - start)
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// The value of a number whose digits and power of ten a double holds exactly, so that one operation rounds right.
    private static func shortDouble(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Double? {
        // So few digits that they cannot overflow, whatever they are.
        guard end - start <= 19 else { return nil }
        var at = start
        let isNegative = base.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: "-")
        if isNegative { at += 1 }
        var digits: UInt64 = 0
        var decimals = 0
        var isFraction = false
        var exponent = 0
        while at < end {
            let byte = base.load(fromByteOffset: at, as: UInt8.self)
            at += 1
            let digit = byte &- UInt8(ascii: "0")
            if digit < 10 {
                digits = digits &* 10 &+ UInt64(digit)
                if isFraction { decimals += 1 }
            } else if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                guard let read = shortExponent(base, at, end) else { return nil }
                exponent = read
                break
            }
        }
        let power = exponent - decimals
        guard digits <= 1 << 53, power.magnitude <= 22 else { return nil }
        let scale = powersOfTen[Int(power.magnitude)]
        let value = power < 0 ? Double(digits) / scale : Double(digits) * scale
        return isNegative ? -value : value
    }

    /// What follows the `e`; nil when it has more than three digits.
    private static func shortExponent(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int? {
        var at = start
        let sign = base.load(fromByteOffset: at, as: UInt8.self)
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { at += 1 }
        guard end - at <= 3 else { return nil }
        var exponent = 0
        while at < end {
            exponent = exponent * 10 + Int(base.load(fromByteOffset: at, as: UInt8.self) &- UInt8(ascii: "0"))
            at += 1
        }
        return sign == UInt8(ascii: "-") ? -exponent : exponent
    }

    /// All that a double holds exactly.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]
}

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
