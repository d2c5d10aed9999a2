import CKernels
import ElkSpeech

/// A convolution over time with packed weights; the output is as long as the input.
final class Convolution {
    let outputs: Int
    let inputs: Int
    let taps: Int
    let dilation: Int
    /// From the time of an output to that of its first input.
    let offset: Int
    private let weights: UnsafeMutablePointer<Float>
    private let bias: UnsafeMutablePointer<Float>?

    /// Reads what the file has under `name`, such as `dec.conv_pre`.
    ///
    /// - Parameter scale: what the weights, but not the bias, are multiplied by.
    convenience init(_ name: String, in file: NetworkFile, scale: Float = 1) throws(ModelError) {
        let node = file.user(of: "\(name).bias") ?? file.user(of: "\(name).weight")
        guard let node, node.kind == "Conv", node.inputs.count >= 2, let shape = file.tensors[node.inputs[1]]?.shape,
            shape.count == 3, shape.allSatisfy({ 1...8192 ~= $0 })
        else { throw file.fault("has no convolution \(name)") }
        let dilation = node.numbers["dilations"]?.first ?? 1
        let span = (shape[2] - 1).multipliedReportingOverflow(by: dilation)
        // Graphs that pad in a node of their own have no padding here: all of this network keep the length.
        guard shape[2] % 2 == 1, dilation >= 1, !span.overflow, span.partialValue / 2 <= Plane.before,
            node.numbers["group"] ?? [1] == [1], node.numbers["strides"] ?? [1] == [1]
        else { throw file.fault("has a convolution \(name) of a kind that is not read") }
        try self.init(
            weights: file.values(node.inputs[1]),
            bias: node.inputs.count > 2 ? file.values(node.inputs[2], shape: [shape[0]]) : nil,
            outputs: shape[0],
            inputs: shape[1],
            taps: shape[2],
            dilation: dilation,
            offset: -span.partialValue / 2,
            scale: scale
        )
    }

    /// - Parameters:
    ///   - weights: [outputs, inputs, taps].
    ///   - bias: [outputs].
    init(
        weights values: [Float],
        bias: [Float]?,
        outputs: Int,
        inputs: Int,
        taps: Int,
        dilation: Int = 1,
        offset: Int = 0,
        scale: Float = 1
    ) {
        (self.outputs, self.inputs, self.taps) = (outputs, inputs, taps)
        (self.dilation, self.offset) = (dilation, offset)
        let count = elk_convolution_floats(Int32(outputs), Int32(inputs), Int32(taps))
        weights = UnsafeMutablePointer.allocate(capacity: count)
        elk_convolution_pack(
            values,
            inputs * taps,
            taps,
            1,
            Int32(outputs),
            Int32(inputs),
            Int32(taps),
            scale,
            weights
        )
        self.bias = bias.map { bias in
            let copy = UnsafeMutablePointer<Float>.allocate(capacity: outputs + 4)
            copy.initialize(repeating: 0, count: outputs + 4)
            copy.update(from: bias, count: outputs)
            return copy
        }
    }

    /// A product with the values of a plane: `channels` of its channels by all of its times, or the other way round.
    init(rows plane: Plane, from first: Int, transposed: Bool, channels: Int, scale: Float) {
        (outputs, inputs) = transposed ? (plane.count, channels) : (channels, plane.count)
        (taps, dilation, offset, bias) = (1, 1, 0, nil)
        weights = UnsafeMutablePointer.allocate(
            capacity: elk_convolution_floats(Int32(outputs), Int32(inputs), 1)
        )
        elk_convolution_pack(
            plane[first],
            transposed ? 1 : plane.stride,
            transposed ? plane.stride : 1,
            0,
            Int32(outputs),
            Int32(inputs),
            1,
            scale,
            weights
        )
    }

    deinit {
        weights.deallocate()
        bias?.deallocate()
    }

    /// Computes the output for every time of `input`.
    ///
    /// - Parameters:
    ///   - output: gets the sums; shaped by the caller.
    ///   - residual: added.
    ///   - activated: gets what the output has, with what is below zero times `slope`.
    ///   - accumulates: adds to what `output` has.
    ///   - firstInput: the channel of `input` that is the layer's first.
    func apply(
        to input: Plane,
        from firstInput: Int = 0,
        count: Int? = nil,
        into output: Plane?,
        residual: Plane? = nil,
        activated: Plane? = nil,
        slope: Float = 0,
        accumulates: Bool = false,
        pool: ThreadPool?
    ) {
        var job = elk_convolution_job(
            layer: layer,
            x: UnsafePointer(input[firstInput]),
            ldx: input.stride,
            offset: Int32(offset),
            count: Int32(count ?? input.count),
            residual: residual.map { UnsafePointer($0[0]) },
            ldr: residual?.stride ?? 0,
            y: output?[0],
            ldy: output?.stride ?? 0,
            activated: activated?[0],
            lda: activated?.stride ?? 0,
            slope: slope,
            accumulates: accumulates
        )
        elk_convolve(pool?.handle, &job)
    }

    private var layer: elk_convolution {
        elk_convolution(
            weights: weights,
            bias: bias.map { UnsafePointer($0) },
            outputs: Int32(outputs),
            inputs: Int32(inputs),
            taps: Int32(taps),
            dilation: Int32(dilation)
        )
    }
}
