import CKernels
import ElkSpeech

/// A convolution that makes several values of each: every phase of the output is a convolution of its own.
final class TransposedConvolution {
    let outputs: Int
    let inputs: Int
    let step: Int
    private let phases: Convolution
    private let skip: Int

    /// Reads what the file has under `name`, such as `dec.ups.0`.
    init(_ name: String, in file: NetworkFile, scale: Float = 1) throws(ModelError) {
        guard let node = file.user(of: "\(name).bias"), node.kind == "ConvTranspose", node.inputs.count == 3,
            let shape = file.tensors[node.inputs[1]]?.shape, shape.count == 3, shape.allSatisfy({ 1...4096 ~= $0 }),
            let step = node.numbers["strides"]?.first, 1...64 ~= step, shape[2] >= step, shape[2] <= 8 * step,
            let pads = node.numbers["pads"], pads.count == 2, pads[0] == pads[1], 0..<shape[2] ~= pads[0],
            shape[2] - 2 * pads[0] == step, shape[1] * step <= 8192
        else { throw file.fault("has a transposed convolution \(name) of a kind that is not read") }
        (inputs, outputs, self.step, skip) = (shape[0], shape[1], step, pads[0])
        let (width, taps) = (shape[2], (shape[2] + step - 1) / step)
        let stored = try file.values(node.inputs[1])
        let bias = try file.values(node.inputs[2], shape: [outputs])
        var weights = [Float](repeating: 0, count: outputs * step * inputs * taps)
        for output in 0..<outputs {
            for phase in 0..<step {
                for input in 0..<inputs {
                    for tap in 0..<taps where phase + (taps - 1 - tap) * step < width {
                        let from = (input * outputs + output) * width + phase + (taps - 1 - tap) * step
                        weights[((output * step + phase) * inputs + input) * taps + tap] = stored[from]
                    }
                }
            }
        }
        phases = Convolution(
            weights: weights,
            bias: bias.flatMap { [Float](repeating: $0, count: step) },
            outputs: outputs * step,
            inputs: inputs,
            taps: taps,
            offset: 1 - taps,
            scale: scale
        )
    }

    /// - Parameters:
    ///   - scratch: for the phases.
    ///   - activated: the output with what is below zero times `slope`.
    func apply(
        to input: Plane,
        scratch: Plane,
        into output: Plane,
        activated: Plane,
        slope: Float,
        pool: ThreadPool?
    ) {
        // What the last inputs give reaches over the end by as many columns as there are taps before the last.
        let columns = input.count + phases.taps - 1
        scratch.shape(outputs * step, columns)
        phases.apply(to: input, count: columns, into: scratch, pool: pool)
        output.shape(outputs, input.count * step)
        activated.shape(outputs, input.count * step)
        elk_interleave(
            pool?.handle,
            scratch[0],
            scratch.stride,
            Int32(columns),
            Int32(outputs),
            Int32(step),
            Int32(skip),
            Int32(output.count),
            output[0],
            output.stride,
            activated[0],
            activated.stride,
            slope
        )
    }
}
