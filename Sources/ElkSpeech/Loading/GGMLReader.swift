/// Reads a whisper.cpp model in the ggml format (SP 2.20.2), its vocabulary included.
struct GGMLReader {
    /// Bytes 6c 6d 67 67 at the start of the file.
    static let magic: UInt32 = 0x6767_6D6C

    private let file: MappedFile
    private var reader: ByteReader

    static func read(_ file: MappedFile) throws(ModelError) -> ModelContents {
        var reader = GGMLReader(file)
        return try reader.contents()
    }

    private init(_ file: MappedFile) {
        self.file = file
        reader = ByteReader(file)
    }

    private mutating func contents() throws(ModelError) -> ModelContents {
        guard try reader.integer(UInt32.self, "the magic number") == Self.magic else {
            throw file.fault("is not a ggml model")
        }
        // n_vocab, then context, state, heads and layers of audio and of text, n_mels, ftype.
        var header: [Int] = []
        for _ in 0..<11 { header.append(try reader.count("the header")) }
        var contents = ModelContents(.ggml, file)
        contents.encoderHeads = header[3]
        contents.decoderHeads = header[7]
        try skipFilters()
        contents.vocabulary = try vocabulary(atMost: header[0])
        while !reader.isAtEnd {
            let (name, tensor) = try tensor()
            try contents.add(name, tensor)
        }
        return contents
    }

    private mutating func skipFilters() throws(ModelError) {
        let bands = try reader.count("the mel filters")
        let bins = try reader.count("the mel filters")
        let (values, overflow) = bands.multipliedReportingOverflow(by: bins)
        guard !overflow, values <= reader.remaining / 4 else {
            throw file.fault("is cut short or damaged: it has mel filters of \(bands) by \(bins)")
        }
        _ = try reader.take(4 * values, of: "the mel filters")
    }

    private mutating func vocabulary(atMost limit: Int) throws(ModelError) -> [[UInt8]] {
        let count = try reader.count("the number of tokens")
        guard count <= limit else { throw file.fault("is damaged: it lists \(count) tokens of \(limit)") }
        var tokens: [[UInt8]] = []
        for index in 0..<count {
            let length = try reader.count("token \(index)")
            tokens.append(Array(file.bytes[try reader.take(length, of: "token \(index)")]))
        }
        return tokens
    }

    private mutating func tensor() throws(ModelError) -> (String, StoredTensor) {
        let rank = try reader.count("the rank of a tensor")
        let length = try reader.count("the length of a name")
        let type = try reader.count("the type of a tensor")
        guard 1...4 ~= rank, length <= 256 else {
            throw file.fault("is damaged: a tensor of rank \(rank) with a name of \(length) bytes")
        }
        var dimensions: [Int] = []
        for _ in 0..<rank { dimensions.insert(try reader.count("a dimension"), at: 0) }
        let name = try reader.text(length, "a name")
        guard let kind = Self.kinds[type] else { throw file.fault("stores \(name) in the unknown type \(type)") }
        var tensor = try StoredTensor(name, kind, dimensions, at: reader.offset, in: file)
        _ = try reader.take(tensor.byteCount, of: name)
        // Biases of the convolutions are stored as columns.
        if name.hasSuffix(".bias"), dimensions.count == 2, dimensions[1] == 1 {
            tensor = tensor.reshaped([dimensions[0]])
        }
        return (name, tensor)
    }

    private static let kinds: [Int: ElementKind] = [
        0: .float32, 1: .float16, 2: .q4_0, 3: .q4_1, 6: .q5_0, 7: .q5_1, 8: .q8_0,
    ]
}
