import Glibc

/// Files that nobody but their owner may read: the database, the master key, the root key.
package enum PrivateFile {
    /// Creates an empty file with mode 0600 if there is none, and takes others' rights from one that is there.
    static func ensure(at path: String) throws(StorageError) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("open", path) }
        defer { Glibc.close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure("look at", path) }
        guard status.st_mode & 0o077 == 0 || fchmod(file, 0o600) == 0 else {
            throw StorageError(.permissions, "\(path) can be read by others, and its mode cannot be changed")
        }
    }

    /// The text of a file without the white space around it; nil when there is no such file.
    ///
    /// - Throws: `.permissions` when its group or others have any right to it, or it belongs to another user.
    package static func read(at path: String) throws(StorageError) -> Secret? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("open", path)
        }
        defer { Glibc.close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure("look at", path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw StorageError(.invalid, "\(path) is not a file") }
        guard status.st_uid == geteuid() else {
            throw StorageError(.permissions, "\(path) belongs to another user; it must be this user's own")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StorageError(.permissions, "\(path) is open to others; close it with: chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count >= 0, count < bytes.count else { throw failure("read", path) }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return Secret(
            String(text.trimmingPrefix(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        )
    }

    /// Writes a new file with mode 0600, whole or not at all.
    ///
    /// - Throws: `.conflict` when there is one already; it stays as it is.
    package static func create(at path: String, _ secret: Secret) throws(StorageError) {
        // A name of its own, linked when it is complete: a crash leaves no half of a key under the real name.
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max))"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("create", path) }
        defer { unlink(temporary) }
        let bytes = Array("\(secret.reveal())\n".utf8)
        let written = write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        guard Glibc.close(file) == 0, written else { throw failure("write", path) }
        guard link(temporary, path) == 0 else {
            if errno == EEXIST { throw StorageError(.conflict, "\(path) exists") }
            throw failure("create", path)
        }
    }

    private static func failure(_ verb: String, _ path: String) -> StorageError {
        StorageError(
            errno == EACCES ? .permissions : .engine,
            "cannot \(verb) \(path): \(String(cString: strerror(errno)))"
        )
    }
}
