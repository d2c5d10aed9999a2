@testable import ElkSpeech

extension TinyModel {
    /// A safetensors file of the tensors that `includes` picks.
    func safetensors(
        _ kind: ElementKind,
        prefix: String = "model.",
        includes: (String) -> Bool = { _ in true }
    ) -> [UInt8] {
        var entries = [#""__metadata__": {"format": "pt", "note": "a \"quoted\" {brace}"}"#]
        var data = ByteWriter()
        let types: [ElementKind: String] = [.float32: "F32", .float16: "F16", .bfloat16: "BF16"]
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) where includes(name) {
            let start = data.bytes.count
            data.put(tensor.values, as: kind)
            entries.append(
                """
                "\(prefix + Self.huggingFaceName(name))": {"dtype": "\(types[kind] ?? "")", \
                "shape": \(tensor.dimensions), "data_offsets": [\(start), \(data.bytes.count)]}
                """
            )
        }
        return Self.safetensors(header: "{" + entries.joined(separator: ", ") + "}  ", data: data.bytes)
    }

    static func safetensors(header: String, data: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.put(UInt64(header.utf8.count))
        writer.put(text: header)
        return writer.bytes + data
    }

    static func huggingFaceName(_ name: String) -> String {
        var result = name
        for (old, new) in Self.renamings { result.replace(old, with: new) }
        return result
    }

    private static let renamings = [
        ("encoder.positional_embedding", "encoder.embed_positions.weight"),
        ("decoder.positional_embedding", "decoder.embed_positions.weight"),
        ("decoder.token_embedding", "decoder.embed_tokens"),
        ("encoder.ln_post", "encoder.layer_norm"),
        ("decoder.ln", "decoder.layer_norm"),
        (".blocks.", ".layers."),
        (".cross_attn", ".encoder_attn"),
        (".attn", ".self_attn"),
        ("attn_ln", "attn_layer_norm"),
        (".query", ".q_proj"),
        (".key", ".k_proj"),
        (".value", ".v_proj"),
        ("attn.out", "attn.out_proj"),
        ("mlp_ln", "final_layer_norm"),
        ("mlp.0", "fc1"),
        ("mlp.2", "fc2"),
    ]
}
