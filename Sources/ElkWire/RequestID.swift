/// Names one request in answers and logs: `req_` and 32 hexadecimal digits.
package struct RequestID: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init() {
        var generator = SystemRandomNumberGenerator()
        self.init(using: &generator)
    }

    package init(using generator: inout some RandomNumberGenerator) {
        var text = "req_"
        for _ in 0..<2 {
            let digits = String(generator.next() as UInt64, radix: 16)
            text += String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }
        description = text
    }
}
