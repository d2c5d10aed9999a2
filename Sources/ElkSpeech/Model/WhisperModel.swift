/// The weights of a Whisper network, packed for this machine: load once, share between sessions.
public final class WhisperModel: Sendable {
    public let shape: WhisperShape
    public let format: WeightFormat
    public let tokenizer: Tokenizer
    /// Bytes of weights kept in memory.
    public let memory: Int
    let pool: ThreadPool
    let melFilters: MelFilters
    let encoder: EncoderWeights
    let decoder: DecoderWeights
    let alignmentHeads: [AlignmentHead]

    /// Loads the model in `path`, a folder or a single weight file in any supported format.
    ///
    /// - Parameter threads: threads that compute; 0 takes one a usable core.
    /// - Throws: `ModelError`, one sentence that names the file and what is wrong with it.
    public init(contentsOf path: String, threads: Int = 0) throws(ModelError) {
        let file = try WeightFile.open(path)
        shape = file.shape
        guard shape.width == shape.encoderHeads * 64, shape.width == shape.decoderHeads * 64 else {
            throw ModelError("\(path): attention heads are \(shape.headWidth) wide; Whisper's are 64")
        }
        format = file.format
        tokenizer = try Tokenizer(vocabulary: file.vocabulary, size: shape.vocabulary)
        pool = try ThreadPool(threads: threads)
        melFilters = MelFilters(bands: shape.melBands)
        encoder = EncoderWeights(shape, from: file, pool: pool)
        decoder = DecoderWeights(shape, from: file, pool: pool)
        memory = encoder.bytes + decoder.bytes
        alignmentHeads =
            file.alignmentHeads
            ?? (shape.decoderLayers / 2..<shape.decoderLayers).flatMap { layer in
                (0..<file.shape.decoderHeads).map { AlignmentHead(layer: layer, head: $0) }
            }
    }

    /// Checks that `path` holds a usable model without packing its weights.
    ///
    /// - Throws: `ModelError`, one sentence that names the file and what is wrong with it.
    public static func inspect(_ path: String) throws(ModelError) -> WhisperShape {
        try WeightFile.open(path).shape
    }
}

struct EncoderWeights: Sendable {
    struct Layer: Sendable {
        let attentionNorm: LayerNorm
        /// Queries, keys and values in one: [3 · width, width].
        let attentionInput: Linear
        let attentionOutput: Linear
        let feedForwardNorm: LayerNorm
        let expand: Linear
        let contract: Linear
    }

    let convolution1: Linear
    let convolution2: Linear
    /// Shape [audioContext, width].
    let positions: AlignedMemory<Float>
    let layers: [Layer]
    let finalNorm: LayerNorm

    init(_ shape: WhisperShape, from file: WeightFile, pool: ThreadPool) {
        let width = shape.width
        convolution1 = Linear(
            convolution: "encoder.conv1",
            outputs: width,
            channels: shape.melBands,
            from: file,
            pool: pool
        )
        convolution2 = Linear(convolution: "encoder.conv2", outputs: width, channels: width, from: file, pool: pool)
        positions = AlignedMemory(shape.audioContext * width)
        file.read("encoder.positional_embedding", into: positions.buffer)
        layers = (0..<shape.encoderLayers).map { index in
            let parts = BlockReader(prefix: "encoder.blocks.\(index)", width: width, file: file, pool: pool)
            return Layer(
                attentionNorm: parts.norm("attn_ln"),
                attentionInput: parts.fused("attn", ["query", "key", "value"]),
                attentionOutput: parts.linear("attn.out"),
                feedForwardNorm: parts.norm("mlp_ln"),
                expand: parts.linear("mlp.0", outputs: 4 * width),
                contract: parts.linear("mlp.2", inputs: 4 * width)
            )
        }
        finalNorm = LayerNorm("encoder.ln_post", width: width, from: file)
    }

