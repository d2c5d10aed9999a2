import ElkSpeech
import FuzzDriver

/// Any bytes through the readers of all three weight formats and of the files beside them.
///
/// The input is a weight file, then, each after the four bytes of `separator`: `config.json`, a vocabulary (its first
/// byte says which kind), `generation_config.json`, and a shard `a.safetensors`. A finding is a crash, a hang, memory
/// without bound, or a model that opens and then cannot be read whole.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWeights(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var parts = split(UnsafeBufferPointer(start: data, count: count))
    let weights = parts.removeFirst()
    var files: [String: [UInt8]] = [:]
    for (part, index) in zip(parts, 0..<4) {
        files[index == 1 ? vocabularyName(part) : companions[index]] = part
    }
    if parts.count < 2 {
        files["vocabulary.txt"] = Array(repeating: [0x61, 0x0A], count: 64).flatMap(\.self)
    }
    let opened = weights.withUnsafeBytes { try? WeightFile(bytes: $0, beside: files, accepting: .tiny) }
    guard let opened else { return 0 }
    precondition(opened.vocabulary.count == opened.shape.vocabulary)
    for name in opened.tensorNames {
        guard let dimensions = opened.dimensions(of: name) else { preconditionFailure("\(name) has no dimensions") }
        var values = [Float](repeating: 0, count: dimensions.reduce(1, *))
        values.withUnsafeMutableBufferPointer { opened.read(name, into: $0) }
    }
    return 0
}

private let companions = ["config.json", "", "generation_config.json", "a.safetensors"]
private let separator: [UInt8] = [0xFF, 0x45, 0x4C, 0x4B]

private func split(_ input: UnsafeBufferPointer<UInt8>) -> [[UInt8]] {
    var parts: [[UInt8]] = []
    var start = 0
    var index = 0
    while index + separator.count <= input.count {
        if input[index..<index + separator.count].elementsEqual(separator) {
            parts.append(Array(input[start..<index]))
            index += separator.count
            start = index
        } else {
            index += 1
        }
    }
    return parts + [Array(input[start...])]
}

private func vocabularyName(_ contents: [UInt8]) -> String {
    switch contents.first {
    case UInt8(ascii: "["): "vocabulary.json"
    case UInt8(ascii: "{"): "tokenizer.json"
    default: "vocabulary.txt"
    }
}

@_cdecl("FuzzWeights_main")
public func main(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(argc, argv, fuzzWeights)
}
