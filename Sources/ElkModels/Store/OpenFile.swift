import Glibc

/// An open file descriptor that closes itself; every call blocks.
struct OpenFile: ~Copyable {
    let path: String
    private let descriptor: CInt

    init(reading path: String) throws(ModelStoreError) {
        try self.init(path, flags: O_RDONLY)
    }

    /// Creates the file, or empties it, or goes on at its end.
    init(writing path: String, appending: Bool = false) throws(ModelStoreError) {
        try self.init(path, flags: O_WRONLY | O_CREAT | (appending ? O_APPEND : O_TRUNC))
    }

    private init(_ path: String, flags: CInt) throws(ModelStoreError) {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw ModelStoreError(.disk, "\(path): \(lastSystemError())") }
    }

    deinit {
        close(descriptor)
    }

    /// Calls `body` with the rest of the file, a mebibyte at a time.
    func forEachChunk(_ body: (UnsafeRawBufferPointer) throws(ModelStoreError) -> Void) throws(ModelStoreError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw ModelStoreError(.disk, "\(path): \(lastSystemError())")
            }
            if count == 0 { return }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(ModelStoreError) {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            let count = Glibc.write(descriptor, start, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw ModelStoreError(.disk, "\(path): \(lastSystemError())")
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Waits until the content is on the disk.
    func synchronize() throws(ModelStoreError) {
        guard fsync(descriptor) == 0 else { throw ModelStoreError(.disk, "\(path): \(lastSystemError())") }
    }
}

func lastSystemError() -> String {
    String(cString: strerror(errno))
}
