import Crypto
import ElkWire
import NIOCore

/// The two headers by which both sides of a handshake know that the other speaks WebSocket (RFC 6455, 4.2.2).
package enum WebSocketKey {
    /// A fresh `Sec-WebSocket-Key`.
    static func random() -> String {
        var bytes = ByteBuffer()
        bytes.writeMultipleIntegers(UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
        var text = ByteBuffer()
        text.writeBase64(bytes)
        return String(buffer: text)
    }

    /// The `Sec-WebSocket-Accept` for a key.
    package static func accept(_ key: String) -> String {
        var hash = Insecure.SHA1()
        hash.update(data: Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        var text = ByteBuffer()
        Array(hash.finalize()).withUnsafeBytes { text.writeBase64($0) }
        return String(buffer: text)
    }
}
