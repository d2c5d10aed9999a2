import Testing

@testable import ElkSpeech

struct DamagedModelTests {
    let model = TinyModel()

    private func refusal(_ bytes: [UInt8], beside companions: [String: [UInt8]]? = nil) -> String {
        do {
            _ = try model.open(bytes, beside: companions)
            return "opened"
        } catch {
            return error.description
        }
    }

    @Test func `a file that is cut anywhere is refused`() throws {
        // ggml has no count of its tensors and safetensors no end, but a missing tensor is missed.
        let files = [
            model.ctranslate2(), model.ctranslate2(.init(kind: .int8)), model.ggml(.q8_0),
            model.safetensors(.float16),
        ]
        for bytes in files {
            // Every cut near the start, where the structure is dense; coarser steps after.
            for count in Array(1..<600) + Array(stride(from: 600, to: bytes.count, by: 397)) + [bytes.count - 1] {
                #expect(refusal(Array(bytes[..<count])) != "opened", "cut to \(count) of \(bytes.count)")
            }
        }
    }

    @Test func `a bit that flips in the structure never traps`() {
        for bytes in [model.ctranslate2(.init(kind: .int8)), model.ggml(.q8_0), model.safetensors(.float16)] {
            for index in stride(from: 0, to: 700, by: 2) {
                for bit in [index % 8, 7] {
                    var damaged = bytes
                    damaged[index] ^= 1 << bit
                    _ = refusal(damaged)
                }
            }
        }
    }

    @Test func `what is no model is named`() {
        let cases = [
            ("<!DOCTYPE html><html><body>Not found", "model is a web page, not a model"),
            ("\n <html>", "model is a web page, not a model"),
            (
                "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
                "model is a Git LFS pointer: the weights themselves were not downloaded"
            ),
            ("GGUF\u{3}\0\0\0", "model is a GGUF file; Whisper models of whisper.cpp are in the older ggml format"),
            ("PK\u{3}\u{4}data", "model is a PyTorch or ZIP file; convert it to safetensors first"),
            ("nonsense", "model is not a Whisper model in safetensors, CTranslate2 or ggml format"),
            (#"{"error": "not found"}"#, "model is no index of safetensors files"),
        ]
        for (text, expected) in cases { #expect(refusal(Array(text.utf8)) == expected) }
    }

    @Test func `another network or a newer version of CTranslate2 is refused`() {
        #expect(
            refusal(model.ctranslate2(.init(specification: "TransformerSpec")))
                == "model is a CTranslate2 model of kind TransformerSpec, not WhisperSpec"
        )
        #expect(
            refusal(model.ctranslate2(.init(version: 7)))
                == "model has CTranslate2 binary version 7, versions 2 to 6 are known"
        )
    }

