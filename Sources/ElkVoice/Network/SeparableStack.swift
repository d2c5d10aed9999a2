import CKernels
import ElkSpeech

/// Convolutions of each channel by itself and across channels in turn, wider and wider, added to what goes in.
final class SeparableStack {
    private struct Layer {
        let weights: [Float]
        let bias: [Float]
        let taps: Int
        let dilation: Int
        let firstNorm: ColumnNorm
        let across: Convolution
        let secondNorm: ColumnNorm
    }

    private var layers: [Layer] = []
    private let apart = Plane()
    private let across = Plane()

    init(_ name: String, width: Int, in file: NetworkFile) throws(ModelError) {
        for index in 0..<16 {
            guard let node = file.user(of: "\(name).convs_sep.\(index).bias") else { break }
            guard let shape = file.tensors["\(name).convs_sep.\(index).weight"]?.shape, shape.count == 3,
                shape[0] == width, shape[1] == 1, shape[2] % 2 == 1, 1...Plane.before ~= shape[2],
                let dilation = node.numbers["dilations"]?.first, dilation >= 1, dilation <= Plane.before,
                shape[2] / 2 * dilation <= Plane.before
            else { throw file.fault("has convolutions \(name) of a kind that is not read") }
            let layer = Layer(
                weights: try file.values("\(name).convs_sep.\(index).weight"),
                bias: try file.values("\(name).convs_sep.\(index).bias", shape: [width]),
                taps: shape[2],
                dilation: dilation,
                firstNorm: try ColumnNorm("\(name).norms_1.\(index)", width: width, in: file),
                across: try Convolution("\(name).convs_1x1.\(index)", in: file),
                secondNorm: try ColumnNorm("\(name).norms_2.\(index)", width: width, in: file)
            )
            guard layer.across.inputs == width, layer.across.outputs == width else {
                throw file.fault("has layers that do not fit together")
            }
            layers.append(layer)
        }
        guard !layers.isEmpty else { throw file.fault("has no convolutions \(name)") }
    }

    /// Works in place.
    func apply(to plane: Plane, pool: ThreadPool) {
        for layer in layers {
            apart.shape(plane.channels, plane.count)
            elk_convolve_channels(
                layer.weights,
                layer.bias,
                Int32(plane.channels),
                Int32(layer.taps),
                Int32(layer.dilation),
                plane[0],
                plane.stride,
                Int32(plane.count),
                apart[0],
                apart.stride
            )
            layer.firstNorm.apply(to: apart, gelu: true)
            across.shape(plane.channels, plane.count)
            layer.across.apply(to: apart, into: across, pool: pool)
            layer.secondNorm.apply(to: across, gelu: true)
            add(across, to: plane)
        }
    }
}
