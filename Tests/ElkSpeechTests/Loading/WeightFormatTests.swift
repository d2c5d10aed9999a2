import Testing

@testable import ElkSpeech

struct WeightFormatTests {
    let model = TinyModel()

    private func expectSame(_ file: WeightFile, _ location: SourceLocation = #_sourceLocation) {
        #expect(file.shape == model.shape, sourceLocation: location)
        #expect(file.vocabulary == model.tokens, sourceLocation: location)
        #expect(file.tensorNames == model.tensors.keys.sorted(), sourceLocation: location)
        for (name, tensor) in model.tensors {
            #expect(file.dimensions(of: name) == tensor.dimensions, sourceLocation: location)
            #expect(file.values(name) == tensor.values, "\(name)", sourceLocation: location)
        }
    }

    @Test(arguments: [ElementKind.float32, .float16, .bfloat16, .int8, .int16])
    func `CTranslate2 files of every type give the stored values`(kind: ElementKind) throws {
        let file = try model.open(model.ctranslate2(.init(kind: kind)))
        #expect(file.format == .ctranslate2)
        #expect(file.elementKind(of: "decoder.token_embedding.weight") == kind)
        expectSame(file)
    }

    @Test(arguments: [2, 3, 4, 5] as [UInt32], [ElementKind.float32, .int8])
    func `older CTranslate2 files are read`(version: UInt32, kind: ElementKind) throws {
        expectSame(try model.open(model.ctranslate2(.init(kind: kind, version: version))))
    }

    @Test(arguments: [ElementKind.float16, .int8])
    func `an embedding that is an alias is found with its scale`(kind: ElementKind) throws {
        expectSame(try model.open(model.ctranslate2(.init(kind: kind, aliasesEmbedding: true))))
    }

    @Test(arguments: [ElementKind.float32, .float16, .q8_0])
    func `ggml files give the stored values and their own vocabulary`(kind: ElementKind) throws {
        let file = try model.open(model.ggml(kind), beside: [:])
        #expect(file.format == .ggml)
        expectSame(file)
    }

    @Test(arguments: [ElementKind.float32, .float16, .bfloat16])
    func `safetensors files of every type give the stored values`(kind: ElementKind) throws {
        let file = try model.open(model.safetensors(kind))
        #expect(file.format == .safetensors)
        expectSame(file)
    }

    @Test func `a checkpoint of the bare network lacks the prefix`() throws {
        expectSame(try model.open(model.safetensors(.float16, prefix: "")))
    }

    @Test func `a sharded checkpoint is read through its index`() throws {
        var companions = model.companions
        companions["a.safetensors"] = model.safetensors(.float16) { $0.hasPrefix("encoder") }
        companions["b.safetensors"] = model.safetensors(.float32) { $0.hasPrefix("decoder") }
        let index = #"{"metadata": {"total_size": 1}, "weight_map": {"x": "b.safetensors", "y": "a.safetensors"}}"#
        expectSame(try model.open(Array(index.utf8), beside: companions))
    }

    @Test func `rows are read alone`() throws {
        let files = [
            try model.open(model.ctranslate2(.init(kind: .int8))),
            try model.open(model.ggml(.q8_0)),
            try model.open(model.safetensors(.float16)),
        ]
        for file in files {
            for name in ["decoder.blocks.1.cross_attn.value.weight", "encoder.conv2.weight", "decoder.ln.bias"] {
                let tensor = try #require(model.tensors[name])
                let columns = tensor.dimensions.dropFirst().reduce(1, *)
                #expect(file.values(name, rows: 3..<11) == Array(tensor.values[3 * columns..<11 * columns]))
                #expect(file.values(name, rows: 5..<5) == [])
            }
        }
    }

    @Test func `every row has its own scale`() throws {
        let bytes = [Int8(1), 2, 3, 4].map { UInt8(bitPattern: $0) }
        var writer = ByteWriter(bytes: bytes)
        writer.put([2, 0.5], as: .float32)
        let tensor = try StoredTensor("t", .int8, [2, 2], at: 0, in: TinyModel.file(writer.bytes))
            .scaled(by: .rows(4))
        var values = [Float](repeating: 0, count: 2)
        let second = try #require(tensor.part(1, of: 2))
        values.withUnsafeMutableBufferPointer { second.read(rows: 0..<1, into: $0) }
        #expect(values == [6, 8])
        values.withUnsafeMutableBufferPointer { tensor.read(rows: 0..<1, into: $0) }
        #expect(values == [0.5, 1])
    }

    @Test func `heads are width by 64 when nothing says otherwise`() throws {
        let companions = model.companions.filter { $0.key != "config.json" }
        let error = #expect(throws: ModelError.self) { try model.open(model.safetensors(.float16), beside: companions) }
        #expect(error?.description.contains("0 heads") == true)
    }
}
