package import NIOCore

/// Appends JSON to a buffer, commas and all.
///
/// Containers must be closed in the order they were opened, and every key be followed by a value; nothing checks it.
package struct JSONWriter: Sendable {
    package var buffer: ByteBuffer
    private var needsComma = false

    package init() {
        buffer = ByteBuffer()
    }

    package init(capacity: Int) {
        buffer = ByteBuffer()
        buffer.reserveCapacity(capacity)
    }

    /// Writes on behind what `buffer` holds, and leaves it empty meanwhile: two owners would mean a copy.
    package init(taking buffer: inout ByteBuffer) {
        self.buffer = buffer
        buffer = ByteBuffer()
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    package mutating func key(_ name: String) {
        write(name, after: UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func value(_ text: String) {
        write(text, after: 0)
        needsComma = true
    }

    package mutating func value(_ text: Substring) {
        value(String(text))
    }

    package mutating func value(_ number: Int) {
        separate()
        buffer.writeDecimal(number)
    }

    /// The shortest text that reads as the same number; `null` for what JSON cannot say.
    package mutating func value(_ number: Double) {
        separate()
        buffer.writeJSONNumber(number)
    }

    package mutating func value(_ truth: Bool) {
        separate()
        buffer.writeStaticString(truth ? "true" : "false")
    }

    /// A string of decoded UTF-8; invalid bytes become U+FFFD.
    package mutating func value(utf8 text: ByteBuffer) {
        separate()
        buffer.writeJSONString(utf8: text)
    }

    package mutating func value(_ number: Float) {
        separate()
        buffer.writeJSONNumber(number)
    }

    /// A string that holds bytes in base64.
    package mutating func value(base64 bytes: UnsafeRawBufferPointer) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeBase64(bytes)
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    package mutating func null() {
        separate()
        buffer.writeStaticString("null")
    }

    /// The text of a value as it is.
    package mutating func raw(_ value: JSONSlice) {
        separate()
        value.document.withUnsafeReadableBytes { bytes in
            _ = buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[value.range]))
        }
    }

    /// The text of a value as it is; it must be one.
    package mutating func raw(_ json: ByteBuffer) {
        separate()
        buffer.writeImmutableBuffer(json)
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        buffer.writeInteger(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        buffer.writeInteger(bracket)
        needsComma = true
    }

    /// A string with the comma before it and a byte behind it, in one write.
    private mutating func write(_ text: String, after: UInt8) {
        let quote = UInt8(ascii: "\"")
        let comma = needsComma ? UInt8(ascii: ",") : 0
        let written: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
            buffer.writeEscaped(UnsafeRawBufferPointer(bytes), before: (comma, quote), after: (quote, after))
        }
        guard written == nil else { return }
        var copy = text
        copy.withUTF8 { bytes in
            buffer.writeEscaped(UnsafeRawBufferPointer(bytes), before: (comma, quote), after: (quote, after))
        }
    }

    private mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
        needsComma = true
    }
}

// MARK: Members

extension JSONWriter {
    package mutating func member(_ name: String, _ text: String) {
        key(name)
        value(text)
    }

    package mutating func member(_ name: String, _ text: Substring) {
        key(name)
        value(text)
    }

    package mutating func member(_ name: String, _ number: Int) {
        key(name)
        value(number)
    }

    package mutating func member(_ name: String, _ number: Double) {
        key(name)
        value(number)
    }

    package mutating func member(_ name: String, _ truth: Bool) {
        key(name)
        value(truth)
    }

    package mutating func member(_ name: String, _ slice: JSONSlice) {
        key(name)
        raw(slice)
    }

    package mutating func member(_ name: String, utf8 text: ByteBuffer) {
        key(name)
        value(utf8: text)
    }

    package mutating func member(_ name: String, json: ByteBuffer) {
        key(name)
        raw(json)
    }

    package mutating func member(_ name: String, orNull text: String?) {
        key(name)
        if let text { value(text) } else { null() }
    }

    package mutating func nullMember(_ name: String) {
        key(name)
        null()
    }

    package mutating func object<Failed: Error>(
        _ name: String,
        _ body: (inout JSONWriter) throws(Failed) -> Void
    ) throws(Failed) {
        key(name)
        try object(body)
    }

    package mutating func object<Failed: Error>(_ body: (inout JSONWriter) throws(Failed) -> Void) throws(Failed) {
        beginObject()
        try body(&self)
        endObject()
    }

    package mutating func array<Failed: Error>(
        _ name: String,
        _ body: (inout JSONWriter) throws(Failed) -> Void
    ) throws(Failed) {
        key(name)
        try array(body)
    }

    package mutating func array<Failed: Error>(_ body: (inout JSONWriter) throws(Failed) -> Void) throws(Failed) {
        beginArray()
        try body(&self)
        endArray()
    }

    /// Whatever `body` writes, as a document of its own.
    package static func text<Failed: Error>(
        _ body: (inout JSONWriter) throws(Failed) -> Void
    ) throws(Failed) -> ByteBuffer {
        var writer = JSONWriter()
        try body(&writer)
        return writer.buffer
    }
}
