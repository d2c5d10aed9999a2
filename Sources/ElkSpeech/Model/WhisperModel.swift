import CKernels

/// The weights of a Whisper network, packed for this machine: load once, share between sessions.
public final class WhisperModel: Sendable {
    public let shape: WhisperShape
    public let format: WeightFormat
    public let tokenizer: Tokenizer
    /// Bytes of weights kept in memory.
    public var memory: Int { arena.used }
    let pool: ThreadPool
    private let arena: WeightArena
    let melFilters: MelFilters
    let encoder: EncoderWeights
    let decoder: DecoderWeights
    let alignmentHeads: [AlignmentHead]

    /// Loads the model in `path`, a folder or a single weight file in any supported format.
    ///
    /// - Parameters:
    ///   - precision: how weights are kept and multiplied.
    ///   - threads: threads that compute; 0 takes one a usable core.
    /// - Throws: `ModelError`, one sentence that names the file and what is wrong with it.
    public init(
        contentsOf path: String,
        precision: WeightPrecision = .int8,
        threads: Int = 0
    ) throws(ModelError) {
        let file = try WeightFile.open(path)
        shape = file.shape
        guard shape.width == shape.encoderHeads * 64, shape.width == shape.decoderHeads * 64 else {
            throw ModelError("\(path): attention heads are \(shape.headWidth) wide; Whisper's are 64")
        }
        format = file.format
        tokenizer = try Tokenizer(vocabulary: file.vocabulary, size: shape.vocabulary)
        pool = try ThreadPool(threads: threads)
        melFilters = MelFilters(bands: shape.melBands)
        let packed = Self.packed(file, precision: precision, pool: pool)
        (arena, encoder, decoder) = (packed.arena, packed.encoder, packed.decoder)
        alignmentHeads =
            file.alignmentHeads
            ?? (shape.decoderLayers / 2..<shape.decoderLayers).flatMap { layer in
                (0..<file.shape.decoderHeads).map { AlignmentHead(layer: layer, head: $0) }
            }
    }

    private struct Packed {
        let arena: WeightArena
        let encoder: EncoderWeights
        let decoder: DecoderWeights

        init(_ shape: WhisperShape, in arena: WeightArena) {
            self.arena = arena
            encoder = EncoderWeights(shape, in: arena)
            decoder = DecoderWeights(shape, in: arena)
        }
    }

    /// The packed weights as an earlier run left them, or packed now and left for the next.
    private static func packed(_ file: WeightFile, precision: WeightPrecision, pool: ThreadPool) -> Packed {
        let cache = PackedCache(in: file.folder, identity: file.identity, precision: precision)
        if let region = cache.load(pool: pool) {
            let packed = Packed(
                file.shape,
                in: WeightArena(filled: region, offset: PackedCache.payloadOffset, precision: precision, pool: pool)
            )
            if packed.arena.fits { return packed }
        }
        file.prefetch()
        let packed = Packed(file.shape, in: WeightArena(for: file, precision: precision, pool: pool))
        packed.arena.seal()
        cache.save(packed.arena.contents, pool: pool)
        return packed
    }

    /// Checks that `path` holds a usable model without packing its weights.
    ///
    /// - Throws: `ModelError`, one sentence that names the file and what is wrong with it.
    public static func inspect(_ path: String) throws(ModelError) -> WhisperShape {
        try WeightFile.open(path).shape
    }
}

struct EncoderWeights: @unchecked Sendable {
    // Safe to share: see `Linear`.
    struct Layer: Sendable {
        /// Queries, keys and values in one: [3 · width, width], after the norm.
        let attentionInput: Linear
        let attentionOutput: Linear
        let expand: Linear
        let contract: Linear
    }

    let precision: elk_precision
    let convolution1: Linear
    let convolution2: Linear
    /// Shape [audioContext, width].
    let positions: UnsafePointer<Float>
    let layers: [Layer]
    let finalNorm: LayerNorm

