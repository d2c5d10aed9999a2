/// A header of the form `value; name=token; other="quoted text"`, read without trust.
struct HeaderValue {
    /// The part before the first semicolon, in lower case.
    let value: String
    /// Names in lower case with raw values, in order.
    private let parameters: [(name: String, value: [UInt8])]

    init(_ bytes: [UInt8]) {
        var scanner = Scanner(bytes: bytes)
        value = lowercased(trimmed(scanner.readToken(until: [UInt8(ascii: ";")])))
        var parameters: [(name: String, value: [UInt8])] = []
        while scanner.skip(UInt8(ascii: ";")) {
            let name = lowercased(trimmed(scanner.readToken(until: [UInt8(ascii: "="), UInt8(ascii: ";")])))
            guard scanner.skip(UInt8(ascii: "=")) else { continue }
            parameters.append((name, scanner.readParameterValue()))
        }
        self.parameters = parameters
    }

    /// Bytes of the first parameter called `name`, unquoted.
    subscript(name: String) -> [UInt8]? {
        parameters.first { $0.name == name }?.value
    }
}

private struct Scanner {
    let bytes: [UInt8]
    var index = 0

    mutating func skip(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    mutating func readToken(until ends: [UInt8]) -> ArraySlice<UInt8> {
        let start = index
        while index < bytes.count, !ends.contains(bytes[index]) { index += 1 }
        return bytes[start..<index]
    }

    mutating func readParameterValue() -> [UInt8] {
        while index < bytes.count, isSpace(bytes[index]) { index += 1 }
        guard skip(UInt8(ascii: "\"")) else {
            return Array(trimmed(readToken(until: [UInt8(ascii: ";")])))
        }
        var value: [UInt8] = []
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            // Only these two are escapes. Browsers send a backslash of a file name as it is.
            if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count,
                bytes[index + 1] == UInt8(ascii: "\"") || bytes[index + 1] == UInt8(ascii: "\\")
            {
                index += 1
            }
            value.append(bytes[index])
            index += 1
        }
        _ = readToken(until: [UInt8(ascii: ";")])
        return value
    }
}

private func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
}

private func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes
    while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
    while let last = bytes.last, isSpace(last) { bytes.removeLast() }
    return bytes
}

private func lowercased(_ bytes: ArraySlice<UInt8>) -> String {
    String(decoding: bytes, as: UTF8.self).lowercased()
}
