import Glibc

/// The bytes of one file, mapped read-only for as long as the object lives.
///
/// The mapping is private; a file that is cut short by someone else while it is mapped is not guarded against.
///
/// `@unchecked Sendable`: the bytes never change after `init` and are released only in `deinit`.
package final class MappedFile: @unchecked Sendable {
    package let path: String
    /// Valid while the object is: take it from a variable or a parameter, never from a temporary.
    package let bytes: UnsafeRawBufferPointer
    /// Changes with the file's size and its time of change.
    private let stamp: UInt64
    private let isMapped: Bool

    /// - Throws: `ModelError` when the file cannot be opened, is not a regular file, or is empty.
    package init(path: String) throws(ModelError) {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw ModelError("\(path) cannot be opened: \(Self.reason(errno))") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw ModelError("\(path) cannot be examined: \(Self.reason(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ModelError("\(path) is not a regular file") }
        guard status.st_size > 0 else { throw ModelError("\(path) is empty") }
        let size = Int(status.st_size)
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw ModelError("\(path) cannot be mapped: \(Self.reason(errno))")
        }
        self.path = path
        bytes = UnsafeRawBufferPointer(start: address, count: size)
        stamp =
            UInt64(size) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(bitPattern: Int64(status.st_mtim.tv_sec)) &* 1_000_000_007
            &+ UInt64(bitPattern: Int64(status.st_mtim.tv_nsec))
        isMapped = true
    }

    /// Contents that are already in memory, under the name that errors are to use.
    ///
    /// The copy has exactly the size of the contents, so that an address sanitizer sees a read past the end.
    package init(contents: UnsafeRawBufferPointer, path: String) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: contents.count, alignment: 16)
        copy.copyMemory(from: contents)
        self.path = path
        bytes = UnsafeRawBufferPointer(copy)
        stamp = UInt64(contents.count)
        isMapped = false
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else {
            bytes.deallocate()
        }
    }

    /// Changes with the file: of its stamp and of pieces from all over it, as another file may be as long and as old.
    var fingerprint: UInt64 {
        let (pieces, words) = (32, 32)
        var hash = FNV1a()
        hash.add(stamp)
        let room = bytes.count - words * 8
        for piece in 0..<pieces where room >= 0 {
            let start = room * piece / (pieces - 1)
            for word in 0..<words {
                hash.add(bytes.loadUnaligned(fromByteOffset: start + word * 8, as: UInt64.self))
            }
        }
        return hash.value
    }

    /// The error "PATH text".
    package func fault(_ text: String) -> ModelError {
        ModelError("\(path) \(text)")
    }

    /// Asks the kernel to read the file ahead.
    func prefetch() {
        guard isMapped else { return }
        madvise(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count, MADV_WILLNEED)
    }

    /// Takes whole pages inside `range` out of the resident set; they come back from the page cache when touched.
    func releasePages(_ range: Range<Int>) {
        let page = Int(getpagesize())
        let start = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard isMapped, start < end, let base = bytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
    }

    private static func reason(_ code: Int32) -> String {
        String(cString: strerror(code))
    }
}
