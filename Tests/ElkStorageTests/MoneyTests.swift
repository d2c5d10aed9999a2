import ElkStorage
import Testing

struct MoneyTests {
    @Test(
        arguments: [
            ("0", 0), ("1", 1_000_000_000), ("12.5", 12_500_000_000), ("-0.000002", -2_000), ("+3.", nil),
            ("0.000000001", 1),
            ("0.0000000010", 1), ("0.0000000011", nil), ("007", 7_000_000_000), ("9223372036.854775807", Int64.max),
            ("-9223372036.854775808", Int64.min), ("9223372036.854775808", nil),
            ("99999999999999999999999999999999999", nil),
            ("", nil), ("-", nil), (".5", nil), ("1e3", nil), ("1,5", nil), ("$1", nil), (" 1", nil), ("1.2.3", nil),
            ("٣", nil), ("0x10", nil), ("nan", nil),
        ] as [(String, Int64?)]
    )
    func `decimal dollars are read exactly or not at all`(text: String, nano: Int64?) {
        #expect(Money(text)?.nanoDollars == nano)
    }

    @Test(
        arguments: [
            (0, "0"), (1, "0.000000001"), (12_500_000_000, "12.5"), (-2_000, "-0.000002"), (1_000_000_000, "1"),
            (Int64.max, "9223372036.854775807"), (Int64.min, "-9223372036.854775808"),
        ] as [(Int64, String)]
    )
    func `amounts are written as decimal dollars and read back`(nano: Int64, text: String) {
        #expect("\(Money(nanoDollars: nano))" == text)
        #expect(Money(text) == Money(nanoDollars: nano))
    }

    @Test func `what does not fit throws`() throws {
        #expect(throws: MoneyOverflow.self) { try Money.max.adding(Money(nanoDollars: 1)) }
        #expect(throws: MoneyOverflow.self) { try Money(nanoDollars: .min).negated() }
        #expect(throws: MoneyOverflow.self) { try Money(nanoDollars: .min).subtracting(Money(nanoDollars: 1)) }
        #expect(throws: MoneyOverflow.self) { try Money(dollars: 10_000_000_000) }
        #expect(throws: MoneyOverflow.self) { try Money.max.scaled(by: 2, over: 1) }
        #expect(throws: MoneyOverflow.self) { try Money.zero.scaled(by: 1, over: 0) }
        #expect(try Money.max.scaled(by: .max, over: .max) == Money.max)
    }

    @Test(
        arguments: [
            (7, 1, 2, 3, 4, 4), (-7, 1, 2, -4, -3, -3), (6, 1, 3, 2, 2, 2), (1, 1, 3, 0, 1, 0), (2, 1, 3, 0, 1, 1),
        ] as [(Int64, Int64, Int64, Int64, Int64, Int64)]
    )
    func `scaling rounds once`(
        nano: Int64,
        numerator: Int64,
        denominator: Int64,
        down: Int64,
        up: Int64,
        nearest: Int64
    ) throws {
        let money = Money(nanoDollars: nano)
        #expect(try money.scaled(by: numerator, over: denominator, rounding: .down).nanoDollars == down)
        #expect(try money.scaled(by: numerator, over: denominator, rounding: .up).nanoDollars == up)
        #expect(try money.scaled(by: numerator, over: denominator, rounding: .nearest).nanoDollars == nearest)
    }

    /// GC 1.19: 600 fresh, 400 cached at a tenth of 2.50, 200 of output at 10 dollars a million.
    @Test func `a price for a million times a count is exact`() throws {
        let input = try #require(Money("2.5")).scaled(by: 600, over: 1_000_000)
        let cached = try #require(Money("1.25")).scaled(by: 400, over: 1_000_000)
        let output = try #require(Money("10")).scaled(by: 200, over: 1_000_000)
        #expect("\(try input.adding(cached).adding(output))" == "0.004")
    }
}
