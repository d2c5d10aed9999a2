import CLibAV
import Glibc

/// Seekable bytes behind an AVIO context: an open file or borrowed memory.
///
/// The libraries read only through it and never open anything themselves, so that no protocol or second file can be
/// reached.
///
/// Memory is borrowed: the input must not outlive it.
final class MediaInput {
    private enum Storage {
        case file(descriptor: Int32)
        case memory(UnsafeRawBufferPointer)
    }

    private static let bufferSize: Int32 = 32 << 10

    let size: Int64
    let libav: LibAV
    private let storage: Storage
    private let watch: Watch
    private var position: Int64 = 0
    /// Nil only when the context could not be allocated.
    private var avio: UnsafeMutablePointer<AVIOContext>?

    init(bytes: UnsafeRawBufferPointer, watch: Watch) throws(AudioError) {
        libav = try LibAV.load()
        storage = .memory(bytes)
        size = Int64(bytes.count)
        self.watch = watch
        if size == 0 { throw AudioError(.noAudio, "The file is empty.") }
    }

    init(path: String, watch: Watch) throws(AudioError) {
        libav = try LibAV.load()
        // Without O_NONBLOCK the open of a named pipe would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0 {
            throw AudioError(.unreadable, "The file cannot be opened: \(String(cString: strerror(errno))).")
        }
        var status = stat()
        let known = fstat(descriptor, &status) == 0
        storage = .file(descriptor: descriptor)
        size = Int64(status.st_size)
        self.watch = watch
        guard known, status.st_mode & S_IFMT == S_IFREG else {
            throw AudioError(.unreadable, "The path does not name a regular file.")
        }
        if size == 0 { throw AudioError(.noAudio, "The file is empty.") }
    }

    deinit {
        if let avio {
            // The library may have replaced the buffer that it was given.
            libav.av_free(avio.pointee.buffer)
            var context: UnsafeMutablePointer<AVIOContext>? = avio
            libav.avio_context_free(&context)
        }
        if case .file(let descriptor) = storage { close(descriptor) }
    }

    /// The AVIO context, owned by this object.
    func context() throws(AudioError) -> UnsafeMutablePointer<AVIOContext> {
        if let avio { return avio }
        let buffer = libav.av_malloc(Int(Self.bufferSize))
        guard
            let buffer,
            let context = libav.avio_alloc_context(
                buffer.assumingMemoryBound(to: UInt8.self),
                Self.bufferSize,
                0,
                Unmanaged.passUnretained(self).toOpaque(),
                { opaque, target, count in MediaInput.from(opaque)?.read(into: target, count: count) ?? elk_error_io },
                nil,
                { opaque, offset, whence in
                    MediaInput.from(opaque)?.seek(offset, whence) ?? Int64(elk_error_io)
                }
            )
        else {
            libav.av_free(buffer)
            throw AudioError(.unreadable, "There is not enough memory to read the file.")
        }
        avio = context
        return context
    }

    /// Copies the bytes at `offset`; a count below `target.count` means the end of the input or a read error.
    func copyBytes(at offset: Int64, into target: UnsafeMutableRawBufferPointer) -> Int {
        guard offset >= 0, offset < size, let base = target.baseAddress else { return 0 }
        switch storage {
        case .memory(let bytes):
            let count = min(target.count, bytes.count - Int(offset))
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[Int(offset)..<Int(offset) + count]))
            return count
        case .file(let descriptor):
            var done = 0
            while done < target.count {
                let count = pread(descriptor, base + done, target.count - done, off_t(offset) + off_t(done))
                if count < 0, errno == EINTR { continue }
                if count <= 0 { break }
                done += count
            }
            return done
        }
    }

    private static func from(_ opaque: UnsafeMutableRawPointer?) -> MediaInput? {
        opaque.map { Unmanaged<MediaInput>.fromOpaque($0).takeUnretainedValue() }
    }

    private func read(into target: UnsafeMutablePointer<UInt8>?, count: Int32) -> Int32 {
        if watch.hasTripped() { return elk_error_interrupted }
        guard let target, count > 0 else { return elk_error_invalid_argument }
        let copied = copyBytes(at: position, into: UnsafeMutableRawBufferPointer(start: target, count: Int(count)))
        if copied == 0 { return elk_error_end_of_file }
        position += Int64(copied)
        return Int32(copied)
    }

    private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        let base: Int64
        switch whence & ~AVSEEK_FORCE {
        case AVSEEK_SIZE: return size
        case SEEK_SET: base = 0
        case SEEK_CUR: base = position
        case SEEK_END: base = size
        default: return Int64(elk_error_invalid_argument)
        }
        let (target, overflow) = base.addingReportingOverflow(offset)
        if overflow || target < 0 { return Int64(elk_error_invalid_argument) }
        position = target
        return target
    }
}
