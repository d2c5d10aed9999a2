import Glibc

/// The packed weights of a model on disk, so that the next start reads them instead of packing again.
///
/// One file beside the model: a header, then the region of `WeightArena` as it lay in memory. A file of another version, of
/// other weights or with a wrong checksum is ignored and written anew; writing goes through a temporary name, so that no
/// start ever sees half a file.
struct PackedCache {
    private let path: String
    private let expected: Header

    /// Grows with every change of the layout in memory, and of how weights are rounded.
    private static let version: UInt64 = 8

    /// - Parameters:
    ///   - folder: where the cache lies; need not be writable.
    ///   - identity: of the weights (`WeightFile.identity`); another one makes the cache stale.
    init(in folder: String, identity: UInt64, precision: WeightPrecision) {
        path = "\(folder)/packed-\(precision.rawValue).elk"
        expected = Header(version: Self.version, weights: identity, bytes: 0, checksum: 0)
    }

    /// The whole file in memory, nil when there is none that fits.
    ///
    /// Read and not mapped: a decoder step passes over most of it, which large pages make a third faster, and files have none.
    func load(pool: ThreadPool) -> AlignedMemory<UInt8>? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > Header.size else { return nil }
        let region = AlignedMemory<UInt8>(Int(status.st_size), isFilled: true)
        guard read(0..<Header.size, of: descriptor, into: region),
            let header = Header(UnsafeRawBufferPointer(start: region.base, count: Header.size)),
            header.version == expected.version, header.weights == expected.weights,
            header.bytes == UInt64(status.st_size) - UInt64(Header.size)
        else { return nil }
        let payload = UnsafeRawBufferPointer(start: region.base + Header.size, count: Int(header.bytes))
        // What could not be read is zero and gives another sum.
        let sum = checksum(of: payload, pool: pool) { block in
            _ = read(Header.size + block.lowerBound..<Header.size + block.upperBound, of: descriptor, into: region)
        }
        return sum == header.checksum ? region : nil
    }

    /// Writes the region; a folder that cannot be written to is left as it is.
    ///
    /// Of several processes that want to, one does; what one that was killed has left is written over.
    func save(_ payload: UnsafeRawBufferPointer, pool: ThreadPool) {
        let temporary = "\(path).partial"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        // Locked by another it may be the finished file by now.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, Self.isFile(descriptor, at: temporary),
            ftruncate(descriptor, 0) == 0
        else { return }
        var header = expected
        header.bytes = UInt64(payload.count)
        header.checksum = checksum(of: payload, pool: pool)
        let written =
            header.withBytes { write($0, to: descriptor) } && write(payload, to: descriptor)
            && fsync(descriptor) == 0
        if !written || rename(temporary, path) != 0 { unlink(temporary) }
    }

    private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
        var (open, named) = (stat(), stat())
        return fstat(descriptor, &open) == 0 && lstat(path, &named) == 0
            && (open.st_dev, open.st_ino) == (named.st_dev, named.st_ino)
    }

    /// Where the region begins in the file: a whole page, so that it is aligned in memory too.
    static var payloadOffset: Int { Header.size }

    /// Reads `range` of the file to the same place of `region`.
    private func read(_ range: Range<Int>, of descriptor: Int32, into region: AlignedMemory<UInt8>) -> Bool {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = pread(descriptor, region[offset], range.upperBound - offset, off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        return true
    }

    /// FNV-1a over 64-bit words in eight lanes a block, blocks summed: as fast as memory.
    ///
    /// - Parameter fetch: called with the place of each block before it is looked at.
    private func checksum(
        of bytes: UnsafeRawBufferPointer,
        pool: ThreadPool,
        fetch: (Range<Int>) -> Void = { _ in }
    ) -> UInt64 {
        let block = 1 << 20
        let blocks = (bytes.count + block - 1) / block
        let sums = AlignedMemory<UInt64>(blocks)
        pool.run(blocks) { index in
            let range = index * block..<min(bytes.count, (index + 1) * block)
            fetch(range)
            var lanes = SIMD8<UInt64>(repeating: 0xCBF2_9CE4_8422_2325 &+ UInt64(index))
            var offset = range.lowerBound
            while offset + 64 <= range.upperBound {
                lanes = (lanes ^ bytes.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)) &* 0x100_0000_01B3
                offset += 64
            }
            for byte in bytes[offset..<range.upperBound] { lanes[0] = (lanes[0] ^ UInt64(byte)) &* 0x100_0000_01B3 }
            sums.base[index] = (0..<8).reduce(0) { ($0 &* 31) &+ lanes[$1] }
        }
        return sums.buffer.reduce(0) { ($0 &* 31) &+ $1 }
    }

    private struct Header {
        var version: UInt64
        var weights: UInt64
        var bytes: UInt64
        var checksum: UInt64

        static let size = 4096
        private static let magic: UInt64 = 0x4B43_4150_4B4C_45  // "ELKPACK" in little-endian order

        init(version: UInt64, weights: UInt64, bytes: UInt64, checksum: UInt64) {
            self.version = version
            self.weights = weights
            self.bytes = bytes
            self.checksum = checksum
        }

        init?(_ page: UnsafeRawBufferPointer) {
            let words = (0..<5).map { page.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) }
            guard words[0] == Self.magic else { return nil }
            self.init(version: words[1], weights: words[2], bytes: words[3], checksum: words[4])
        }

        func withBytes(_ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
            var words = [UInt64](repeating: 0, count: Self.size / 8)
            words.replaceSubrange(0..<5, with: [Self.magic, version, weights, bytes, checksum])
            return words.withUnsafeBytes(body)
        }
    }
}
