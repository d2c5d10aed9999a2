import ElkStorage
import Testing

struct SealingTests {
    private let sealing = Sealing(masterKey: Secret("0123456789abcdef0123456789abcdef"))

    @Test(arguments: ["", "x", "sk-ünï-💡", String(repeating: "k", count: 100_000)])
    func `what was sealed opens`(text: String) throws {
        let sealed = try sealing.seal(Secret(text), for: "channel 1")
        #expect(try sealing.open(sealed, for: "channel 1") == Secret(text))
    }

    @Test func `the same secret is never sealed the same`() throws {
        #expect(try sealing.seal(Secret("a"), for: "c") != sealing.seal(Secret("a"), for: "c"))
    }

    @Test func `it opens neither for another record nor under another key`() throws {
        let sealed = try sealing.seal(Secret("a"), for: "channel 1")
        let other = Sealing(masterKey: Secret("0123456789abcdef0123456789abcdeX"))
        #expect(throws: StorageError.self) { try sealing.open(sealed, for: "channel 2") }
        #expect(throws: StorageError.self) { try other.open(sealed, for: "channel 1") }
    }

    @Test func `a change of any byte and a cut at any length are noticed`() throws {
        let sealed = try sealing.seal(Secret("upstream key"), for: "c")
        for index in sealed.indices {
            var damaged = sealed
            damaged[index] ^= 1
            #expect(throws: StorageError.self) { try sealing.open(damaged, for: "c") }
            #expect(throws: StorageError.self) { try sealing.open(Array(sealed[..<index]), for: "c") }
        }
    }
}
