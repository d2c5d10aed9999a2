import ElkWire
import Glibc
import NIOCore
import NIOPosix

/// A temporary file that has no name: it is gone when this object is, and after a crash too.
final class SpooledFile: Sendable {
    private let descriptor: CInt
    private let pool: NIOThreadPool

    /// Another open file on the same content can be had under this path while the object lives.
    var path: String { "/proc/self/fd/\(descriptor)" }

    private init(descriptor: CInt, pool: NIOThreadPool) {
        self.descriptor = descriptor
        self.pool = pool
    }

    deinit {
        // Freeing the blocks of a long file takes a while: not on this thread.
        let descriptor = descriptor
        pool.submit { _ in _ = close(descriptor) }
    }

    /// Makes an empty file in `folder`.
    static func make(in folder: String, pool: NIOThreadPool) async throws -> SpooledFile {
        let path = "\(folder)/elk-upload-\(RequestID())"
        return try await pool.runIfActive {
            let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw SpoolError(operation: "open", code: errno) }
            unlink(path)
            return SpooledFile(descriptor: descriptor, pool: pool)
        }
    }

    /// All that was appended.
    func content() async throws -> ByteBuffer {
        let descriptor = descriptor
        return try await pool.runIfActive {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw SpoolError(operation: "stat", code: errno) }
            var buffer = ByteBufferAllocator().buffer(capacity: Int(status.st_size))
            while buffer.readableBytes < status.st_size {
                let offset = buffer.readableBytes
                let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 1 << 16) { room in
                    let count = pread(descriptor, room.baseAddress, room.count, off_t(offset))
                    guard count >= 0 || errno == EINTR else { throw SpoolError(operation: "read", code: errno) }
                    return max(0, count)
                }
                guard count > 0 || errno == EINTR else { break }
            }
            return buffer
        }
    }

    /// Appends `bytes` without blocking the caller's thread.
    func append(_ bytes: ByteBuffer) async throws {
        let descriptor = descriptor
        try await pool.runIfActive {
            try bytes.withUnsafeReadableBytes { bytes in
                var rest = bytes[...]
                while !rest.isEmpty {
                    let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { throw SpoolError(operation: "write", code: errno) }
                    rest = rest.dropFirst(count)
                }
            }
        }
    }
}

/// A system call on a temporary file failed.
struct SpoolError: Error {
    let operation: String
    let code: CInt
}
