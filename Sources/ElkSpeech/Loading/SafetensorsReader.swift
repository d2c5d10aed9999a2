/// Reads Hugging Face checkpoints: one `.safetensors` file, or the shards that an index lists (SP 2.20.3).
struct SafetensorsReader {
    /// Headers of real models are below 200 kB.
    private static let largestHeader = 16 << 20

    private struct Entry {
        var name: String
        var type: [UInt8] = []
        var shape: [Int] = []
        var range = 0..<0
    }

    static func read(_ file: MappedFile, beside companions: Companions) throws(ModelError) -> ModelContents {
        var contents = ModelContents(.safetensors, file)
        try addTensors(of: file, to: &contents)
        try readHeads(companions, into: &contents)
        return contents
    }

    /// - Parameter index: a `model.safetensors.index.json`.
    static func read(index: MappedFile, beside companions: Companions) throws(ModelError) -> ModelContents {
        var shards: Set<String> = []
        var reader = JSONReader(index)
        try reader.members { reader, key throws(ModelError) in
            guard key.elementsEqual("weight_map".utf8) else { return }
            try reader.members { reader, _ throws(ModelError) in
                shards.insert(String(decoding: try reader.string(), as: UTF8.self))
            }
        }
        try reader.finish()
        guard !shards.isEmpty else { throw index.fault("is no index of safetensors files") }
        var contents = ModelContents(.safetensors, index)
        for shard in shards.sorted() {
            // A name with a slash could lead out of the folder.
            guard !shard.utf8.contains(UInt8(ascii: "/")), shard.hasSuffix(".safetensors") else {
                throw index.fault("names \(shard), which is no safetensors file of its folder")
            }
            guard let file = try companions.file(shard) else { throw index.fault("names \(shard), which is missing") }
            try addTensors(of: file, to: &contents)
        }
        try readHeads(companions, into: &contents)
        return contents
    }

    private static func addTensors(of file: MappedFile, to contents: inout ModelContents) throws(ModelError) {
        for (name, tensor) in try tensors(of: file, naming: target) { try contents.add(name, tensor) }
    }

    /// The tensors of one file in the order of their data.
    ///
    /// - Parameter naming: gives the name to return for one in the file, or nil to leave it out.
    static func tensors(
        of file: MappedFile,
        naming: (String) -> String?
    ) throws(ModelError) -> [(name: String, tensor: StoredTensor)] {
        var tensors: [(name: String, tensor: StoredTensor)] = []
        var reader = ByteReader(file)
        let length = try reader.integer(UInt64.self, "the length of the header")
        guard length <= largestHeader else { throw file.fault("is not a safetensors file: its header is too long") }
        let header = try reader.take(Int(length), of: "the header")
        var end = reader.offset
        for entry in try entries(file, header).sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
            let (start, startOverflow) = entry.range.lowerBound.addingReportingOverflow(reader.offset)
            let (stop, stopOverflow) = entry.range.upperBound.addingReportingOverflow(reader.offset)
            guard !startOverflow, !stopOverflow, stop <= file.bytes.count else {
                throw file.fault(
                    "is cut short or damaged: \(entry.name) ends at \(entry.range.upperBound) of \(reader.remaining) bytes"
                )
            }
            guard start >= end else { throw file.fault("is damaged: \(entry.name) overlaps another tensor") }
            end = stop
            guard let name = naming(entry.name) else { continue }
            guard let kind = kind(entry.type) else {
                let type = String(decoding: entry.type, as: UTF8.self)
                throw file.fault("stores \(entry.name) as \(type), weights are F32, F16 or BF16")
            }
            let tensor = try StoredTensor(entry.name, kind, entry.shape, at: start, in: file)
            guard tensor.byteCount == stop - start else {
                throw file.fault("is damaged: \(entry.name) \(entry.shape) has \(stop - start) bytes")
            }
            tensors.append((name, tensor))
        }
        return tensors
    }

    private static func entries(_ file: MappedFile, _ header: Range<Int>) throws(ModelError) -> [Entry] {
        var entries: [Entry] = []
        var reader = JSONReader(file, range: header)
        try reader.members { reader, key throws(ModelError) in
            if key.elementsEqual("__metadata__".utf8) { return }
            var entry = Entry(name: String(decoding: key, as: UTF8.self))
            var offsets: [Int] = []
            try reader.members { reader, key throws(ModelError) in
                switch String(decoding: key, as: UTF8.self) {
                case "dtype": entry.type = try reader.string()
                case "shape": entry.shape = try reader.integers()
                case "data_offsets": offsets = try reader.integers()
                default: break
                }
            }
            guard offsets.count == 2, 0 <= offsets[0], offsets[0] <= offsets[1] else {
                throw file.fault("is damaged: \(entry.name) lies at \(offsets)")
            }
            entry.range = offsets[0]..<offsets[1]
            entries.append(entry)
        }
        try reader.finish()
        return entries
    }

    private static func kind(_ type: [UInt8]) -> ElementKind? {
        ["F32": .float32, "F16": .float16, "BF16": .bfloat16][String(decoding: type, as: UTF8.self)]
    }

    /// Heads are not in the tensors, so they come from `config.json` when there is one.
    private static func readHeads(
        _ companions: Companions,
        into contents: inout ModelContents
    ) throws(ModelError) {
        guard let file = try companions.file("config.json") else { return }
        var reader = JSONReader(file)
        var encoderHeads: Int?
        var decoderHeads: Int?
        try reader.members { reader, key throws(ModelError) in
            switch String(decoding: key, as: UTF8.self) {
            case "encoder_attention_heads": encoderHeads = try reader.integer()
            case "decoder_attention_heads": decoderHeads = try reader.integer()
            default: break
            }
        }
        contents.encoderHeads = encoderHeads
        contents.decoderHeads = decoderHeads
    }
}

