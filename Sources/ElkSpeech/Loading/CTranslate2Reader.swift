/// Reads a CTranslate2 `model.bin`, binary versions 2 to 6 (SP 2.20.1).
struct CTranslate2Reader {
    private struct Variable {
        /// nil for a type that no weight has.
        var kind: ElementKind?
        var dimensions: [Int]
        var range: Range<Int>
    }

    private let file: MappedFile
    private var reader: ByteReader
    private var variables: [String: Variable] = [:]
    /// Alias to the variable it stands for.
    private var aliases: [String: String] = [:]

    static func read(_ file: MappedFile) throws(ModelError) -> ModelContents {
        var reader = CTranslate2Reader(file)
        try reader.readVariables()
        return try reader.contents()
    }

    private init(_ file: MappedFile) {
        self.file = file
        reader = ByteReader(file)
    }

    private mutating func readVariables() throws(ModelError) {
        let version = try reader.count("the version")
        guard 2...6 ~= version else {
            throw file.fault("has CTranslate2 binary version \(version), versions 2 to 6 are known")
        }
        let specification = try name()
        guard specification == "WhisperSpec" else {
            throw file.fault("is a CTranslate2 model of kind \(specification), not WhisperSpec")
        }
        _ = try reader.count("the revision")
        let count = try reader.count("the number of variables")
        for index in 0..<count {
            let name = try name()
            let variable = try variable(name, version: version)
            guard variables.updateValue(variable, forKey: name) == nil else {
                throw file.fault("is damaged: variable \(index) of \(count) has the name of another, \(name)")
            }
        }
        // Files of version 2 end here.
        guard version >= 3 else { return }
        for _ in 0..<(try reader.count("the number of aliases")) {
            let alias = try name()
            aliases[alias] = try name()
        }
    }

    private mutating func name() throws(ModelError) -> String {
        let length = Int(try reader.integer(UInt16.self, "the length of a name"))
        guard length > 0 else { throw file.fault("is damaged: a name has no length at byte \(reader.offset)") }
        let text = try reader.text(length - 1, "a name")
        _ = try reader.take(1, of: "the end of a name")
        return text
    }

    private mutating func variable(_ name: String, version: Int) throws(ModelError) -> Variable {
        let rank = Int(try reader.integer(UInt8.self, "the rank of \(name)"))
        var dimensions: [Int] = []
        for _ in 0..<rank { dimensions.append(try reader.count("a dimension of \(name)")) }
        let kind: ElementKind?
        let byteCount: Int
        let tag = Int(try reader.integer(UInt8.self, "the type of \(name)"))
        if version >= 4 {
            kind = Self.kind(tag)
            byteCount = try reader.count("the size of \(name)")
        } else {
            // Before version 4 the tag is the size of an element.
            kind = [1: .int8, 2: .int16, 4: .float32][tag]
            byteCount = tag * (try reader.count("the size of \(name)"))
        }
        if let kind, StoredTensor.byteCount(kind, dimensions) != byteCount {
            throw file.fault("is damaged: \(name) \(dimensions) has \(byteCount) bytes of \(kind)")
        }
        return Variable(kind: kind, dimensions: dimensions, range: try reader.take(byteCount, of: name))
    }

    private static func kind(_ tag: Int) -> ElementKind? {
        [0: .float32, 1: .int8, 2: .int16, 4: .float16, 5: .bfloat16][tag]
    }

    private func contents() throws(ModelError) -> ModelContents {
        var contents = ModelContents(.ctranslate2, file)
        for name in Array(variables.keys) + Array(aliases.keys) {
            let targets = Self.targets(of: name)
            guard !targets.isEmpty else { continue }
            let tensor = try tensor(aliases[name] ?? name)
            for (index, target) in targets.enumerated() {
                guard let part = tensor.part(index, of: targets.count) else {
                    throw file.fault("has \(name) with dimensions \(tensor.dimensions), not \(targets.count) parts")
                }
                try contents.add(target, part)
            }
        }
        contents.encoderHeads = integer("encoder/num_heads")
        contents.decoderHeads = integer("decoder/num_heads")
        return contents
    }

