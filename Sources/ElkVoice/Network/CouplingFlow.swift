import CKernels
import ElkSpeech

/// The flow between the text's latent frames and those of the sound, gone through backwards.
final class CouplingFlow {
    private struct Layer {
        let before: Convolution
        let gates: [Convolution]
        let outputs: [Convolution]
        let after: Convolution
    }

    private var layers: [Layer] = []
    private let hidden = Plane()
    private let gated = Plane()
    private let wide = Plane()
    private let sum = Plane()
    private let both = Plane()
    private let change = Plane()

    init(latent: Int, in file: NetworkFile) throws(ModelError) {
        for index in stride(from: 30, through: 0, by: -2)
        where file.tensors["flow.flows.\(index).pre.weight"] != nil {
            let name = "flow.flows.\(index)"
            let before = try Convolution("\(name).pre", in: file)
            let after = try Convolution("\(name).post", in: file)
            var gates: [Convolution] = []
            var outputs: [Convolution] = []
            for depth in 0..<32 where file.user(of: "\(name).enc.in_layers.\(depth).bias") != nil {
                gates.append(try Convolution("\(name).enc.in_layers.\(depth)", in: file))
                outputs.append(try Convolution("\(name).enc.res_skip_layers.\(depth)", in: file))
            }
            let width = before.outputs
            let fits =
                before.inputs * 2 == latent && after.inputs == width && after.outputs * 2 == latent && !gates.isEmpty
                && gates.allSatisfy { $0.inputs == width && $0.outputs == 2 * width }
                && outputs.allSatisfy { $0.inputs == width } && outputs.last?.outputs == width
                && outputs.dropLast().allSatisfy { $0.outputs == 2 * width }
            guard fits else { throw file.fault("has a flow of a kind that is not read: voices with one speaker are") }
            layers.append(Layer(before: before, gates: gates, outputs: outputs, after: after))
        }
        guard !layers.isEmpty else { throw file.fault("has no flow") }
    }

    /// Turns the frames [latent][frames] in place.
    func reverse(_ frames: Plane, pool: ThreadPool) {
        let half = frames.channels / 2
        for layer in layers {
            frames.flip()
            let width = layer.before.outputs
            hidden.shape(width, frames.count)
            layer.before.apply(to: frames, into: hidden, pool: pool)
            sum.shape(width, frames.count)
            sum.clear()
            for (gate, output) in zip(layer.gates, layer.outputs) {
                wide.shape(2 * width, frames.count)
                gate.apply(to: hidden, into: wide, pool: pool)
                gated.shape(width, frames.count)
                elk_gate(
                    pool.handle,
                    wide[0],
                    wide.stride,
                    Int32(width),
                    Int32(frames.count),
                    gated[0],
                    gated.stride
                )
                if output.outputs == width {
                    output.apply(to: gated, into: sum, accumulates: true, pool: pool)
                } else {
                    both.shape(2 * width, frames.count)
                    output.apply(to: gated, into: both, pool: pool)
                    for channel in 0..<width {
                        elk_add(hidden[channel], both[channel], Int32(frames.count))
                        elk_add(sum[channel], both[width + channel], Int32(frames.count))
                    }
                }
            }
            change.shape(half, frames.count)
            layer.after.apply(to: sum, into: change, pool: pool)
            for channel in 0..<half {
                let (row, difference) = (frames[half + channel], change[channel])
                for time in 0..<frames.count { row[time] -= difference[time] }
            }
        }
    }
}
