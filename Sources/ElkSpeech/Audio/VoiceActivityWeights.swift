import CKernels

/// The weights of Silero VAD's 16 kHz network (versions 5 and 6), packed for the kernel.
final class VoiceActivityWeights: Sendable {
    private static let shapes: [String: [Int]] = [
        "stft_conv.weight": [258, 1, 256],
        "conv1.weight": [128, 129, 3], "conv1.bias": [128],
        "conv2.weight": [64, 128, 3], "conv2.bias": [64],
        "conv3.weight": [64, 64, 3], "conv3.bias": [64],
        "conv4.weight": [128, 64, 3], "conv4.bias": [128],
        "lstm_cell.weight_ih": [512, 128], "lstm_cell.weight_hh": [512, 128],
        "lstm_cell.bias_ih": [512], "lstm_cell.bias_hh": [512],
        "final_conv.weight": [1, 128, 1], "final_conv.bias": [1],
    ]

    private let spectrum: Layer
    private let convolutions: [Layer]
    private let gates: Layer
    private let output: AlignedMemory<Float>
    private let outputBias: Float

    convenience init(contentsOf path: String) throws(ModelError) {
        try self.init(try MappedFile(path: path))
    }

    init(_ file: MappedFile) throws(ModelError) {
        var values: [String: [Float]] = [:]
        for (name, tensor) in try SafetensorsReader.tensors(of: file, naming: { Self.shapes[$0] == nil ? nil : $0 }) {
            guard tensor.dimensions == Self.shapes[name] else {
                throw file.fault("is not the 16 kHz network of Silero VAD: \(name) is \(tensor.dimensions)")
            }
            values[name] = [Float](unsafeUninitializedCapacity: tensor.rows * tensor.columns) { buffer, count in
                count = tensor.rows * tensor.columns
                tensor.read(rows: 0..<tensor.rows, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            }
        }
        func tensor(_ name: String) throws(ModelError) -> [Float] {
            guard let tensor = values[name] else {
                throw file.fault("is not the 16 kHz network of Silero VAD: it has no \(name)")
            }
            guard tensor.allSatisfy(\.isFinite) else { throw file.fault("is damaged: \(name) holds what is no number") }
            return tensor
        }

        let spectrum = try tensor("stft_conv.weight")
        self.spectrum = Layer(outputs: 258, inputs: 256, bias: []) { row, column in spectrum[row * 256 + column] }
        var convolutions: [Layer] = []
        for (name, outputs, channels) in [("conv1", 128, 129), ("conv2", 64, 128), ("conv3", 64, 64)] {
            let weight = try tensor("\(name).weight")
            convolutions.append(
                Layer(outputs: outputs, inputs: 3 * channels, bias: try tensor("\(name).bias")) { row, column in
                    weight[(row * channels + column % channels) * 3 + column / channels]
                }
            )
        }
        // The last one sees a single column, so only its middle counts.
        let last = try tensor("conv4.weight")
        convolutions.append(
            Layer(outputs: 128, inputs: 64, bias: try tensor("conv4.bias")) { row, column in
                last[(row * 64 + column) * 3 + 1]
            }
        )
        self.convolutions = convolutions
        let input = try tensor("lstm_cell.weight_ih")
        let state = try tensor("lstm_cell.weight_hh")
        let bias = zip(try tensor("lstm_cell.bias_ih"), try tensor("lstm_cell.bias_hh")).map { $0 + $1 }
        gates = Layer(outputs: 512, inputs: 256, bias: bias) { row, column in
            column < 128 ? input[row * 128 + column] : state[row * 128 + column - 128]
        }
        output = AlignedMemory(128)
        _ = output.buffer.update(fromContentsOf: try tensor("final_conv.weight"))
        outputBias = try tensor("final_conv.bias")[0]
    }

    /// Probability of speech, one for every 512 samples; the last frame is filled up with silence.
    ///
    /// - Parameters:
    ///   - gain: what the samples are multiplied by.
    ///   - pool: shares the work; nil does it alone.
    ///   - isCancelled: asked about every 30 s of the recording; after true the rest is 0.
    func probabilities(
        of samples: [Float],
        gain: Float,
        pool: ThreadPool? = nil,
        isCancelled: () -> Bool
    ) -> [Float] {
        let frame = Int(ELK_VOICE_FRAME)
        let chunk = 1024 * frame
        var state = elk_voice_state()
        var network = network
        var probabilities = [Float](repeating: 0, count: (samples.count + frame - 1) / frame)
        samples.withUnsafeBufferPointer { samples in
            probabilities.withUnsafeMutableBufferPointer { probabilities in
                guard let source = samples.baseAddress, let target = probabilities.baseAddress else { return }
                for start in stride(from: 0, to: samples.count, by: chunk) where !isCancelled() {
                    let count = min(chunk, samples.count - start)
                    elk_voice_run(
                        pool?.handle,
                        &network,
                        &state,
                        source + start,
                        count,
                        gain,
                        target + start / frame
                    )
                }
            }
        }
        return probabilities
    }

    /// The network with what it remembers of one stream.
    final class Live {
        private let weights: VoiceActivityWeights
        private var state = elk_voice_state()

        init(_ weights: VoiceActivityWeights) { self.weights = weights }

        /// - Parameter samples: whole frames.
        func probabilities(of samples: [Float], gain: Float) -> [Float] {
            var network = weights.network
            var probabilities = [Float](repeating: 0, count: samples.count / Int(ELK_VOICE_FRAME))
            samples.withUnsafeBufferPointer { samples in
                probabilities.withUnsafeMutableBufferPointer { probabilities in
                    guard let source = samples.baseAddress, let target = probabilities.baseAddress else { return }
                    elk_voice_run(nil, &network, &state, source, samples.count, gain, target)
                }
            }
            return probabilities
        }
    }

    private var network: elk_voice_network {
        elk_voice_network(
            spectrum: spectrum.kernel,
            convolutions: (
                convolutions[0].kernel, convolutions[1].kernel, convolutions[2].kernel, convolutions[3].kernel
            ),
            gates: gates.kernel,
            output: output.base,
            output_bias: outputBias
        )
    }
}

/// One product of the network in the kernel's layout.
private struct Layer: Sendable {
    private let outputs: Int
    private let inputs: Int
    private let panels: AlignedMemory<Float>
    private let bias: AlignedMemory<Float>

    /// - Parameter weight: the value at a row (output) and a column (input).
    init(outputs: Int, inputs: Int, bias: [Float], weight: (_ row: Int, _ column: Int) -> Float) {
        let width = Int(ELK_VOICE_PANEL)
        let count = (outputs + width - 1) / width
        self.outputs = outputs
        self.inputs = inputs
        panels = AlignedMemory(count * inputs * width)
        for row in 0..<outputs {
            for column in 0..<inputs {
                panels.base[(row / width * inputs + column) * width + row % width] = weight(row, column)
            }
        }
        self.bias = AlignedMemory(count * width)
        _ = self.bias.buffer.update(fromContentsOf: bias)
    }

    var kernel: elk_voice_layer {
        elk_voice_layer(panels: panels.base, bias: bias.base, outputs: Int32(outputs), inputs: Int32(inputs))
    }
}
