/// Byte-pair merging: neighbours whose joined bytes are a token are merged, lowest id first, leftmost first among equals.
///
/// The id stands for the merge rank: both published vocabularies list their merges in rank order after the 256 bytes.
struct BytePairs: Sendable {
    private let vocabulary: Vocabulary
    /// Open addressing, at most half full: id + 1, or 0 where nothing is stored.
    private var slots: [Int32]
    private let mask: Int
    private var longest = 0

    init(_ vocabulary: Vocabulary) {
        self.vocabulary = vocabulary
        var capacity = 512
        while capacity < vocabulary.count * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = [Int32](repeating: 0, count: capacity)
        for id in 0..<vocabulary.count {
            let range = vocabulary.range(of: id)
            // The multilingual vocabulary ends in an empty piece, which no text produces.
            guard !range.isEmpty, let entry = Int32(exactly: id + 1) else { continue }
            let slot = slot(of: vocabulary.bytes, range)
            guard slots[slot] == 0 else { continue }
            slots[slot] = entry
            longest = max(longest, range.count)
        }
    }

    /// Appends the ids of one piece.
    ///
    /// Bytes that the vocabulary does not hold are left out. Takes n log n steps for n bytes, whatever they are.
    func encode(_ piece: [UInt8], into ids: inout [Int]) {
        if let whole = id(of: piece, piece.indices) {
            ids.append(whole)
            return
        }
        var symbols = SymbolChain(count: piece.count)
        var queue = MergeQueue()
        // The id that the symbol at an offset would form with its right neighbour; nil once merged away.
        var merged = [Int?](repeating: nil, count: piece.count)
        func offer(_ start: Int) {
            guard let range = symbols.pair(at: start), let id = id(of: piece, range) else {
                merged[start] = nil
                return
            }
            merged[start] = id
            queue.insert(.init(id: id, start: start))
        }
        for start in piece.indices { offer(start) }
        while let next = queue.popFirst() {
            // Entries are not removed when their pair changes; they are passed over here.
            guard merged[next.start] == next.id else { continue }
            merged[symbols.end(of: next.start)] = nil
            symbols.join(at: next.start)
            offer(next.start)
            if let left = symbols.left(of: next.start) { offer(left) }
        }
        var start = 0
        while start < piece.count {
            let end = symbols.end(of: start)
            if let id = id(of: piece, start..<end) { ids.append(id) }
            start = end
        }
    }

    private func id(of bytes: [UInt8], _ range: Range<Int>) -> Int? {
        guard range.count <= longest else { return nil }
        let entry = slots[slot(of: bytes, range)]
        return entry == 0 ? nil : Int(entry) - 1
    }

    /// The slot that holds these bytes, or the free one where they belong.
    private func slot(of bytes: [UInt8], _ range: Range<Int>) -> Int {
        // FNV-1a; the upper bits are folded in because only the lower ones choose the slot.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in range { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        var slot = Int(truncatingIfNeeded: hash ^ (hash >> 32)) & mask
        while slots[slot] != 0 {
            let stored = vocabulary.range(of: Int(slots[slot]) - 1)
            if stored.count == range.count, vocabulary.bytes[stored].elementsEqual(bytes[range]) { break }
            slot = (slot + 1) & mask
        }
        return slot
    }
}

/// The symbols of a piece as a list linked by offset: each covers the bytes from its start to its end.
private struct SymbolChain {
    private var ends: [Int]
    private var starts: [Int]

    init(count: Int) {
        ends = Array(1..<(count + 1))
        starts = Array(-1..<(count - 1))
    }

    func end(of start: Int) -> Int { ends[start] }

    func left(of start: Int) -> Int? { start == 0 ? nil : starts[start] }

    /// The bytes of the symbol at `start` and of the one after it.
    func pair(at start: Int) -> Range<Int>? {
        let middle = ends[start]
        return middle < ends.count ? start..<ends[middle] : nil
    }

    mutating func join(at start: Int) {
        let end = ends[ends[start]]
        ends[start] = end
        if end < starts.count { starts[end] = start }
    }
}

/// A binary heap of merges, the lowest id first and the leftmost among equals.
private struct MergeQueue {
    struct Merge: Comparable {
        let id: Int
        let start: Int

        static func < (left: Merge, right: Merge) -> Bool {
            left.id != right.id ? left.id < right.id : left.start < right.start
        }
    }

    private var heap: [Merge] = []

    mutating func insert(_ merge: Merge) {
        heap.append(merge)
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func popFirst() -> Merge? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            if least == parent { return first }
            heap.swapAt(least, parent)
            parent = least
        }
    }
}
