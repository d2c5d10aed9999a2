import Testing

@testable import ElkSpeech

/// The network of Silero VAD with made-up weights, and in plain loops.
struct VoiceActivityNetwork {
    static let shapes: [(name: String, dimensions: [Int])] = [
        ("stft_conv.weight", [258, 1, 256]),
        ("conv1.weight", [128, 129, 3]), ("conv1.bias", [128]),
        ("conv2.weight", [64, 128, 3]), ("conv2.bias", [64]),
        ("conv3.weight", [64, 64, 3]), ("conv3.bias", [64]),
        ("conv4.weight", [128, 64, 3]), ("conv4.bias", [128]),
        ("lstm_cell.weight_ih", [512, 128]), ("lstm_cell.weight_hh", [512, 128]),
        ("lstm_cell.bias_ih", [512]), ("lstm_cell.bias_hh", [512]),
        ("final_conv.weight", [1, 128, 1]), ("final_conv.bias", [1]),
    ]

    var tensors: [String: [Float]] = [:]

    init(seed: UInt64) {
        var random = Random(seed: seed)
        for (name, dimensions) in Self.shapes {
            let inputs = Float(dimensions.dropFirst().reduce(1, *))
            tensors[name] = random.floats(dimensions.reduce(1, *)).map { $0 * 2 / inputs.squareRoot() }
        }
    }

    /// The weights as a safetensors file.
    func file(without missing: String? = nil, transposing transposed: String? = nil) -> MappedFile {
        var entries: [String] = []
        var data: [UInt8] = []
        for (name, dimensions) in Self.shapes where name != missing {
            let start = data.count
            (tensors[name] ?? []).withUnsafeBytes { data += $0 }
            let shape = name == transposed ? dimensions.reversed() : dimensions
            entries.append(
                #""\#(name)": {"dtype": "F32", "shape": \#(shape), "data_offsets": [\#(start), \#(data.count)]}"#
            )
        }
        let bytes = TinyModel.safetensors(header: "{" + entries.joined(separator: ",") + "}", data: data)
        return bytes.withUnsafeBytes { MappedFile(contents: $0, path: "vad.safetensors") }
    }

    /// Probability of every 512 samples.
    func probabilities(of samples: [Float]) -> [Float] {
        let padded = [Float](repeating: 0, count: 64) + samples
        var (hidden, cell) = ([Float](repeating: 0, count: 128), [Float](repeating: 0, count: 128))
        return (0..<samples.count / 512).map { frame in
            var input = Array(padded[frame * 512..<frame * 512 + 576])
            input += input.dropLast().suffix(64).reversed()
            var columns = (0..<4).map { magnitudes(Array(input[$0 * 128..<$0 * 128 + 256])) }
            for (name, stride) in [("conv1", 1), ("conv2", 2), ("conv3", 2), ("conv4", 1)] {
                columns = convolve(columns, name, stride)
            }
            let gates = zip(
                product("lstm_cell.weight_ih", columns[0], bias: "lstm_cell.bias_ih"),
                product("lstm_cell.weight_hh", hidden, bias: "lstm_cell.bias_hh")
            ).map { $0 + $1 }
            for i in 0..<128 {
                cell[i] = sigmoid(gates[128 + i]) * cell[i] + sigmoid(gates[i]) * tanh(gates[256 + i])
                hidden[i] = sigmoid(gates[384 + i]) * tanh(cell[i])
            }
            return sigmoid(product("final_conv.weight", hidden.map { max(0, $0) }, bias: "final_conv.bias")[0])
        }
    }

    private func magnitudes(_ samples: [Float]) -> [Float] {
        let parts = product("stft_conv.weight", samples, bias: nil)
        return (0..<129).map { (parts[$0] * parts[$0] + parts[129 + $0] * parts[129 + $0]).squareRoot() }
    }

    private func convolve(_ columns: [[Float]], _ name: String, _ stride: Int) -> [[Float]] {
        let zero = [[Float](repeating: 0, count: columns[0].count)]
        let padded = zero + columns + zero
        return Swift.stride(from: 0, through: columns.count - 1, by: stride).map { start in
            let neighbours = columns[0].indices.flatMap { channel in (0..<3).map { padded[start + $0][channel] } }
            return product("\(name).weight", neighbours, bias: "\(name).bias").map { max(0, $0) }
        }
    }

    private func product(_ name: String, _ x: [Float], bias: String?) -> [Float] {
        guard let weights = tensors[name] else { return [] }
        return (0..<weights.count / x.count).map { row in
            var sum = bias.flatMap { tensors[$0]?[row] } ?? 0
            var index = 0
            while index < x.count {
                sum += weights[row * x.count + index] * x[index]
                index += 1
            }
            return sum
        }
    }

    private func sigmoid(_ x: Float) -> Float { 1 / (1 + exp(-x)) }
}
