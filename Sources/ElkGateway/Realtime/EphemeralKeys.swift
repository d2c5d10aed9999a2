package import ElkProviders
package import ElkStorage
package import ElkWire
import NIOCore

/// Credentials that open realtime sessions for a while, so that a page or an app needs no key of its own (GC 1.11).
///
/// Whoever holds one acts for the key that it was made with: its user, models, networks, limits and money, as they are when a
/// session begins. They are in the database by their digest alone, so every server on it knows them, also after a restart.
package struct EphemeralKeys: Sendable {
    package static let maxLive = 10_000

    private let store: Store
    private let gateway: Gateway
    private let limit: Int

    /// - Parameter limit: as many may a key have that have not expired.
    package init(store: Store, gateway: Gateway, limit: Int = maxLive) {
        (self.store, self.gateway, self.limit) = (store, gateway, limit)
    }

    /// Makes one; its text is in the result and nowhere else, ever.
    ///
    /// - Parameters:
    ///   - opening: what its sessions begin with.
    ///   - seconds: how long it opens sessions.
    /// - Returns: the text, and when it expires in Unix seconds.
    package func mint(
        _ opening: RealtimeOpening?,
        seconds: Int,
        for client: Client
    ) async throws(Failure) -> (text: Secret, expires: Int) {
        let minter = try gateway.admission.minter(of: client)
        let now = gateway.time.now
        let expires = Int(now / 1_000) + seconds
        let generated = GeneratedKey(.ephemeral)
        let key = EphemeralKey(
            digest: generated.digest,
            minter: minter.digest,
            opening: opening.map { String(buffer: $0.text) },
            expires: Int64(expires) * 1_000
        )
        let isMade: Bool
        do throws(StorageError) {
            isMade = try await store.createEphemeralKey(key, limit: limit, now: now)
        } catch {
            throw .ephemeralKeysUnreachable(error)
        }
        guard isMade else { throw .tooManyEphemeralKeys(limit) }
        return (generated.text, expires)
    }

    /// The client as the holder of an ephemeral key, and what its sessions begin with; nil when it did not come with one that
    /// still holds.
    package func holder(
        _ client: Client
    ) async throws(Failure) -> (client: Client, opening: RealtimeOpening?)? {
        guard let text = client.credential, GeneratedKey.looksLike(.ephemeral, text) else { return nil }
        let found: EphemeralKey?
        do throws(StorageError) {
            found = try await store.ephemeralKey(digest: KeyDigest(of: text), now: gateway.time.now)
        } catch {
            throw .ephemeralKeysUnreachable(error)
        }
        guard let found else { return nil }
        var opening: RealtimeOpening?
        if let text = found.opening { opening = try RealtimeOpening(ByteBuffer(string: text)) }
        return (Client(minter: Client.Minter(found.minter), address: client.address), opening)
    }
}

extension Client.Minter {
    fileprivate init(_ digest: KeyDigest?) {
        self = digest.map(Self.key) ?? .nobody
    }

    fileprivate var digest: KeyDigest? {
        switch self {
        case .key(let digest): digest
        case .nobody: nil
        }
    }
}

extension Failure {
    fileprivate static func tooManyEphemeralKeys(_ limit: Int) -> Failure {
        Failure(
            .rateLimited,
            "This API key has \(limit) ephemeral keys that have not expired, as many as it may. Let them expire sooner.",
            retryAfterMilliseconds: 10_000
        )
    }

    fileprivate static func ephemeralKeysUnreachable(_ error: StorageError) -> Failure {
        Failure(.internal, "The ephemeral keys cannot be reached.", detail: "\(error)")
    }
}
