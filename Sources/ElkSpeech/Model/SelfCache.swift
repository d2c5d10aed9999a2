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
    private var table: AlignedMemory<UInt8>
    private var rowCount = 1
    /// Keys and values of a prompt, which all rows go on from, once more in int8; nil where nothing is to be rounded.
    ///
    /// Each layer has room for all of `textContext`.
    private var prompt: AlignedMemory<UInt8>?
    /// Positions of it; 0 without one.
    private var promptLength = 0

    /// Shorter prompts are not worth it.
    private static let shortestPrompt = 32

    init(_ shape: WhisperShape, roundsPrompt: Bool) {
        self.init(shape, slots: 1)
        if roundsPrompt { prompt = AlignedMemory(shape.decoderLayers * Self.promptBytes(shape)) }
    }

    private init(_ shape: WhisperShape, slots: Int) {
        self.shape = shape
        self.slots = slots
        let size = shape.decoderLayers * shape.textContext * slots * shape.width
        keys = AlignedMemory(size)
        values = AlignedMemory(size)
        table = AlignedMemory(slots * shape.textContext)
    }

    private static func promptBytes(_ shape: WhisperShape) -> Int {
        elk_prompt_bytes(Int32(shape.textContext), Int32(shape.decoderHeads))
    }

    /// Gives the memory of what was decoded back, which would otherwise grow to the longest text ever seen.
    mutating func discard() {
        restart()
        keys.discard()
        values.discard()
        prompt?.discard()
    }

    mutating func restart() {
        length = 0
        rowCount = 1
        promptLength = 0
        table.base.update(repeating: 0, count: shape.textContext)
    }

    /// Lets `count` rows continue from the only row.
    mutating func fork(into count: Int) {
        if count > slots { grow(to: count) }
        for row in 1..<max(1, count) {
            table[row * shape.textContext].update(from: table.base, count: length)
        }
        rowCount = count
    }

    mutating func rearrange(_ sources: [Int]) {
        let old = Array(table.buffer)
        for (row, source) in sources.enumerated() where row != source {
            let target = row * shape.textContext
            for position in 0..<length { table[target + position].pointee = old[source * shape.textContext + position] }
        }
        rowCount = sources.count
    }

    /// Makes room for `count` new tokens: each goes to the slot of its row.
    mutating func extend(_ count: Int, rows: UnsafePointer<Int32>, positions: UnsafePointer<Int32>) {
        for index in 0..<count {
            table[Int(rows[index]) * shape.textContext + Int(positions[index])].pointee = UInt8(rows[index])
            length = max(length, Int(positions[index]) + 1)
        }
    }

    /// Copies keys and values out of `qkv` [count, 3 · width].
    func store(
        _ qkv: UnsafePointer<Float>,
        count: Int,
        rows: UnsafePointer<Int32>,
        positions: UnsafePointer<Int32>,
        layer: Int
    ) {
        let width = shape.width
        for index in 0..<count {
            let cell = ((layer * slots + Int(rows[index])) * shape.textContext + Int(positions[index])) * width
            elk_to_half(qkv + index * 3 * width + width, keys[cell], width)
            elk_to_half(qkv + index * 3 * width + 2 * width, values[cell], width)
        }
    }

    /// Rounds keys and values of a prompt's `count` tokens, out of `qkv` [count, 3 · width], for the steps to come.
    mutating func pack(_ qkv: UnsafePointer<Float>, count: Int, layer: Int, pool: ThreadPool) {
        guard let prompt, count >= Self.shortestPrompt else { return }
        let (width, heads) = (shape.width, Int32(shape.decoderHeads))
        let target = prompt[layer * Self.promptBytes(shape)]
        elk_prompt_pack(pool.handle, qkv + width, qkv + 2 * width, 3 * width, Int32(count), heads, target)
        promptLength = count
    }

    /// What attends from the queries in `qkv` [count, 3 · width] to all positions up to each query's own.
    ///
    /// Valid until the cache changes.
    func attention(
        _ qkv: UnsafePointer<Float>,
        count: Int,
        rows: UnsafePointer<Int32>,
        positions: UnsafePointer<Int32>,
        layer: Int,
        into output: UnsafeMutablePointer<Float>
    ) -> elk_self_attention_job {
        let start = layer * shape.textContext * slots * shape.width
        // The prompt's own tokens do not see all of it.
        let seen = Int(positions[0]) < promptLength ? 0 : promptLength
        return elk_self_attention_job(
            queries: qkv,
            ldq: 3 * shape.width,
            count: Int32(count),
            rows: rows,
            positions: positions,
            cache_keys: keys[start],
            cache_values: values[start],
            slot_table: table.base,
            prompt: prompt.map { UnsafeRawPointer($0[layer * Self.promptBytes(shape)]) },
            prompt_positions: Int32(seen),
            text_context: Int32(shape.textContext),
            heads: Int32(shape.decoderHeads),
            output: output
        )
    }

    /// More slots a position; what the first row holds moves along.
    private mutating func grow(to count: Int) {
        var larger = SelfCache(shape, slots: count)
        for layer in 0..<shape.decoderLayers {
            for position in 0..<length {
                let slot = layer * slots + Int(table[position].pointee)
                let old = (slot * shape.textContext + position) * shape.width
                let new = (layer * count * shape.textContext + position) * shape.width
                larger.keys[new].update(from: keys[old], count: shape.width)
                larger.values[new].update(from: values[old], count: shape.width)
            }
        }
        larger.length = length
        larger.prompt = prompt
        larger.promptLength = promptLength
        self = larger
    }
}
