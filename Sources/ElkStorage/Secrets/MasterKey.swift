/// The key that upstream credentials are sealed under.
package enum MasterKey {
    /// Of a key that an operator sets, in UTF-8 bytes.
    package static let minimumLength = 32

    /// The key in this file; a new random one is made if there is no file.
    ///
    /// - Throws: `.permissions` for a file that others can read.
    package static func readOrCreate(at path: String) throws(StorageError) -> Secret {
        if let key = try PrivateFile.read(at: path) { return try checked(key, from: path) }
        var random = SystemRandomNumberGenerator()
        var digits = ""
        for _ in 0..<4 {
            let word = String(random.next() as UInt64, radix: 16)
            digits += String(repeating: "0", count: 16 - word.utf8.count) + word
        }
        do {
            try PrivateFile.create(at: path, Secret(digits))
        } catch  where error.code == .conflict {
            // Another process was quicker; its key counts.
        }
        guard let key = try PrivateFile.read(at: path) else { throw StorageError(.engine, "\(path) vanished") }
        return try checked(key, from: path)
    }

    /// - Throws: `.invalid` for a key that is too short to protect anything.
    package static func checked(_ key: Secret, from source: String) throws(StorageError) -> Secret {
        guard key.reveal().utf8.count >= minimumLength else {
            throw StorageError(.invalid, "the master key in \(source) has less than \(minimumLength) characters")
        }
        return key
    }
}