    @Test func `a missing tensor is named`() {
        #expect(
            refusal(model.ctranslate2(.init(leavesOut: ["decoder/layer_1/ffn/linear_0/bias"])))
                == "model has no decoder.blocks.1.mlp.0.bias, which a Whisper model needs"
        )
        #expect(
            refusal(model.ggml(.float16, leavesOut: ["encoder.blocks.0.attn_ln.weight"]))
                == "model has no encoder.blocks.0.attn_ln.weight, which a Whisper model needs"
        )
        #expect(
            refusal(model.safetensors(.float16) { $0 != "decoder.token_embedding.weight" })
                == "model has no decoder.token_embedding.weight, which a Whisper model needs"
        )
    }

    @Test func `a quantised weight without its scale is refused`() {
        let options = TinyModel.CTranslate2Options(kind: .int8, leavesOut: ["decoder/embeddings/weight_scale"])
        #expect(refusal(model.ctranslate2(options)) == "model has no f32 scale for decoder/embeddings/weight")
    }

    @Test func `a tensor of wrong dimensions is named`() {
        var other = model
        other.tensors["decoder.blocks.0.mlp.2.weight"] = ([32, 64], [Float](repeating: 0, count: 32 * 64))
        for bytes in [other.ctranslate2(), other.ggml(.float16), other.safetensors(.float16)] {
            #expect(
                refusal(bytes) == "model has decoder.blocks.0.mlp.2.weight with dimensions [32, 64], not [32, 128]"
            )
        }
    }

    @Test func `a type that weights do not have is refused`() {
        let name = "encoder/conv1/bias"
        #expect(
            refusal(model.ctranslate2(.init(types: [name: 9])))
                == "model stores encoder/conv1/bias in a type that weights do not have"
        )
        #expect(refusal(model.ggml(.float16, type: 14)).contains("in the unknown type 14"))
        let header = #"{"model.decoder.layer_norm.bias": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}}"#
        #expect(
            refusal(TinyModel.safetensors(header: header, data: [UInt8](repeating: 0, count: 8)))
                == "model stores model.decoder.layer_norm.bias as I64, weights are F32, F16 or BF16"
        )
    }

    @Test(arguments: [
        (#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 9]}}"#, "cut short or damaged: a ends at 9"),
        (#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 4]}}"#, "damaged: a lies at [8, 4]"),
        (#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [9223372036854775807, 9223372036854775807]}}"#, "cut"),
        (
            #"{"a": {"dtype": "F32", "data_offsets": [0, 6]}, "b": {"dtype": "F32", "data_offsets": [4, 8]}}"#,
            "damaged: b overlaps another tensor"
        ),
        (
            #"{"model.decoder.layer_norm.bias": {"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 8]}}"#,
            "impossible dimensions"
        ),
        (#"{"model.decoder.layer_norm.bias": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}"#, "the file has"),
        (#"{"model.decoder.layer_norm.bias": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}}"#, "has 8 bytes"),
        (#"{"a": "#, "is not the JSON that a model has"),
        (#"{"__metadata__": {}} x"#, "something after the end of the document"),
    ])
    func `a safetensors header that does not fit its data is refused`(header: String, expected: String) {
        let refusal = refusal(TinyModel.safetensors(header: header, data: [UInt8](repeating: 0, count: 8)))
        #expect(refusal.contains(expected), "\(refusal)")
    }

    @Test func `an index that leaves its folder or names a missing file is refused`() {
        let outside = #"{"weight_map": {"a": "../b.safetensors"}}"#
        #expect(refusal(Array(outside.utf8)).contains("no safetensors file of its folder"))
        let missing = #"{"weight_map": {"a": "b.safetensors"}}"#
        #expect(refusal(Array(missing.utf8)) == "model names b.safetensors, which is missing")
    }

    @Test func `a tensor that two shards hold is refused`() {
        var companions = model.companions
        companions["a.safetensors"] = model.safetensors(.float16)
        companions["b.safetensors"] = model.safetensors(.float16) { $0 == "decoder.ln.bias" }
        let index = #"{"weight_map": {"x": "b.safetensors", "y": "a.safetensors"}}"#
        #expect(
            refusal(Array(index.utf8), beside: companions) == "b.safetensors is damaged: it has decoder.ln.bias twice"
        )
    }

    @Test func `a network that is not Whisper's size is refused`() throws {
        let file = TinyModel.file(model.ctranslate2())
        let error = #expect(throws: ModelError.self) {
            try WeightFile(file, beside: .memory(model.companions), accepting: .whisper)
        }
        #expect(error?.description == "model has 24 tokens, Whisper has 51864, 51865 or 51866")
    }

    @Test func `heads that do not divide the width are refused`() {
        var other = model
        other.shape.encoderHeads = 5
        #expect(refusal(other.ctranslate2()) == "model has a width of 32, which 5 heads do not divide")
    }

    @Test func `a model without a vocabulary is refused`() {
        #expect(
            refusal(model.ctranslate2(), beside: [:])
                == "model has no vocabulary beside it: vocabulary.txt, vocabulary.json, tokenizer.json, vocab.json are all missing"
        )
    }
}
