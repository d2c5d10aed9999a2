/// Derives the shape of the network from its tensors and checks that every one it needs is there.
struct NetworkCheck {
    let contents: ModelContents
    let accepted: AcceptedShapes

    /// - Returns: the shape, and exactly the tensors that the network needs.
    func run() throws(ModelError) -> (shape: WhisperShape, tensors: [String: StoredTensor]) {
        let shape = try shape()
        var tensors: [String: StoredTensor] = [:]
        for (name, dimensions) in Self.tensors(of: shape) {
            let tensor = try tensor(name)
            guard tensor.dimensions == dimensions else {
                throw tensor.file.fault("has \(name) with dimensions \(tensor.dimensions), not \(dimensions)")
            }
            tensors[name] = tensor
        }
        return (shape, tensors)
    }

    private func tensor(_ name: String) throws(ModelError) -> StoredTensor {
        guard let tensor = contents.tensors[name] else {
            throw contents.file.fault("has no \(name), which a Whisper model needs")
        }
        return tensor
    }

    private func shape() throws(ModelError) -> WhisperShape {
        let convolution = try tensor("encoder.conv1.weight").dimensions
        let embedding = try tensor("decoder.token_embedding.weight").dimensions
        guard convolution.count == 3, embedding.count == 2 else {
            throw contents.file.fault("is not a Whisper model: conv1 is \(convolution), the embedding \(embedding)")
        }
        let width = convolution[0]
        var shape = WhisperShape(
            vocabulary: embedding[0],
            melBands: convolution[1],
            width: width,
            encoderHeads: contents.encoderHeads ?? width / 64,
            decoderHeads: contents.decoderHeads ?? contents.encoderHeads ?? width / 64,
            encoderLayers: try layers(in: "encoder"),
            decoderLayers: try layers(in: "decoder")
        )
        shape.audioContext = try tensor("encoder.positional_embedding").rows
        shape.textContext = try tensor("decoder.positional_embedding").rows
        try accept(shape)
        return shape
    }

    private func accept(_ shape: WhisperShape) throws(ModelError) {
        let file = contents.file
        guard accepted.vocabulary.contains(shape.vocabulary) else {
            throw file.fault("has \(shape.vocabulary) tokens, Whisper has 51864, 51865 or 51866")
        }
        guard accepted.melBands.contains(shape.melBands) else {
            throw file.fault("takes \(shape.melBands) mel bands, Whisper takes 80 or 128")
        }
        guard accepted.audioContext.contains(shape.audioContext), accepted.textContext.contains(shape.textContext)
        else {
            throw file.fault(
                "has \(shape.audioContext) audio and \(shape.textContext) text positions, Whisper has 1500 and 448"
            )
        }
        for heads in [shape.encoderHeads, shape.decoderHeads] where heads < 1 || shape.width % heads != 0 {
            throw file.fault("has a width of \(shape.width), which \(heads) heads do not divide")
        }
    }

    /// One more than the highest block number, so that a block missing in between is noticed.
    private func layers(in side: String) throws(ModelError) -> Int {
        let prefix = "\(side).blocks."
        var highest = -1
        for name in contents.tensors.keys where name.hasPrefix(prefix) {
            highest = max(highest, Int(name.dropFirst(prefix.count).prefix { $0 != "." }) ?? -1)
        }
        guard 0..<1000 ~= highest else { throw contents.file.fault("has no plausible number of \(side) blocks") }
        return highest + 1
    }

    /// Names and dimensions of everything a network of this shape consists of.
    static func tensors(of shape: WhisperShape) -> [(name: String, dimensions: [Int])] {
        let width = shape.width
        var all: [(name: String, dimensions: [Int])] = []
        func vectors(_ names: String...) {
            for name in names { all.append((name, [width])) }
        }
        func linear(_ name: String, _ output: Int, _ input: Int, bias: Bool = true) {
            all.append((name + ".weight", [output, input]))
            if bias { all.append((name + ".bias", [output])) }
        }
        func attention(_ name: String) {
            for part in ["query", "key", "value", "out"] {
                linear("\(name).\(part)", width, width, bias: part != "key")
            }
            vectors(name + "_ln.weight", name + "_ln.bias")
        }
        func block(_ name: String, crossAttention: Bool) {
            attention(name + ".attn")
            if crossAttention { attention(name + ".cross_attn") }
            linear(name + ".mlp.0", 4 * width, width)
            linear(name + ".mlp.2", width, 4 * width)
            vectors(name + ".mlp_ln.weight", name + ".mlp_ln.bias")
        }

        all.append(("encoder.conv1.weight", [width, shape.melBands, 3]))
        all.append(("encoder.conv2.weight", [width, width, 3]))
        vectors("encoder.conv1.bias", "encoder.conv2.bias", "encoder.ln_post.weight", "encoder.ln_post.bias")
        all.append(("encoder.positional_embedding", [shape.audioContext, width]))
        for layer in 0..<shape.encoderLayers { block("encoder.blocks.\(layer)", crossAttention: false) }
        all.append(("decoder.token_embedding.weight", [shape.vocabulary, width]))
        all.append(("decoder.positional_embedding", [shape.textContext, width]))
        for layer in 0..<shape.decoderLayers { block("decoder.blocks.\(layer)", crossAttention: true) }
        vectors("decoder.ln.weight", "decoder.ln.bias")
        return all
    }
}
