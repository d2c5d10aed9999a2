import CKernels

/// Keys and values of the decoder's own tokens.
///
/// Every position has one slot a row. A row remembers which slot each of its positions lies in, so that a beam can change its
/// parent by copying a few hundred bytes of slot numbers instead of megabytes of keys and values.
struct SelfCache {
    /// Positions filled in every row.
    private(set) var length = 0
    private let shape: WhisperShape
    private var slots: Int
    /// Halves of shape [layers][slots][textContext][width]: a prompt, which has one row, only touches the first slot's pages.
    private var keys: AlignedMemory<UInt16>
    private var values: AlignedMemory<UInt16>
    /// Shape [rows][textContext].
    private var table: [UInt8]
    private var rowCount = 1

    init(_ shape: WhisperShape, slots: Int) {
        self.shape = shape
        self.slots = slots
        let size = shape.decoderLayers * shape.textContext * slots * shape.width
        keys = AlignedMemory(size)
        values = AlignedMemory(size)
        table = Array(repeating: 0, count: slots * shape.textContext)
    }

    /// Gives the memory of what was decoded back, which would otherwise grow to the longest text ever seen.
    mutating func discard() {
        restart()
        keys.discard()
        values.discard()
    }

    mutating func restart() {
        length = 0
        rowCount = 1
        for index in 0..<shape.textContext { table[index] = 0 }
    }

    /// Lets `count` rows continue from the only row.
    mutating func fork(into count: Int) {
        if count > slots { grow(to: count) }
        let first = Array(table[0..<length])
        for row in 1..<max(1, count) {
            table.replaceSubrange(row * shape.textContext..<row * shape.textContext + length, with: first)
        }
        rowCount = count
    }

    mutating func rearrange(_ sources: [Int]) {
        let old = table
        for (row, source) in sources.enumerated() where row != source {
            let from = source * shape.textContext
            table.replaceSubrange(
                row * shape.textContext..<row * shape.textContext + length,
                with: old[from..<from + length]
            )
        }
        rowCount = sources.count
    }

    /// Makes room for new tokens: each goes to the slot of its row.
    mutating func extend(rows: [Int32], positions: [Int32]) {
        for (row, position) in zip(rows, positions) {
            table[Int(row) * shape.textContext + Int(position)] = UInt8(row)
            length = max(length, Int(position) + 1)
        }
    }

    /// Copies keys and values out of `qkv` [count, 3 · width].
    func store(_ qkv: UnsafePointer<Float>, rows: [Int32], positions: [Int32], layer: Int) {
        let width = shape.width
        for index in rows.indices {
            let cell = ((layer * slots + Int(rows[index])) * shape.textContext + Int(positions[index])) * width
            elk_to_half(qkv + index * 3 * width + width, keys[cell], width)
            elk_to_half(qkv + index * 3 * width + 2 * width, values[cell], width)
        }
    }

    /// Attends from the queries in `qkv` [count, 3 · width] to all positions up to each query's own.
    func attend(
        _ qkv: UnsafePointer<Float>,
        rows: [Int32],
        positions: [Int32],
        layer: Int,
        into output: UnsafeMutablePointer<Float>,
        pool: ThreadPool
    ) {
        let start = layer * shape.textContext * slots * shape.width
        rows.withUnsafeBufferPointer { rows in
            positions.withUnsafeBufferPointer { positions in
                table.withUnsafeBufferPointer { table in
                    guard let rowBase = rows.baseAddress, let positionBase = positions.baseAddress,
                        let tableBase = table.baseAddress
                    else { return }
                    var job = elk_self_attention_job(
                        queries: qkv,
                        ldq: 3 * shape.width,
                        count: Int32(rows.count),
                        rows: rowBase,
                        positions: positionBase,
                        cache_keys: keys[start],
                        cache_values: values[start],
                        slot_table: tableBase,
                        text_context: Int32(shape.textContext),
                        heads: Int32(shape.decoderHeads),
                        output: output
                    )
                    elk_self_attention(pool.handle, &job)
                }
            }
        }
    }

    /// More slots a position; what the first row holds moves along.
    private mutating func grow(to count: Int) {
        var larger = SelfCache(shape, slots: count)
        for layer in 0..<shape.decoderLayers {
            for position in 0..<length {
                let slot = layer * slots + Int(table[position])
                let old = (slot * shape.textContext + position) * shape.width
                let new = (layer * count * shape.textContext + position) * shape.width
                larger.keys[new].update(from: keys[old], count: shape.width)
                larger.values[new].update(from: values[old], count: shape.width)
            }
        }
        larger.length = length
        self = larger
    }
}
