@testable import ElkSpeech

extension TinyModel {
    struct CTranslate2Options {
        var kind = ElementKind.float16
        var version: UInt32 = 6
        var specification = "WhisperSpec"
        /// Stores the embedding as the projection, with an alias for its usual name.
        var aliasesEmbedding = false
        var leavesOut: Set<String> = []
        /// Another type number for one variable.
        var types: [String: UInt8] = [:]
    }

    /// `model.bin`; matrices take the kind of the options, the rest is f32 when that is an integer kind.
    func ctranslate2(_ options: CTranslate2Options = CTranslate2Options()) -> [UInt8] {
        var writer = ByteWriter()
        writer.put(options.version)
        writer.put(name: options.specification)
        let variables = variables(options).filter { !options.leavesOut.contains($0.name) }
        writer.put(3 as UInt32, UInt32(variables.count))
        for variable in variables {
            writer.put(name: variable.name)
            writer.put(UInt8(variable.dimensions.count))
            for size in variable.dimensions { writer.put(UInt32(size)) }
            if options.version >= 4 {
                writer.put(options.types[variable.name] ?? variable.type)
                writer.put(UInt32(variable.data.count))
            } else {
                let size = [0: 4, 1: 1, 2: 2][variable.type] ?? 0
                writer.put(UInt8(size))
                writer.put(UInt32(variable.data.count / size))
            }
            writer.bytes += variable.data
        }
        guard options.version >= 3 else { return writer.bytes }
        writer.put(1 as UInt32)
        let names = ["decoder/projection/weight", "decoder/embeddings/weight"]
        for name in options.aliasesEmbedding ? names.reversed() : names { writer.put(name: name) }
        return writer.bytes
    }

    private struct Variable {
        var name: String
        var dimensions: [Int]
        var type: UInt8
        var data: [UInt8]
    }

    private func variables(_ options: CTranslate2Options) -> [Variable] {
        var variables = [
            Variable(name: "encoder/num_heads", dimensions: [], type: 2, data: [UInt8(shape.encoderHeads), 0]),
            Variable(name: "decoder/num_heads", dimensions: [], type: 1, data: [UInt8(shape.decoderHeads)]),
        ]
        func add(_ name: String, _ parts: [String]) {
            let known = parts.compactMap { tensors[$0] }
            guard let first = known.first else { return }
            // Keys have no bias: CTranslate2 stores zeros.
            let zeros = [Float](repeating: 0, count: shape.width)
            let values = parts.flatMap { tensors[$0]?.values ?? zeros }
            let dimensions = [first.dimensions[0] * parts.count] + first.dimensions.dropFirst()
            let isInteger = options.kind == .int8 || options.kind == .int16
            let kind = isInteger && dimensions.count < 2 ? .float32 : options.kind
            let types: [ElementKind: UInt8] = [.float32: 0, .int8: 1, .int16: 2, .float16: 4, .bfloat16: 5]
            var writer = ByteWriter()
            writer.put(values, as: kind)
            variables.append(Variable(name: name, dimensions: dimensions, type: types[kind] ?? 0, data: writer.bytes))
            guard isInteger, dimensions.count > 1 else { return }
            let scales = options.kind == .int8 ? dimensions[0] : 1
            var scale = ByteWriter()
            scale.put([Float](repeating: 64, count: scales), as: .float32)
            let shape = options.kind == .int8 ? [scales] : []
            variables.append(Variable(name: name + "_scale", dimensions: shape, type: 0, data: scale.bytes))
        }

        let embedding = options.aliasesEmbedding ? "decoder/projection/weight" : "decoder/embeddings/weight"
        add(embedding, ["decoder.token_embedding.weight"])
        for side in ["encoder", "decoder"] {
            add("\(side)/position_encodings/encodings", ["\(side).positional_embedding"])
            let last = side == "encoder" ? "encoder.ln_post" : "decoder.ln"
            add("\(side)/layer_norm/gamma", [last + ".weight"])
            add("\(side)/layer_norm/beta", [last + ".bias"])
            for layer in 0..<(side == "encoder" ? shape.encoderLayers : shape.decoderLayers) {
                let block = "\(side).blocks.\(layer)."
                for (module, parts) in Self.modules {
                    let isNorm = module.hasSuffix("layer_norm")
                    for (leaf, target) in isNorm ? [("gamma", "weight"), ("beta", "bias")] : Self.leaves {
                        add("\(side)/layer_\(layer)/\(module)/\(leaf)", parts.map { block + $0 + "." + target })
                    }
                }
            }
        }
        for name in ["conv1/weight", "conv1/bias", "conv2/weight", "conv2/bias"] {
            add("encoder/" + name, ["encoder." + name.split(separator: "/").joined(separator: ".")])
        }
        return variables
    }

    private static let leaves = [("weight", "weight"), ("bias", "bias")]
    private static let modules = [
        ("self_attention/layer_norm", ["attn_ln"]),
        ("self_attention/linear_0", ["attn.query", "attn.key", "attn.value"]),
        ("self_attention/linear_1", ["attn.out"]),
        ("attention/layer_norm", ["cross_attn_ln"]),
        ("attention/linear_0", ["cross_attn.query"]),
        ("attention/linear_1", ["cross_attn.key", "cross_attn.value"]),
        ("attention/linear_2", ["cross_attn.out"]),
        ("ffn/layer_norm", ["mlp_ln"]),
        ("ffn/linear_0", ["mlp.0"]),
        ("ffn/linear_1", ["mlp.2"]),
    ]
}

extension ByteWriter {
    /// A CTranslate2 string: length with its final zero.
    mutating func put(name: String) {
        put(UInt16(name.utf8.count + 1))
        put(text: name)
        put(0 as UInt8)
    }
}
