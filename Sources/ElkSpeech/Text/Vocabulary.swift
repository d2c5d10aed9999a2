/// The bytes of every ordinary token in id order, in one block.
package struct Vocabulary: Sendable {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []

    package init() {}

    package init(_ pieces: [[UInt8]]) {
        ends.reserveCapacity(pieces.count)
        for piece in pieces { append(piece) }
    }

    package mutating func append(_ piece: some Collection<UInt8>) {
        bytes.append(contentsOf: piece)
        ends.append(bytes.count)
    }

    package var count: Int { ends.count }

    /// Where the bytes of a token lie in the block; `id` must be in `0..<count`.
    func range(of id: Int) -> Range<Int> {
        (id == 0 ? 0 : ends[id - 1])..<ends[id]
    }
}
