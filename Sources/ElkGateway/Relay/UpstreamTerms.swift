package import NIOCore

/// Which addresses a request may reach.
package enum Reach: Sendable, Hashable {
    /// Where the operator pointed a channel: any address, a model server on this machine included.
    case operatorSet
    /// Public addresses only (`AddressGuard`); for everything whose address a client, a provider or a document chose.
    case publicOnly
}

/// How long one exchange may take, phase by phase.
package struct UpstreamTimeouts: Sendable, Hashable {
    /// Resolving, connecting and the TLS handshake together, and the wait for a free connection.
    package var connect: TimeAmount
    /// From the request to the head of the answer.
    package var firstByte: TimeAmount
    /// Between two reads of the body.
    ///
    /// Does not run while our own client is the slow one.
    package var idle: TimeAmount

    package init(
        connect: TimeAmount = .seconds(10),
        firstByte: TimeAmount = .seconds(300),
        idle: TimeAmount = .seconds(300)
    ) {
        (self.connect, self.firstByte, self.idle) = (connect, firstByte, idle)
    }
}

/// Limits of the upstream client.
package struct UpstreamConfiguration: Sendable {
    /// Open connections to one host, over all event loops; a request beyond waits for one, at most as many again.
    package var connectionsPerHost = 4096
    /// An idle connection is closed after this.
    ///
    /// Many servers close theirs after 60 s or 75 s, some after 5 s.
    package var keepAlive: TimeAmount = .seconds(50)
    /// Bytes of a body that may wait here for a slow client; then the socket is not read.
    package var window = 16 << 10
    /// Bytes of one read.
    ///
    /// What is read stays in memory as one piece for as long as any of it waits for a slow client.
    package var largestRead = 16 << 10
    /// Receive buffer of the sockets.
    ///
    /// The kernel's own default grows to megabytes a stream, and all of it arrives here at
    /// once when the provider closes.
    package var receiveBuffer = 128 << 10
    /// Precision of all timeouts.
    package var tick: TimeAmount = .milliseconds(100)
    /// PEM file of further certificate authorities, for providers behind a private one; nil for the system's only.
    package var extraAuthorities: String?

    package init() {}
}
