#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Memory of a fixed number of trivial elements, aligned to cache lines, zero at first.
///
/// Fresh pages come from the system as zeros, so a buffer costs memory only as far as it is touched.
final class AlignedMemory<Element>: @unchecked Sendable {
    // Safe to share: weights are written before they are published and only read afterwards; session buffers stay with the
    // one thread that runs the session.
    let base: UnsafeMutablePointer<Element>
    let count: Int
    private let bytes: Int

    /// - Parameter isFilled: the whole of it will be used, over and over: the system is asked for large pages, which it hands out
    ///   several times faster and whose addresses a core need not look up as often.
    init(_ count: Int, isFilled: Bool = false) {
        self.count = count
        let page = 4096
        bytes = max(1, (count * MemoryLayout<Element>.stride + page - 1) / page) * page
        guard let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else {
            fatalError("out of memory: \(bytes) bytes")
        }
        if isFilled { madvise(memory, bytes, MADV_HUGEPAGE) }
        base = memory.bindMemory(to: Element.self, capacity: count)
    }

    deinit {
        munmap(base, bytes)
    }

    /// Gives the pages back; the elements are zero again.
    func discard() {
        madvise(base, bytes, MADV_DONTNEED)
    }

    var buffer: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: base, count: count) }

    subscript(index: Int) -> UnsafeMutablePointer<Element> { base + index }
}
