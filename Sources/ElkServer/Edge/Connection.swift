import NIOCore

/// What all requests of one connection share.
final class Connection: Sendable {
    let channel: any Channel
    let presence: ClientPresence
    /// Address of the peer without its port; empty when it is not known.
    let address: String

    init(channel: any Channel, presence: ClientPresence) {
        self.channel = channel
        self.presence = presence
        address = channel.remoteAddress?.ipAddress ?? ""
    }

    /// Whether the peer is this machine.
    var isLocal: Bool { ServerConfiguration.isLoopback(address) || address == "::ffff:127.0.0.1" }
}
