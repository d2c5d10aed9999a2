import ElkSpeech
import Glibc

/// How many frames each phoneme takes: noise, turned round by flows that know the text.
final class DurationPredictor {
    private struct Flow {
        let widen: Convolution
        let stack: SeparableStack
        let projection: Convolution
        /// Pieces of the spline.
        let pieces: Int
    }

    private let before: Convolution
    private let stack: SeparableStack
    private let after: Convolution
    private var flows: [Flow] = []
    private let shift: [Float]
    private let scale: [Float]

    private let hidden = Plane()
    private let condition = Plane()
    private let flow = Plane()
    private let shapes = Plane()

    init(width: Int, in file: NetworkFile) throws(ModelError) {
        before = try Convolution("dp.pre", in: file)
        after = try Convolution("dp.proj", in: file)
        let inner = after.outputs
        stack = try SeparableStack("dp.convs", width: before.outputs, in: file)
        guard before.inputs == width, after.inputs == before.outputs else {
            throw file.fault("has layers that do not fit together")
        }
        // The flows are gone through backwards, and the first of all was found to be useless.
        for index in stride(from: 31, through: 2, by: -1) where file.tensors["dp.flows.\(index).pre.weight"] != nil {
            let projection = try Convolution("dp.flows.\(index).proj", in: file)
            let flow = Flow(
                widen: try Convolution("dp.flows.\(index).pre", in: file),
                stack: try SeparableStack("dp.flows.\(index).convs", width: inner, in: file),
                projection: projection,
                pieces: (projection.outputs + 1) / 3
            )
            guard flow.widen.inputs == 1, flow.widen.outputs == inner, projection.inputs == inner, flow.pieces >= 2,
                projection.outputs == 3 * flow.pieces - 1
            else { throw file.fault("has layers that do not fit together") }
            flows.append(flow)
        }
        guard !flows.isEmpty else { throw file.fault("has no stochastic durations: it is no voice of Piper's kind") }
        shift = try file.values("dp.flows.0.m", shape: [2, 1])
        scale = try Self.scale(in: file)
    }

    /// exp(-logs), which the export may have worked out already.
    private static func scale(in file: NetworkFile) throws(ModelError) -> [Float] {
        if file.tensors["dp.flows.0.logs"] != nil {
            return try file.values("dp.flows.0.logs", shape: [2, 1]).map { expf(-$0) }
        }
        guard let difference = file.user(of: "dp.flows.0.m")?.outputs.first,
            let product = file.nodes.first(where: { $0.kind == "Mul" && $0.inputs.contains(difference) }),
            let name = product.inputs.first(where: { $0 != difference })
        else { throw file.fault("does not say the scale of its durations") }
        return try file.values(name, shape: [2, 1])
    }

    /// The logarithm of each phoneme's length in frames.
    ///
    /// - Parameters:
    ///   - states: of the text encoder.
    ///   - noise: [2][phonemes], normally distributed times the spread that is wanted.
    func predict(_ states: Plane, noise: [[Float]], pool: ThreadPool) -> [Float] {
        let count = states.count
        hidden.shape(before.outputs, count)
        before.apply(to: states, into: hidden, pool: pool)
        stack.apply(to: hidden, pool: pool)
        condition.shape(after.outputs, count)
        after.apply(to: hidden, into: condition, pool: pool)

        var (kept, changed) = (noise[0], noise[1])
        let single = Plane(1, count)
        for layer in flows {
            swap(&kept, &changed)
            single[0].update(from: kept, count: count)
            flow.shape(layer.widen.outputs, count)
            layer.widen.apply(to: single, into: flow, residual: condition, pool: pool)
            layer.stack.apply(to: flow, pool: pool)
            shapes.shape(layer.projection.outputs, count)
            layer.projection.apply(to: flow, into: shapes, pool: pool)
            let scale = 1 / Float(layer.widen.outputs).squareRoot()
            for time in 0..<count {
                let values = (0..<shapes.channels).map { shapes[$0][time] }
                let spline = RationalSpline(
                    widths: values[..<layer.pieces].map { $0 * scale },
                    heights: values[layer.pieces..<2 * layer.pieces].map { $0 * scale },
                    slopes: Array(values[(2 * layer.pieces)...])
                )
                changed[time] = spline.inverse(changed[time])
            }
        }
        swap(&kept, &changed)
        return kept.map { ($0 - shift[0]) * scale[0] }
    }
}
