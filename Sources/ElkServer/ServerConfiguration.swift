/// How the server listens, whom it admits and what it bounds.
package struct ServerConfiguration: Sendable, CustomStringConvertible, CustomReflectable {
    package var host = "127.0.0.1"
    /// 0 takes any free port.
    package var port = 8484
    /// Keys that clients may present.
    ///
    /// None is allowed on a loopback address only, unless keys are stored.
    package var apiKeys: [String] = []
    /// The database holds keys, so that one is asked for.
    package var hasStoredKeys = false
    /// Longest body of an upload; the whole multipart body counts.
    package var maxBodyBytes = 26_214_400
    /// Memory for the bodies of all requests that are not recordings; beyond it the answer is 503.
    package var maxBufferedBytes = 512 << 20
    /// Recordings longer than this wait in a temporary file.
    package var memoryThreshold = 1 << 20
    package var temporaryFolder = "/tmp"
    /// Refuses file names whose extension is not on OpenAI's list, as OpenAI does.
    ///
    /// Otherwise the content decides.
    package var strictFormats = false
    /// Open connections; further ones wait to be accepted.
    package var maxConnections = 512
    /// Speech requests that upload, wait or run at the same time; further ones get 429.
    package var maxSpeechRequests = 64
    /// Silence after which a connection is closed, between requests or in the middle of one being sent.
    package var idleSeconds = 60
    /// Time that running requests have to finish when the server stops.
    package var graceSeconds = 30

    package init() {}

    /// Without the keys: it may end up in a log.
    package var description: String { "\(host):\(port)" }
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }

    /// - Throws: one sentence that says what is wrong.
    func validate() throws(ServerConfigurationError) {
        guard !apiKeys.contains(where: \.isEmpty) else {
            throw ServerConfigurationError("an API key is empty")
        }
        guard !apiKeys.isEmpty || hasStoredKeys || Self.isLoopback(host) else {
            throw ServerConfigurationError(
                "\(host) can be reached from other machines: listening there needs an API key"
            )
        }
        guard maxBodyBytes > 0, maxBufferedBytes >= maxBodyBytes, memoryThreshold >= 0, maxConnections > 0, maxSpeechRequests > 0, idleSeconds > 0,
            graceSeconds >= 0, (0...65535).contains(port)
        else {
            throw ServerConfigurationError("a port, limit or time of the server is out of range")
        }
    }

    /// Whether only this machine can reach `host`.
    package static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

package struct ServerConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
