/// Writes the fields of a checkpoint one after the other, without names.
struct CheckpointWriter {
    private(set) var bytes: [UInt8] = []

    /// Seven bits a byte, the lowest first; small numbers take one byte, negative ones ten.
    mutating func put(_ number: Int) {
        put(UInt64(bitPattern: Int64(number)))
    }

    mutating func put(_ number: UInt64) {
        var rest = number
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func put(_ number: Double) { put(fixed: number.bitPattern) }
    mutating func put(_ number: Float) { put(fixed: number.bitPattern) }

    mutating func put(_ text: String) { put(Array(text.utf8)) }

    mutating func put(_ content: [UInt8]) {
        put(content.count)
        bytes += content
    }

    mutating func put<Element>(_ list: [Element], _ write: (inout CheckpointWriter, Element) -> Void) {
        put(list.count)
        for element in list { write(&self, element) }
    }

    mutating func put<Value>(_ value: Value?, _ write: (inout CheckpointWriter, Value) -> Void) {
        put(value == nil ? 0 : 1)
        if let value { write(&self, value) }
    }

    mutating func put<Number: FixedWidthInteger>(fixed number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> Number(shift)))
        }
    }
}

/// Reads what `CheckpointWriter` wrote, from bytes that may be anything: every fault is an error.
struct CheckpointReader {
    struct Fault: Error {}

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func integer() throws(Fault) -> Int { Int(truncatingIfNeeded: try unsigned()) }

    mutating func unsigned() throws(Fault) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { throw Fault() }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw Fault()
    }

    mutating func double() throws(Fault) -> Double { Double(bitPattern: try fixed()) }
    mutating func float() throws(Fault) -> Float { Float(bitPattern: try fixed()) }

    mutating func text() throws(Fault) -> String { String(decoding: try bytes(), as: UTF8.self) }

    mutating func bytes() throws(Fault) -> [UInt8] {
        let count = try count()
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func list<Element>(
        _ read: (inout CheckpointReader) throws(Fault) -> Element
    ) throws(Fault) -> [Element] {
        let count = try count()
        var list: [Element] = []
        for _ in 0..<count { list.append(try read(&self)) }
        return list
    }

    mutating func optional<Value>(
        _ read: (inout CheckpointReader) throws(Fault) -> Value
    ) throws(Fault) -> Value? {
        switch try unsigned() {
        case 0: nil
        case 1: try read(&self)
        default: throw Fault()
        }
    }

    mutating func fixed<Number: FixedWidthInteger>() throws(Fault) -> Number {
        var value: Number = 0
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            guard let byte = rest.popFirst() else { throw Fault() }
            value |= Number(truncatingIfNeeded: byte) << Number(shift)
        }
        return value
    }

    /// A number of things of which each takes a byte at least.
    private mutating func count() throws(Fault) -> Int {
        let count = try unsigned()
        guard count <= UInt64(rest.count) else { throw Fault() }
        return Int(count)
    }
}
