/// The weights of a model on disk, in any supported format, seen through the tensor names of openai/whisper.
///
/// Opening maps the file and checks that every tensor the network needs is present with the right shape, so that reading
/// values afterwards cannot fail. Linear weights are [out, in], convolutions [out, in, 3], whatever the file stores.
///
/// Names: `encoder.conv1.weight`, `encoder.positional_embedding`, `encoder.blocks.N.attn.{query,key,value,out}.{weight,bias}`
/// (key has no bias), `encoder.blocks.N.attn_ln.{weight,bias}`, `.mlp.0`, `.mlp.2`, `.mlp_ln`, `encoder.ln_post`,
/// `decoder.token_embedding.weight`, `decoder.positional_embedding`, `decoder.blocks.N.{attn,cross_attn,…}`, `decoder.ln`.
package final class WeightFile: Sendable {
    package let shape: WhisperShape
    package let format: WeightFormat
    /// Bytes of the ordinary text tokens in id order, without special tokens (50256 English, 50257 multilingual).
    package let vocabulary: [[UInt8]]
    /// The heads the model's files name, or those of the official model with this shape, or nil.
    package let alignmentHeads: [AlignmentHead]?
    /// Folder that holds the weights.
    package let folder: String
    /// Changes when any weight file is another one: of sizes, times of change and samples of what is in them.
    package let identity: UInt64
    private let tensors: [String: StoredTensor]
    private let files: [MappedFile]

    /// Opens a folder with a model in it, or a single weight file (or the index of a sharded one).
    ///
    /// Content decides the format, not the name. Configuration and vocabulary are looked for beside the weights.
    ///
    /// - Throws: `ModelError` that names the file and what is wrong with it.
    package static func open(_ path: String) throws(ModelError) -> WeightFile {
        let (weights, companions) = try ModelFolder.locate(path)
        return try WeightFile(weights, beside: companions, accepting: .whisper)
    }

    /// Reads a model from memory; `files` are what would lie beside it, by name.
    package convenience init(
        bytes: UnsafeRawBufferPointer,
        beside files: [String: [UInt8]],
        accepting accepted: AcceptedShapes = .whisper
    ) throws(ModelError) {
        try self.init(MappedFile(contents: bytes, path: "model"), beside: .memory(files), accepting: accepted)
    }

    init(
        _ weights: MappedFile,
        beside companions: Companions,
        accepting accepted: AcceptedShapes
    ) throws(ModelError) {
        let contents =
            switch FileKind(weights) {
            case .ctranslate2: try CTranslate2Reader.read(weights)
            case .ggml: try GGMLReader.read(weights)
            case .safetensors: try SafetensorsReader.read(weights, beside: companions)
            case .json: try SafetensorsReader.read(index: weights, beside: companions)
            case .foreign(let reason): throw weights.fault(reason)
            }
        (shape, tensors) = try NetworkCheck(contents: contents, accepted: accepted).run()
        format = contents.format
        folder = String(weights.path.dropLast(weights.path.split(separator: "/").last?.count ?? 0))
        files = contents.tensors.values.reduce(into: [:]) { $0[$1.file.path] = $1.file }
            .sorted { $0.key < $1.key }.map(\.value)
        identity = files.reduce(0) { ($0 &* 31) &+ $1.fingerprint }
        vocabulary = try VocabularyFile(count: accepted.ordinaryTokens(of: shape.vocabulary))
            .find(embedded: contents.vocabulary, for: weights, beside: companions)
        alignmentHeads = try AlignmentHeads.find(for: shape, beside: companions)
    }

    /// Writes the values of `name` as Float, row-major, into `output`; only the given rows (first dimension) if asked.
    ///
    /// `output` has room for exactly these values. Any number of threads may read at the same time.
    ///
    /// - Precondition: the network of this shape has a tensor of this name, and the rows are inside it.
    package func read(_ name: String, rows: Range<Int>? = nil, into output: UnsafeMutableBufferPointer<Float>) {
        guard let tensor = tensors[name] else { preconditionFailure("no tensor \(name) in a Whisper network") }
        tensor.read(rows: rows ?? 0..<tensor.rows, into: output)
    }

    /// Dimensions of a tensor, slowest first; nil when the network has none of this name.
    package func dimensions(of name: String) -> [Int]? {
        tensors[name]?.dimensions
    }

    /// How the file stores a tensor; nil when the network has none of this name.
    package func elementKind(of name: String) -> ElementKind? {
        tensors[name]?.kind
    }

    /// Takes a tensor that has been read out of the resident set, so that a model does not count twice while it is packed.
    func release(_ name: String) {
        guard let tensor = tensors[name] else { return }
        tensor.file.releasePages(tensor.offset..<tensor.offset + tensor.byteCount)
    }

    /// Asks the kernel to read all of the weights ahead.
    func prefetch() {
        for file in files { file.prefetch() }
    }

    /// Names of all tensors, sorted.
    package var tensorNames: [String] { tensors.keys.sorted() }

    /// Bytes that all tensors take in the file.
    package var byteCount: Int { tensors.values.reduce(0) { $0 + $1.byteCount } }
}

public enum WeightFormat: String, Sendable {
    case safetensors
    case ctranslate2
    case ggml
}