extension SafetensorsReader {
    private static let modules: [Substring: String] = [
        "self_attn.q_proj": "attn.query",
        "self_attn.k_proj": "attn.key",
        "self_attn.v_proj": "attn.value",
        "self_attn.out_proj": "attn.out",
        "self_attn_layer_norm": "attn_ln",
        "encoder_attn.q_proj": "cross_attn.query",
        "encoder_attn.k_proj": "cross_attn.key",
        "encoder_attn.v_proj": "cross_attn.value",
        "encoder_attn.out_proj": "cross_attn.out",
        "encoder_attn_layer_norm": "cross_attn_ln",
        "fc1": "mlp.0",
        "fc2": "mlp.2",
        "final_layer_norm": "mlp_ln",
    ]

    private static let single: [Substring: String] = [
        "encoder.conv1.weight": "encoder.conv1.weight",
        "encoder.conv1.bias": "encoder.conv1.bias",
        "encoder.conv2.weight": "encoder.conv2.weight",
        "encoder.conv2.bias": "encoder.conv2.bias",
        "encoder.embed_positions.weight": "encoder.positional_embedding",
        "encoder.layer_norm.weight": "encoder.ln_post.weight",
        "encoder.layer_norm.bias": "encoder.ln_post.bias",
        "decoder.embed_tokens.weight": "decoder.token_embedding.weight",
        "decoder.embed_positions.weight": "decoder.positional_embedding",
        "decoder.layer_norm.weight": "decoder.ln.weight",
        "decoder.layer_norm.bias": "decoder.ln.bias",
    ]

    /// Name of the tensor in openai/whisper, or nil for what the network does not need (the tied `proj_out`).
    private static func target(of name: String) -> String? {
        // A checkpoint of the bare network lacks the prefix.
        let path = name.hasPrefix("model.") ? name.dropFirst(6) : name[...]
        if let target = single[path] { return target }
        let parts = path.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "encoder" || parts[0] == "decoder", parts[1] == "layers",
            let layer = Int(parts[2]), let dot = parts[3].lastIndex(of: "."), let module = modules[parts[3][..<dot]]
        else { return nil }
        return "\(parts[0]).blocks.\(layer).\(module)\(parts[3][dot...])"
    }
}
