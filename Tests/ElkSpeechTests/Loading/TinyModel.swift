@testable import ElkSpeech

/// A Whisper network of a few kilobytes with made-up weights, to be written in every format.
///
/// All values are whole multiples of 1/64 up to 127/64, which each element kind but the 4 and 5 bit ones holds exactly.
struct TinyModel {
    var shape: WhisperShape
    var tensors: [String: (dimensions: [Int], values: [Float])] = [:]
    /// 16 ordinary tokens as bytes.
    let tokens: [[UInt8]] = "abcdefghijklmn".utf8.map { [$0] } + [[0x20], [0xE5, 0x20, 0x00]]
    /// The same in GPT-2's alphabet.
    let spelledTokens = "abcdefghijklmn".map { String($0) } + ["Ġ", "åĠĀ"]

    static let accepted = AcceptedShapes(
        vocabulary: 24...24,
        melBands: [4],
        audioContext: 6...6,
        textContext: 5...5,
        specialTokens: 8
    )

    init() {
        shape = WhisperShape(
            vocabulary: 24,
            melBands: 4,
            width: 32,
            encoderHeads: 2,
            decoderHeads: 4,
            encoderLayers: 1,
            decoderLayers: 2
        )
        shape.audioContext = 6
        shape.textContext = 5
        var state: UInt32 = 1
        for (name, dimensions) in NetworkCheck.tensors(of: shape) {
            let values = (0..<dimensions.reduce(1, *)).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return Float(Int(state >> 24) % 255 - 127) / 64
            }
            tensors[name] = (dimensions, values)
        }
    }

    /// Opens bytes as a model file with the usual companions.
    func open(
        _ bytes: [UInt8],
        beside companions: [String: [UInt8]]? = nil
    ) throws(ModelError) -> WeightFile {
        try WeightFile(Self.file(bytes), beside: .memory(companions ?? self.companions), accepting: Self.accepted)
    }

    static func file(_ bytes: [UInt8], path: String = "model") -> MappedFile {
        bytes.withUnsafeBytes { MappedFile(contents: $0, path: path) }
    }

    var companions: [String: [UInt8]] {
        [
            "vocabulary.txt": Array((spelledTokens.joined(separator: "\n") + "\n<|endoftext|>\n").utf8),
            "config.json": Array(#"{"encoder_attention_heads": 2, "decoder_attention_heads": 4}"#.utf8),
        ]
    }
}

extension WeightFile {
    func values(_ name: String, rows: Range<Int>? = nil) -> [Float] {
        let dimensions = dimensions(of: name) ?? []
        let columns = dimensions.dropFirst().reduce(1, *)
        var values = [Float](repeating: .nan, count: (rows?.count ?? dimensions.first ?? 0) * columns)
        values.withUnsafeMutableBufferPointer { read(name, rows: rows, into: $0) }
        return values
    }
}

/// Little-endian fields one after another.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func put<Value: FixedWidthInteger>(_ values: Value...) {
        for value in values { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    }

    mutating func put(text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Values in an element kind; `scale` is what integers are multiplied by.
    mutating func put(_ values: [Float], as kind: ElementKind, scale: Float = 64) {
        switch kind {
        case .float32: for value in values { put(value.bitPattern) }
        case .float16: for value in values { put(Float16(value).bitPattern) }
        case .bfloat16: for value in values { put(UInt16(value.bitPattern >> 16)) }
        case .int8: for value in values { put(Int8(value * scale)) }
        case .int16: for value in values { put(Int16(value * scale)) }
        case .q8_0:
            for start in stride(from: 0, to: values.count, by: 32) {
                put(Float16(1 / scale).bitPattern)
                for value in values[start..<start + 32] { put(Int8(value * scale)) }
            }
        default: preconditionFailure("not written by tests")
        }
    }
}