    init(_ shape: WhisperShape, in arena: WeightArena) {
        let width = shape.width
        precision = arena.precision.kernels
        // Rounded less than the layers: they are a thirtieth of the work.
        let finer: WeightPrecision = arena.precision == .int8 ? .int16 : arena.precision
        convolution1 = Linear(
            convolution: "encoder.conv1",
            outputs: width,
            channels: shape.melBands,
            precision: finer,
            in: arena
        )
        convolution2 = Linear(
            convolution: "encoder.conv2",
            outputs: width,
            channels: width,
            precision: finer,
            in: arena
        )
        positions = arena.floats(["encoder.positional_embedding"], count: shape.audioContext * width)
        layers = (0..<shape.encoderLayers).map { index in
            let block = BlockReader(
                prefix: "encoder.blocks.\(index)",
                width: width,
                levelsNorms: true,
                arena: arena
            )
            return Layer(
                attentionInput: block.fused("attn", ["query", "key", "value"], norm: "attn_ln"),
                attentionOutput: block.linear("attn.out"),
                expand: block.linear("mlp.0", norm: "mlp_ln", outputs: 4 * width),
                contract: block.linear("mlp.2", inputs: 4 * width)
            )
        }
        finalNorm = LayerNorm("encoder.ln_post", width: width, in: arena)
    }
}

struct DecoderWeights: @unchecked Sendable {
    // Safe to share: see `Linear`.
    struct Layer: Sendable {
        /// Queries, keys and values in one: [3 · width, width], after the norm.
        let selfInput: Linear
        let selfOutput: Linear
        let crossQuery: Linear
        /// Keys and values of the encoder's output in one: [2 · width, width].
        let crossInput: Linear
        let crossOutput: Linear
        let expand: Linear
        let contract: Linear
    }

    /// With the last norm before the logits.
    let embedding: TokenEmbedding
    /// Shape [textContext, width].
    let positions: UnsafePointer<Float>
    let layers: [Layer]

    init(_ shape: WhisperShape, in arena: WeightArena) {
        let width = shape.width
        embedding = TokenEmbedding(
            "decoder.token_embedding.weight",
            norm: LayerNorm("decoder.ln", width: width, in: arena),
            size: shape.vocabulary,
            width: width,
            in: arena
        )
        positions = arena.floats(["decoder.positional_embedding"], count: shape.textContext * width)
        layers = (0..<shape.decoderLayers).map { index in
            let block = BlockReader(
                prefix: "decoder.blocks.\(index)",
                width: width,
                // The few rows of a step are rounded to 16 bits, which has no need of it.
                levelsNorms: false,
                arena: arena
            )
            return Layer(
                selfInput: block.fused("attn", ["query", "key", "value"], norm: "attn_ln"),
                selfOutput: block.linear("attn.out"),
                crossQuery: block.linear("cross_attn.query", norm: "cross_attn_ln"),
                crossInput: block.fused("cross_attn", ["key", "value"]),
                crossOutput: block.linear("cross_attn.out"),
                expand: block.linear("mlp.0", norm: "mlp_ln", outputs: 4 * width),
                contract: block.linear("mlp.2", inputs: 4 * width)
            )
        }
    }
}

/// Reads the parts of one transformer block.
private struct BlockReader {
    let prefix: String
    let width: Int
    let levelsNorms: Bool
    let arena: WeightArena

    func linear(_ name: String, norm: String? = nil, outputs: Int? = nil, inputs: Int? = nil) -> Linear {
        Linear(
            ["\(prefix).\(name).weight"],
            biases: ["\(prefix).\(name).bias"],
            norm: norm.map(self.norm),
            outputs: outputs ?? width,
            inputs: inputs ?? width,
            in: arena
        )
    }

    private func norm(_ name: String) -> LayerNorm {
        LayerNorm("\(prefix).\(name)", width: width, isLevelled: levelsNorms, in: arena)
    }

    /// Stacks projections of one attention; keys have no bias.
    func fused(_ attention: String, _ names: [String], norm: String? = nil) -> Linear {
        Linear(
            names.map { "\(prefix).\(attention).\($0).weight" },
            biases: names.map { $0 == "key" ? nil : "\(prefix).\(attention).\($0).bias" },
            norm: norm.map(self.norm),
            outputs: names.count * width,
            inputs: width,
            in: arena
        )
    }
}
