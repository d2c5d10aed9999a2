import CKernels
import Testing

@testable import ElkSpeech

extension KernelTests {
    @Test(arguments: levels, [1, 30])
    func `scores beyond the range of exponentials are attended to all the same`(level: elk_level, size: Float) throws {
        try Level.use(level) {
            let pool = try ThreadPool(threads: 1)
            // The only head's queries and keys point one way; the key at position 7 is the longest.
            let positions = 40
            var qkv = [Float](repeating: 0, count: positions * 192)
            for t in 0..<positions {
                for i in 0..<64 {
                    qkv[t * 192 + i] = size
                    qkv[t * 192 + 64 + i] = t == 7 ? 2 * size : size
                    qkv[t * 192 + 128 + i] = Float(t)
                }
            }
            let workspace = AlignedMemory<Float>(elk_attention_floats(Int32(positions), 1))
            var output = [Float](repeating: 0, count: positions * 64)
            elk_attention(pool.handle, ELK_INT8, qkv, nil, Int32(positions), 1, workspace.base, &output)
            // A score of 16 against 8, or of 14400 against 7200: all that matters is the longest, but for 39 · e⁻⁸ in the first case.
            for value in output { #expect(abs(value - 7) < (size == 1 ? 0.2 : 0.01)) }
        }
    }

    @Test(arguments: levels, precisions)
    func `encoder attention equals the plain formula`(level: elk_level, precision: elk_precision) throws {
        try checkAttention(level, precision, counts: nil)
    }

    @Test(arguments: levels, [ELK_INT8, ELK_HALF])
    func `a position that stands for others counts as often in encoder attention`(
        level: elk_level,
        precision: elk_precision
    ) throws {
        try checkAttention(level, precision, counts: (0..<77).map { $0 < 50 ? 1 : 2 + $0 % 15 })
    }

    private func checkAttention(_ level: elk_level, _ precision: elk_precision, counts: [Int]?) throws {
        let logCounts = counts?.map { Float(log(Double($0))) }
        try Level.use(level) {
            let pool = try ThreadPool(threads: 2)
            var random = Random(seed: 5)
            let (positions, heads) = (77, 2)
            let width = heads * 64
            var qkv = random.floats(positions * 3 * width)
            // A query of zeros looks at all positions alike, or as often as they count.
            for i in 0..<width { qkv[3 * 3 * width + i] = 0 }
            let workspace = AlignedMemory<Float>(elk_attention_floats(Int32(positions), Int32(heads)))
            var output = [Float](repeating: 0, count: positions * width)
            elk_attention(
                pool.handle,
                precision,
                qkv,
                logCounts,
                Int32(positions),
                Int32(heads),
                workspace.base,
                &output
            )
            for position in 0..<positions {
                for head in 0..<heads {
                    let expected = attention(
                        query: Array(qkv[position * 3 * width + head * 64..<position * 3 * width + head * 64 + 64]),
                        keys: (0..<positions).map {
                            Array(qkv[$0 * 3 * width + width + head * 64..<$0 * 3 * width + width + head * 64 + 64])
                        },
                        values: (0..<positions).map {
                            Array(
                                qkv[
                                    $0 * 3 * width + 2 * width + head * 64..<$0 * 3 * width + 2 * width + head * 64 + 64
                                ]
                            )
                        },
                        counts: counts
                    )
                    // Rounded to 16-bit integers but for ELK_HALF.
                    let tolerance = precision == ELK_HALF ? 1e-5 : 3e-4
                    for i in 0..<64 {
                        #expect(abs(expected[i] - Double(output[position * width + head * 64 + i])) < tolerance)
                    }
                }
            }
        }
    }

    @Test(arguments: levels, [(ELK_HALF, false), (ELK_HALF, true), (ELK_INT8, false), (ELK_INT8, true)])
    func `cross-attention equals the plain formula and hands out its scores`(
        level: elk_level,
        layout: (precision: elk_precision, isShared: Bool)
    ) throws {
        let (precision, isShared) = layout
        // Rounding keys and values moves a score by a few thousandths, and what is looked up by as much.
        let tolerance = precision == ELK_HALF ? (output: 2e-3, scores: 5e-3) : (output: 1e-2, scores: 1e-2)
        try Level.use(level) {
            let pool = try ThreadPool(threads: 2)
            var random = Random(seed: 6)
            // More than one block of positions, and a panel of them that is not full.
            let (positions, heads) = (110, 2)
            let width = heads * 64
            let counts = (0..<positions).map { $0 < 70 ? 1 : 2 + $0 % 15 }
            let logCounts = AlignedMemory<Float>(positions)
            for (index, count) in counts.enumerated() { logCounts[index].pointee = logf(Float(count)) }
            // Keys are the states themselves, values those read backwards.
            let keys = random.floats(positions * width)
            let values = (0..<positions).flatMap { keys[$0 * width..<($0 + 1) * width].reversed() }
            let weights = (0..<2 * width * width).map { index -> Float in
                let (row, column) = (index / width, index % width)
                return column == (row < width ? row : 2 * width - 1 - row) ? 1 : 0
            }
            let projection = Packed(weights, outputs: 2 * width, inputs: width, precision: ELK_HALF)
            let packed = AlignedMemory<UInt8>(elk_cross_bytes(precision, Int32(positions), Int32(heads)))
            projection.project(
                keys,
                positions: positions,
                heads: heads,
                precision: precision,
                into: packed.base,
                pool: pool
            )
            for rows in [1, 5, 13] {
                let queries = random.floats(rows * width)
                var output = [Float](repeating: 0, count: rows * width)
                var scores = [Float](repeating: 0, count: rows * positions)
                let slots: [Int32] = [-1, 0]
                queries.withUnsafeBufferPointer { queries in
                    output.withUnsafeMutableBufferPointer { output in
                        scores.withUnsafeMutableBufferPointer { scores in
                            slots.withUnsafeBufferPointer { slots in
                                guard let first = queries.baseAddress, let target = output.baseAddress else { return }
                                let job = elk_cross_attention_job(
                                    queries: first,
                                    rows: Int32(rows),
                                    precision: precision,
                                    packed: packed.base,
                                    log_counts: isShared ? logCounts.base : nil,
                                    positions: Int32(positions),
                                    output: target,
                                    scores: scores.baseAddress,
                                    head_slots: slots.baseAddress
                                )
                                elk_cross_attention(pool.handle, [job], 1, Int32(heads))
                            }
                        }
                    }
                }
                for row in 0..<rows {
                    for head in 0..<heads {
                        let query = Array(queries[row * width + head * 64..<row * width + head * 64 + 64])
                        let headKeys = (0..<positions).map {
                            Array(keys[$0 * width + head * 64..<$0 * width + head * 64 + 64])
                        }
                        let expected = attention(
                            query: query,
                            keys: headKeys,
                            values: (0..<positions).map {
                                Array(values[$0 * width + head * 64..<$0 * width + head * 64 + 64])
                            },
                            counts: isShared ? counts : nil
                        )
                        for i in 0..<64 {
                            #expect(abs(expected[i] - Double(output[row * width + head * 64 + i])) < tolerance.output)
                        }
                        guard head == 1 else { continue }
                        for position in 0..<positions {
                            let score =
                                zip(query, headKeys[position]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / 8
                            #expect(abs(score - Double(scores[row * positions + position])) < tolerance.scores)
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: levels, [0, 40, 70])
    func `self-attention equals the plain formula, with a packed prompt and without`(level: elk_level, prompt: Int)
        throws
    {
        let pool = try ThreadPool(threads: 2)
        var random = Random(seed: 33)
        let (rows, heads, context) = (7, 2, 100)
        let width = heads * 64
        let positions = (0..<rows).map { Int32(75 + 3 * $0) }
        // Every position of a row lies in a slot of its own choice; those of the prompt in the first.
        let slots = (0..<rows * context).map { UInt8($0 % context < prompt ? 0 : ($0 / context + $0) % 3) }
        let keys = random.floats(3 * context * width)
        let values = random.floats(3 * context * width)
        let queries = random.floats(rows * width)
        let output = AlignedMemory<Float>(rows * width)
        Level.use(level) {
            let halves = (keys: AlignedMemory<UInt16>(keys.count), values: AlignedMemory<UInt16>(values.count))
            elk_to_half(keys, halves.keys.base, keys.count)
            elk_to_half(values, halves.values.base, values.count)
            let packed = AlignedMemory<UInt8>(elk_prompt_bytes(Int32(prompt), Int32(heads)))
            if prompt > 0 {
                elk_prompt_pack(pool.handle, keys, values, width, Int32(prompt), Int32(heads), packed.base)
            }
            let (numbers, last, table) = (memory((0..<rows).map { Int32($0) }), memory(positions), memory(slots))
            let first = memory(queries)
            let job = elk_self_attention_job(
                queries: first.base,
                ldq: width,
                count: Int32(rows),
                rows: numbers.base,
                positions: last.base,
                cache_keys: halves.keys.base,
                cache_values: halves.values.base,
                slot_table: table.base,
                prompt: packed.base,
                prompt_positions: Int32(prompt),
                text_context: Int32(context),
                heads: Int32(heads),
                output: output.base
            )
            withExtendedLifetime((halves, packed, numbers, last, table, first)) {
                elk_self_attention(pool.handle, [job], 1)
            }
        }
        for row in 0..<rows {
            for head in 0..<heads {
                let cells = (0...Int(positions[row])).map { position in
                    (Int(slots[row * context + position]) * context + position) * width + head * 64
                }
                let expected = attention(
                    query: Array(queries[row * width + head * 64..<row * width + head * 64 + 64]),
                    keys: cells.map { Array(keys[$0..<$0 + 64]) },
                    values: cells.map { Array(values[$0..<$0 + 64]) },
                    counts: nil
                )
                for i in 0..<64 {
                    let difference = abs(expected[i] - Double(output[row * width + head * 64 + i].pointee))
                    #expect(difference < (prompt > 0 ? 1e-2 : 2e-3))
                }
            }
        }
    }

    private func memory<Element>(_ values: [Element]) -> AlignedMemory<Element> {
        let memory = AlignedMemory<Element>(values.count)
        memory.base.update(from: values, count: values.count)
        return memory
    }

    private func attention(query: [Float], keys: [[Float]], values: [[Float]], counts: [Int]?) -> [Double] {
        let scores = keys.enumerated().map { index, key in
            Double(counts?[index] ?? 1) * exp(zip(query, key).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / 8)
        }
        let sum = scores.reduce(0, +)
        return (0..<64).map { i in zip(scores, values).reduce(0.0) { $0 + $1.0 / sum * Double($1.1[i]) } }
    }
}
