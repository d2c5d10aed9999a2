package import ElkStorage
import ElkWire
package import NIOCore

/// How a channel is used, beyond what its provider says: read from the channel's options, where it has any.
///
/// | option | |
/// | --- | --- |
/// | `connect_seconds`, `first_byte_seconds`, `idle_seconds` | timeouts of one try |
/// | `drain_seconds` | after the client has left, read on for so long to learn what was used; 0: cancel at once |
package struct ChannelTerms: Sendable, Hashable {
    package var timeouts: UpstreamTimeouts
    package var drain: TimeAmount

    package init(timeouts: UpstreamTimeouts = UpstreamTimeouts(), drain: TimeAmount = .zero) {
        (self.timeouts, self.drain) = (timeouts, drain)
    }

    /// - Parameter defaults: for what the channel does not say.
    package init(of channel: ElkStorage.Channel, defaults: ChannelTerms) {
        self = defaults
        guard channel.options.utf8.count > 2,
            let options = try? JSONSlice(validating: ByteBuffer(string: channel.options))
        else { return }
        func seconds(_ name: String) -> TimeAmount? {
            guard let value = options[name]?.double, value >= 0, value <= 86_400 else { return nil }
            return .milliseconds(Int64(value * 1000))
        }
        timeouts.connect = seconds("connect_seconds") ?? timeouts.connect
        timeouts.firstByte = seconds("first_byte_seconds") ?? timeouts.firstByte
        timeouts.idle = seconds("idle_seconds") ?? timeouts.idle
        drain = seconds("drain_seconds") ?? drain
    }
}
