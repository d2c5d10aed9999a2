import Crypto
import ElkWire
import NIOCore

/// What webhooks are signed with: `whsec_` and 24 to 64 bytes in base64, as Standard Webhooks has it.
package struct WebhookSecret: Sendable, CustomStringConvertible, CustomReflectable {
    private let key: SymmetricKey

    /// Nil for a text of another form.
    package init?(_ text: String) {
        let prefix = "whsec_"
        guard text.hasPrefix(prefix), let bytes = Base64.decode(text.dropFirst(prefix.utf8.count)),
            (24...64).contains(bytes.readableBytes)
        else { return nil }
        key = SymmetricKey(data: Array(bytes.readableBytesView))
    }

    package var description: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// The value of `webhook-signature`: HMAC-SHA256 over id, time and body, parted by full stops.
    func signature(id: String, timestamp: Int64, body: ByteBuffer) -> String {
        var hmac = HMAC<SHA256>(key: key)
        hmac.update(data: Array("\(id).\(timestamp).".utf8))
        hmac.update(data: Array(body.readableBytesView))
        var text = ByteBuffer(string: "v1,")
        text.writeBase64(ByteBuffer(bytes: Array(hmac.finalize())))
        return String(buffer: text)
    }
}
