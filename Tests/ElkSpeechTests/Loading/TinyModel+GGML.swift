@testable import ElkSpeech

extension TinyModel {
    /// A whisper.cpp model; the linear layers take `kind`, as whisper.cpp does, the rest f32 or f16.
    func ggml(_ kind: ElementKind, type: Int32? = nil, leavesOut: Set<String> = []) -> [UInt8] {
        var writer = ByteWriter()
        writer.put(0x6767_6D6C as UInt32)
        let sizes = [
            shape.vocabulary, shape.audioContext, shape.width, shape.encoderHeads, shape.encoderLayers,
            shape.textContext, shape.width, shape.decoderHeads, shape.decoderLayers, shape.melBands, 1,
        ]
        for size in sizes { writer.put(Int32(size)) }
        writer.put(Int32(shape.melBands), 3 as Int32)
        writer.put([Float](repeating: 0.5, count: 3 * shape.melBands), as: .float32)
        writer.put(Int32(tokens.count))
        for token in tokens {
            writer.put(Int32(token.count))
            writer.bytes += token
        }
        for (name, tensor) in tensors.sorted(by: { $0.key < $1.key }) where !leavesOut.contains(name) {
            let isColumn = name.hasPrefix("encoder.conv") && name.hasSuffix(".bias")
            let dimensions = isColumn ? [tensor.dimensions[0], 1] : tensor.dimensions
            let stored: ElementKind =
                switch dimensions.count {
                case 3: kind == .float32 ? .float32 : .float16
                case 2 where !isColumn && !name.contains("positional"): kind
                default: .float32
                }
            let types: [ElementKind: Int32] = [.float32: 0, .float16: 1, .q8_0: 8]
            writer.put(Int32(dimensions.count), Int32(name.utf8.count), type ?? types[stored] ?? 0)
            for size in dimensions.reversed() { writer.put(Int32(size)) }
            writer.put(text: name)
            writer.put(tensor.values, as: stored)
        }
        return writer.bytes
    }
}
