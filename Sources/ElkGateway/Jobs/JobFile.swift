import Glibc
import NIOCore

/// The files of jobs: readable by this user alone, replaced whole or not at all.
///
/// Every call blocks.
enum JobFile {
    struct Fault: Error, Hashable {
        var operation: String
        var code: CInt

        /// No room, or a limit of the file system.
        var isFull: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }
    }

    /// Longest file that is read into memory: results beyond it are none of ours.
    private static let longest = 1 << 30

    static func makeFolder(_ path: String) throws(Fault) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Fault(operation: "mkdir", code: errno) }
    }

    /// Makes the names in a folder as durable as the files are: a loss of power keeps what was put there.
    static func sync(folder: String) throws(Fault) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Fault(operation: "open", code: errno) }
        defer { close(descriptor) }
        // Some file systems have nothing to do for a folder and say so.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw Fault(operation: "fsync", code: errno) }
    }

    /// Puts `content` in the place of whatever was there.
    static func replace(_ path: String, with content: ByteBuffer) throws(Fault) {
        let temporary = path + ".new"
        do throws(Fault) {
            try write(temporary) { descriptor throws(Fault) in
                try content.withUnsafeBytes { bytes throws(Fault) in try append(bytes, to: descriptor) }
            }
            guard rename(temporary, path) == 0 else { throw Fault(operation: "rename", code: errno) }
            try sync(folder: String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
        } catch {
            unlink(temporary)
            throw error
        }
    }

    /// Writes a new file with a copy of another one, which may be a path below `/proc/self/fd`.
    static func copy(_ source: String, to path: String) throws(Fault) {
        let input = open(source, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw Fault(operation: "open", code: errno) }
        defer { close(input) }
        try write(path) { descriptor throws(Fault) in
            let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 16)
            defer { piece.deallocate() }
            while true {
                let count = read(input, piece.baseAddress, piece.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw Fault(operation: "read", code: errno) }
                if count == 0 { return }
                try append(UnsafeRawBufferPointer(rebasing: piece[..<count]), to: descriptor)
            }
        }
    }

    /// All of a file, nil when there is none.
    static func content(_ path: String) throws(Fault) -> ByteBuffer? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw Fault(operation: "open", code: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Fault(operation: "stat", code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= longest else {
            throw Fault(operation: "read", code: EFBIG)
        }
        var buffer = ByteBufferAllocator().buffer(capacity: Int(status.st_size))
        var fault: Fault?
        while fault == nil, buffer.readableBytes < Int(status.st_size) {
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 1 << 16) { room in
                let count = read(descriptor, room.baseAddress, room.count)
                if count < 0, errno != EINTR { fault = Fault(operation: "read", code: errno) }
                return max(0, count)
            }
            if count == 0, fault == nil { break }
        }
        if let fault { throw fault }
        return buffer
    }

    /// Removes a folder of ours with the files in it; what is not there is no fault.
    static func remove(folder: String) {
        for name in names(in: folder) { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    /// The names in a folder, in order.
    static func names(in folder: String) -> [String] {
        guard let listing = opendir(folder) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func append(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) throws(Fault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Fault(operation: "write", code: count == 0 ? ENOSPC : errno) }
            rest = rest.dropFirst(count)
        }
    }

    private static func write(_ path: String, _ body: (CInt) throws(Fault) -> Void) throws(Fault) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Fault(operation: "create", code: errno) }
        do throws(Fault) {
            try body(descriptor)
            guard fsync(descriptor) == 0 else { throw Fault(operation: "fsync", code: errno) }
        } catch {
            close(descriptor)
            throw error
        }
        guard close(descriptor) == 0 else { throw Fault(operation: "close", code: errno) }
    }
}

extension ByteBuffer {
    /// As `withUnsafeReadableBytes`, which would erase the type of the error.
    fileprivate func withUnsafeBytes<Fault: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Fault) -> Void
    ) throws(Fault) {
        let result = withUnsafeReadableBytes { bytes in
            Result { () throws(Fault) in try body(bytes) }
        }
        try result.get()
    }
}
