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
    private let tensors: [String: StoredTensor]

    /// Opens a folder with a model in it, or a single weight file.
    ///
    /// - Throws: `ModelError` that names the file and what is wrong with it.
    package static func open(_ path: String) throws(ModelError) -> WeightFile {
        throw ModelError("\(path): no reader yet")
    }

    init(shape: WhisperShape, format: WeightFormat, vocabulary: [[UInt8]], alignmentHeads: [AlignmentHead]?, tensors: [String: StoredTensor]) {
        self.shape = shape
        self.format = format
        self.vocabulary = vocabulary
        self.alignmentHeads = alignmentHeads
        self.tensors = tensors
    }

    /// Writes the values of `name` as Float, row-major, into `output`; only the given rows (first dimension) if asked.
    package func read(_ name: String, rows: Range<Int>? = nil, into output: UnsafeMutableBufferPointer<Float>) {
        preconditionFailure("no reader yet")
    }
}

public enum WeightFormat: String, Sendable {
    case safetensors
    case ctranslate2
    case ggml
}

struct StoredTensor: Sendable {}