    var bytes: Int {
        convolution1.bytes + convolution2.bytes + positions.count * 4 + finalNorm.bytes
            + layers.reduce(0) {
                $0 + $1.attentionNorm.bytes + $1.attentionInput.bytes + $1.attentionOutput.bytes
                    + $1.feedForwardNorm.bytes + $1.expand.bytes + $1.contract.bytes
            }
    }
}

struct DecoderWeights: Sendable {
    struct Layer: Sendable {
        let selfNorm: LayerNorm
        /// Queries, keys and values in one: [3 · width, width].
        let selfInput: Linear
        let selfOutput: Linear
        let crossNorm: LayerNorm
        let crossQuery: Linear
        /// Keys and values of the encoder's output in one: [2 · width, width].
        let crossInput: Linear
        let crossOutput: Linear
        let feedForwardNorm: LayerNorm
        let expand: Linear
        let contract: Linear
    }

    /// [vocabulary, width]: looked up on the way in, multiplied with on the way out.
    let embedding: Linear
    /// Shape [textContext, width].
    let positions: AlignedMemory<Float>
    let layers: [Layer]
    let finalNorm: LayerNorm

    init(_ shape: WhisperShape, from file: WeightFile, pool: ThreadPool) {
        let width = shape.width
        embedding = Linear(
            ["decoder.token_embedding.weight"],
            biases: [nil],
            outputs: shape.vocabulary,
            inputs: width,
            from: file,
            pool: pool
        )
        positions = AlignedMemory(shape.textContext * width)
        file.read("decoder.positional_embedding", into: positions.buffer)
        layers = (0..<shape.decoderLayers).map { index in
            let parts = BlockReader(prefix: "decoder.blocks.\(index)", width: width, file: file, pool: pool)
            return Layer(
                selfNorm: parts.norm("attn_ln"),
                selfInput: parts.fused("attn", ["query", "key", "value"]),
                selfOutput: parts.linear("attn.out"),
                crossNorm: parts.norm("cross_attn_ln"),
                crossQuery: parts.linear("cross_attn.query"),
                crossInput: parts.fused("cross_attn", ["key", "value"]),
                crossOutput: parts.linear("cross_attn.out"),
                feedForwardNorm: parts.norm("mlp_ln"),
                expand: parts.linear("mlp.0", outputs: 4 * width),
                contract: parts.linear("mlp.2", inputs: 4 * width)
            )
        }
        finalNorm = LayerNorm("decoder.ln", width: width, from: file)
    }

    var bytes: Int {
        embedding.bytes + positions.count * 4 + finalNorm.bytes
            + layers.reduce(0) {
                $0 + $1.selfNorm.bytes + $1.selfInput.bytes + $1.selfOutput.bytes + $1.crossNorm.bytes
                    + $1.crossQuery.bytes + $1.crossInput.bytes + $1.crossOutput.bytes + $1.feedForwardNorm.bytes
                    + $1.expand.bytes + $1.contract.bytes
            }
    }
}

/// Reads the parts of one transformer block.
private struct BlockReader {
    let prefix: String
    let width: Int
    let file: WeightFile
    let pool: ThreadPool

    func norm(_ name: String) -> LayerNorm {
        LayerNorm("\(prefix).\(name)", width: width, from: file)
    }

    func linear(_ name: String, outputs: Int? = nil, inputs: Int? = nil) -> Linear {
        Linear(
            ["\(prefix).\(name).weight"],
            biases: ["\(prefix).\(name).bias"],
            outputs: outputs ?? width,
            inputs: inputs ?? width,
            from: file,
            pool: pool
        )
    }

    /// Stacks projections of one attention; keys have no bias.
    func fused(_ attention: String, _ names: [String]) -> Linear {
        Linear(
            names.map { "\(prefix).\(attention).\($0).weight" },
            biases: names.map { $0 == "key" ? nil : "\(prefix).\(attention).\($0).bias" },
            outputs: names.count * width,
            inputs: width,
            from: file,
            pool: pool
        )
    }
}
