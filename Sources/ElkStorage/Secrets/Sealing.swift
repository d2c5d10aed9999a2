import Crypto
import Foundation

/// Seals secrets for storage: AES-256-GCM under a key of their own for each, derived from the master key.
///
/// A sealed value is a version byte, 16 bytes of salt, then nonce, cipher text and tag. It opens only in the context (the
/// record) that it was sealed for.
package struct Sealing: Sendable {
    private let master: SymmetricKey

    private static let version: UInt8 = 1
    private static let saltLength = 16

    package init(masterKey: Secret) {
        master = SymmetricKey(data: Array(masterKey.reveal().utf8))
    }

    package func seal(_ secret: Secret, for context: String) throws(StorageError) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        let salt = (0..<Self.saltLength).map { _ in random.next() as UInt8 }
        do {
            let box = try AES.GCM.seal(
                Array(secret.reveal().utf8),
                using: key(salt: salt, context: context),
                authenticating: Self.bound(context)
            )
            guard let combined = box.combined else { throw StorageError(.engine, "sealing failed") }
            return [Self.version] + salt + combined
        } catch {
            throw StorageError(.engine, "sealing failed")
        }
    }

    /// - Throws: `.corrupt` for anything that this master key did not seal for this context.
    package func open(_ sealed: [UInt8], for context: String) throws(StorageError) -> Secret {
        guard sealed.first == Self.version, sealed.count > 1 + Self.saltLength else {
            throw StorageError(.corrupt, "a sealed value of an unknown version")
        }
        let salt = Array(sealed[1...Self.saltLength])
        do {
            let box = try AES.GCM.SealedBox(combined: sealed[(1 + Self.saltLength)...])
            let clear = try AES.GCM.open(
                box,
                using: key(salt: salt, context: context),
                authenticating: Self.bound(context)
            )
            return Secret(String(decoding: clear, as: UTF8.self))
        } catch {
            throw StorageError(.corrupt, "a sealed value does not open: wrong master key, or damaged")
        }
    }

    private func key(salt: [UInt8], context: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master,
            salt: salt,
            info: Array("elk sealing 1 \(context)".utf8),
            outputByteCount: 32
        )
    }

    private static func bound(_ context: String) -> [UInt8] { [version] + Array(context.utf8) }
}
