import Glibc
import Testing

@testable import ElkSpeech

/// Each test has a folder of its own, removed with the suite's instance.
final class PackedCacheTests {
    private let folder: String
    private let pool: ThreadPool
    private let payload = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    init() throws {
        folder = "/tmp/elk-packed-\(UInt64.random(in: .min ... .max))"
        pool = try ThreadPool(threads: 2)
        try #require(mkdir(folder, 0o700) == 0)
    }

    deinit {
        unlink(path)
        unlink(path + ".partial")
        rmdir(folder)
    }

    private var path: String { "\(folder)/packed-int8.elk" }

    private func cache(identity: UInt64 = 7) -> PackedCache {
        PackedCache(in: folder, identity: identity, precision: .int8)
    }

    private func save(_ cache: PackedCache) {
        payload.withUnsafeBytes { cache.save($0, pool: pool) }
    }

    private func overwrite(at offset: Int, _ bytes: [UInt8]) {
        let descriptor = open(path, O_WRONLY)
        #expect(pwrite(descriptor, bytes, bytes.count, offset) == bytes.count)
        close(descriptor)
    }

    @Test func `what was saved is read again`() throws {
        #expect(cache().load(pool: pool) == nil)
        save(cache())
        let region = try #require(cache().load(pool: pool))
        #expect(Array(region.buffer[PackedCache.payloadOffset...]) == payload)
    }

    @Test func `what a writer that was killed has left is written over`() throws {
        let descriptor = open(path + ".partial", O_WRONLY | O_CREAT, 0o644)
        #expect(write(descriptor, [UInt8](repeating: 1, count: 5_000_000), 5_000_000) == 5_000_000)
        close(descriptor)
        save(cache())
        let region = try #require(cache().load(pool: pool))
        #expect(Array(region.buffer[PackedCache.payloadOffset...]) == payload)
        #expect(access(path + ".partial", F_OK) != 0)
    }

    @Test func `while one writes no other does`() throws {
        let descriptor = open(path + ".partial", O_WRONLY | O_CREAT, 0o644)
        #expect(flock(descriptor, LOCK_EX) == 0)
        save(cache())
        #expect(cache().load(pool: pool) == nil)
        close(descriptor)
        save(cache())
        #expect(cache().load(pool: pool) != nil)
    }

    @Test func `a cache of other weights is not used`() {
        save(cache(identity: 7))
        #expect(cache(identity: 8).load(pool: pool) == nil)
    }

    @Test(arguments: [0, 8, 24, 4096, 4096 + 1_234_567, 4096 + 3_000_000])
    func `one changed byte anywhere makes it unusable`(offset: Int) {
        save(cache())
        overwrite(at: offset, [0xA5])
        #expect(cache().load(pool: pool) == nil)
    }

    @Test(arguments: [0, 1, 4095, 4096, 2_000_000])
    func `a file that was cut short is not used`(size: Int) {
        save(cache())
        #expect(truncate(path, size) == 0)
        #expect(cache().load(pool: pool) == nil)
    }

    @Test func `a folder that cannot be written to is left as it is`() {
        let nowhere = PackedCache(in: folder + "/missing", identity: 7, precision: .int8)
        save(nowhere)
        #expect(nowhere.load(pool: pool) == nil)
    }
}