    private func tensor(_ name: String) throws(ModelError) -> StoredTensor {
        guard let variable = variables[name] else {
            throw file.fault("is damaged: an alias names \(name), which is not there")
        }
        guard let kind = variable.kind else { throw file.fault("stores \(name) in a type that weights do not have") }
        let tensor = try StoredTensor(name, kind, variable.dimensions, at: variable.range.lowerBound, in: file)
        guard kind == .int8 || kind == .int16 else { return tensor }
        guard let scale = variables[name + "_scale"], scale.kind == .float32 else {
            throw file.fault("has no f32 scale for \(name)")
        }
        let scales = scale.range.count / 4
        let start = scale.range.lowerBound
        if scales == 1 {
            return tensor.scaled(by: .tensor(file.bytes.loadUnaligned(fromByteOffset: start, as: Float.self)))
        }
        guard scales == tensor.rows else {
            throw file.fault("has \(scales) scales for the \(tensor.rows) rows of \(name)")
        }
        return tensor.scaled(by: .rows(start))
    }

    /// Value of an integer scalar, if the file has it.
    private func integer(_ name: String) -> Int? {
        guard let variable = variables[name], variable.dimensions.allSatisfy({ $0 == 1 }) else { return nil }
        let bytes = file.bytes[variable.range]
        return switch variable.kind {
        case .int8: Int(Int8(bitPattern: bytes[bytes.startIndex]))
        case .int16: Int(file.bytes.loadUnaligned(fromByteOffset: bytes.startIndex, as: Int16.self))
        default: nil
        }
    }
}

extension CTranslate2Reader {
    /// Modules of a layer; several names are the equal parts of a fused one.
    private static let modules: [Substring: [String]] = [
        "self_attention/layer_norm": ["attn_ln"],
        "self_attention/linear_0": ["attn.query", "attn.key", "attn.value"],
        "self_attention/linear_1": ["attn.out"],
        "attention/layer_norm": ["cross_attn_ln"],
        "attention/linear_0": ["cross_attn.query"],
        "attention/linear_1": ["cross_attn.key", "cross_attn.value"],
        "attention/linear_2": ["cross_attn.out"],
        "ffn/layer_norm": ["mlp_ln"],
        "ffn/linear_0": ["mlp.0"],
        "ffn/linear_1": ["mlp.2"],
    ]

    private static let single: [String: String] = [
        "encoder/conv1/weight": "encoder.conv1.weight",
        "encoder/conv1/bias": "encoder.conv1.bias",
        "encoder/conv2/weight": "encoder.conv2.weight",
        "encoder/conv2/bias": "encoder.conv2.bias",
        "encoder/position_encodings/encodings": "encoder.positional_embedding",
        "encoder/layer_norm/gamma": "encoder.ln_post.weight",
        "encoder/layer_norm/beta": "encoder.ln_post.bias",
        "decoder/embeddings/weight": "decoder.token_embedding.weight",
        "decoder/position_encodings/encodings": "decoder.positional_embedding",
        "decoder/layer_norm/gamma": "decoder.ln.weight",
        "decoder/layer_norm/beta": "decoder.ln.bias",
    ]

    /// Names that a variable has in openai/whisper; none for what the network does not need.
    private static func targets(of name: String) -> [String] {
        if let target = single[name] { return [target] }
        let parts = name.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "encoder" || parts[0] == "decoder", parts[1].hasPrefix("layer_"),
            let layer = Int(parts[1].dropFirst(6)), let slash = parts[2].lastIndex(of: "/"),
            let modules = modules[parts[2][..<slash]]
        else { return [] }
        let leaf: String
        switch parts[2][slash...] {
        case "/weight", "/gamma": leaf = "weight"
        case "/bias", "/beta": leaf = "bias"
        default: return []
        }
        return modules.map { "\(parts[0]).blocks.\(layer).\($0).\(leaf)" }
    }
}
