/// JSON of a known shape, written member by member in order.
struct JSONText {
    private(set) var text = ""

    mutating func object(_ members: (inout JSONText) -> Void) {
        enclosed("{", "}", members)
    }

    mutating func array<Element>(_ elements: some Sequence<Element>, _ write: (inout JSONText, Element) -> Void) {
        enclosed("[", "]") { json in
            for element in elements {
                json.separate()
                write(&json, element)
            }
        }
    }

    mutating func key(_ name: String) {
        separate()
        string(name)
        text += ":"
    }

    mutating func string(_ value: String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    mutating func number(_ value: Int) {
        text += String(value)
    }

    /// The shortest decimal that reads back as the same value; 0 for what JSON cannot hold.
    mutating func number<Value: BinaryFloatingPoint & LosslessStringConvertible>(_ value: Value) {
        text += value.isFinite ? String(value) : "0.0"
    }

    private mutating func enclosed(_ opening: String, _ closing: String, _ content: (inout JSONText) -> Void) {
        text += opening
        content(&self)
        text += closing
    }

    /// A comma, unless this is the first thing within its brackets.
    private mutating func separate() {
        guard let last = text.utf8.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") else { return }
        text += ","
    }
}
