import ElkProviders
import NIOCore

/// The bytes of a request's head.
enum RequestWriter {
    /// A body up to this size goes out in one write with its head.
    static let joined = 16 << 10

    /// Head of `request`, and its body when that is small.
    ///
    /// - Parameter key: asks for a WebSocket with this `Sec-WebSocket-Key`; no extension is offered, and no protocol.
    /// - Returns: nil when a name or value could end its line early. The makers of requests check that; here it is checked once
    ///   more, at the last place where it can be.
    static func write(
        _ request: UpstreamRequest,
        webSocket key: String? = nil,
        allocator: ByteBufferAllocator
    ) -> ByteBuffer? {
        let body = request.body.readableBytes
        var buffer = allocator.buffer(capacity: 512 + (body <= joined ? body : 0))
        buffer.writeString(request.method.rawValue)
        buffer.writeInteger(UInt8(ascii: " "))
        guard request.path.utf8.first == UInt8(ascii: "/"), isClean(request.path, allowsSpace: false) else {
            return nil
        }
        buffer.writeString(request.path)
        buffer.writeStaticString(" HTTP/1.1\r\nhost: ")
        guard isClean(request.host, allowsSpace: false) else { return nil }
        let isIPv6 = request.host.utf8.contains(UInt8(ascii: ":"))
        if isIPv6 { buffer.writeInteger(UInt8(ascii: "[")) }
        buffer.writeString(request.host)
        if isIPv6 { buffer.writeInteger(UInt8(ascii: "]")) }
        if request.port != (request.isSecure ? 443 : 80) {
            buffer.writeInteger(UInt8(ascii: ":"))
            buffer.writeString(String(request.port))
        }
        buffer.writeStaticString("\r\naccept-encoding: identity\r\nuser-agent: elk\r\n")
        if body > 0 || request.method != .get {
            buffer.writeStaticString("content-length: ")
            buffer.writeString(String(body))
            buffer.writeStaticString("\r\n")
        }
        if let key {
            buffer.writeStaticString("connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n")
            buffer.writeString("sec-websocket-key: \(key)\r\n")
        }
        for header in request.headers {
            guard isClean(header.name, allowsSpace: false), isClean(header.value, allowsSpace: true),
                HeaderPolicy.mayBeSent(header.name)
            else { return nil }
            buffer.writeString(header.name)
            buffer.writeStaticString(": ")
            buffer.writeString(header.value)
            buffer.writeStaticString("\r\n")
        }
        buffer.writeStaticString("\r\n")
        if body <= joined { buffer.writeImmutableBuffer(request.body) }
        return buffer
    }

    /// No control character, and a blank only where one may be.
    private static func isClean(_ text: String, allowsSpace: Bool) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            guard !bytes.isEmpty || allowsSpace else { return false }
            for byte in bytes where byte < 0x20 || byte == 0x7F || (byte == 0x20 && !allowsSpace) { return false }
            return true
        }
    }
}
