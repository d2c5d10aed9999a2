/// An amount of money: whole nano-dollars (1e-9 USD) in 64 bits, up to about ±9.2 billion dollars.
///
/// Arithmetic is checked: what does not fit throws `MoneyOverflow`. Nothing wraps, saturates or goes through floating point.
package struct Money: Sendable, Hashable, Comparable {
    package var nanoDollars: Int64

    package static let zero = Money(nanoDollars: 0)
    package static let max = Money(nanoDollars: .max)

    package init(nanoDollars: Int64) {
        self.nanoDollars = nanoDollars
    }

    /// Whole dollars.
    ///
    /// - Throws: when the amount does not fit.
    package init(dollars: Int64) throws(MoneyOverflow) {
        self = try Money(nanoDollars: 1_000_000_000).multiplied(by: dollars)
    }

    package var isZero: Bool { nanoDollars == 0 }
    package var isNegative: Bool { nanoDollars < 0 }
    package var isPositive: Bool { nanoDollars > 0 }

    package static func < (left: Money, right: Money) -> Bool { left.nanoDollars < right.nanoDollars }

    package func adding(_ other: Money) throws(MoneyOverflow) -> Money {
        let (sum, overflow) = nanoDollars.addingReportingOverflow(other.nanoDollars)
        guard !overflow else { throw MoneyOverflow() }
        return Money(nanoDollars: sum)
    }

    package func subtracting(_ other: Money) throws(MoneyOverflow) -> Money {
        let (difference, overflow) = nanoDollars.subtractingReportingOverflow(other.nanoDollars)
        guard !overflow else { throw MoneyOverflow() }
        return Money(nanoDollars: difference)
    }

    package func negated() throws(MoneyOverflow) -> Money {
        try Money.zero.subtracting(self)
    }

    package func multiplied(by factor: Int64) throws(MoneyOverflow) -> Money {
        let (product, overflow) = nanoDollars.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw MoneyOverflow() }
        return Money(nanoDollars: product)
    }

    package enum Rounding: Sendable {
        /// Towards negative infinity.
        case down
        /// Towards positive infinity.
        case up
        /// To the nearest; halves go up.
        case nearest
    }

    /// `self * numerator / denominator`, exact in 128 bits and rounded once.
    ///
    /// A denominator of zero or less throws as an overflow does.
    package func scaled(
        by numerator: Int64,
        over denominator: Int64,
        rounding: Rounding = .up
    ) throws(MoneyOverflow) -> Money {
        guard denominator > 0 else { throw MoneyOverflow() }
        let product = Int128(nanoDollars) * Int128(numerator)
        let divisor = Int128(denominator)
        var (quotient, remainder) = product.quotientAndRemainder(dividingBy: divisor)
        if remainder < 0 {
            quotient -= 1
            remainder += divisor
        }
        switch rounding {
        case .down: break
        case .up: if remainder > 0 { quotient += 1 }
        case .nearest: if remainder * 2 >= divisor { quotient += 1 }
        }
        guard let result = Int64(exactly: quotient) else { throw MoneyOverflow() }
        return Money(nanoDollars: result)
    }
}

/// A sum or product of money left the range of 64 bits of nano-dollars.
package struct MoneyOverflow: Error, Hashable, CustomStringConvertible {
    package init() {}
    package var description: String { "the amount is out of range" }
}

extension Money: CustomStringConvertible, LosslessStringConvertible {
    /// Decimal dollars: an optional sign, digits, and at most nine digits after a point (more only when they are zeros).
    ///
    /// Nil for anything else: exponents, separators, currency signs, amounts out of range.
    package init?(_ text: String) {
        var digits = text.utf8[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits.removeFirst() }
        let parts = digits.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, parts.count == 1 || !parts[1].isEmpty else { return nil }
        var magnitude: Int128 = 0
        func append(_ digit: UInt8) -> Bool {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit), magnitude < Int128(Int64.max) else {
                return false
            }
            magnitude = magnitude * 10 + Int128(digit - UInt8(ascii: "0"))
            return true
        }
        for digit in whole where !append(digit) { return nil }
        let fraction = parts.count == 2 ? parts[1] : digits.suffix(0)
        for digit in fraction.prefix(9) where !append(digit) { return nil }
        for digit in fraction.dropFirst(9) where digit != UInt8(ascii: "0") { return nil }
        for _ in fraction.count..<Swift.max(9, fraction.count) where !append(UInt8(ascii: "0")) { return nil }
        guard let nano = Int64(exactly: isNegative ? -magnitude : magnitude) else { return nil }
        nanoDollars = nano
    }

    /// Decimal dollars without a currency sign and without needless zeros: `0`, `12.5`, `-0.000002`.
    package var description: String {
        let (whole, nano) = nanoDollars.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let sign = nanoDollars < 0 ? "-" : ""
        guard nano > 0 else { return "\(sign)\(whole)" }
        var fraction = String(nano + 1_000_000_000).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "\(sign)\(whole).\(fraction)"
    }
}
