import Testing

@testable import ElkSpeech

struct LayerNormTests {
    @Test func `levelled channels and the weights behind them give the same product, rounded less`() throws {
        var model = TinyModel()
        let (norm, layer, width, rows) = ("encoder.blocks.0.attn_ln", "encoder.blocks.0.attn.out", 32, 48)
        model.tensors["\(norm).weight"]?.values = (0..<width).map { $0 % 4 == 0 ? 127 / 64 : 3 / 64 }
        model.tensors["\(norm).bias"]?.values = (0..<width).map { Float($0 % 3 - 1) / 64 }
        let file = try model.open(model.ctranslate2(.init(kind: .float32)))
        let pool = try ThreadPool(threads: 1)
        var random = Random(seed: 12)
        let x = random.floats(rows * width)

        func product(_ precision: WeightPrecision, isLevelled: Bool) -> [Float] {
            let arena = WeightArena(for: file, precision: precision, pool: pool)
            let linear = Linear(
                ["\(layer).weight"],
                biases: ["\(layer).bias"],
                norm: LayerNorm(norm, width: width, isLevelled: isLevelled, in: arena),
                outputs: width,
                inputs: width,
                in: arena
            )
            var y = [Float](repeating: 0, count: rows * width)
            linear.apply(to: x, rows: rows, into: &y, pool: pool)
            return y
        }
        let exact = product(.half, isLevelled: false)
        func error(isLevelled: Bool) -> Float {
            zip(product(.int8, isLevelled: isLevelled), exact).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                / exact.reduce(0) { $0 + $1 * $1 }
        }
        #expect(error(isLevelled: true) < 0.7 * error(isLevelled: false))
        #expect(error(isLevelled: true) < 1e-4)
    }
}
