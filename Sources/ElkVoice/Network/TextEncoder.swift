import CKernels
import ElkSpeech

/// From phonemes to what is said of each: hidden states, and mean and spread of the sound's latent frames.
final class TextEncoder {
    private struct Layer {
        let attention: RelativeAttention
        let firstNorm: ColumnNorm
        let widen: Convolution
        let narrow: Convolution
        let secondNorm: ColumnNorm
    }

    let width: Int
    let symbols: Int
    /// Channels of a latent frame.
    let latent: Int
    private let embedding: [Float]
    private var layers: [Layer] = []
    private let projection: Convolution

    private let update = Plane()
    private let wide = Plane()

    init(in file: NetworkFile) throws(ModelError) {
        guard
            let table = file.nodes.first(where: {
                $0.kind == "Gather" && $0.inputs.count == 2 && $0.inputs[1] == "input"
            }),
            let shape = file.tensors[table.inputs[0]]?.shape, shape.count == 2, 1...4096 ~= shape[0],
            1...1024 ~= shape[1]
        else { throw file.fault("has no table of phonemes: it is no voice of Piper's kind") }
        (symbols, width) = (shape[0], shape[1])
        embedding = try file.values(table.inputs[0])
        projection = try Convolution("enc_p.proj", in: file)
        latent = projection.outputs / 2
        for index in 0..<64 where file.tensors["enc_p.encoder.norm_layers_1.\(index).gamma"] != nil {
            let name = "enc_p.encoder"
            let layer = Layer(
                attention: try RelativeAttention("\(name).attn_layers.\(index)", width: width, in: file),
                firstNorm: try ColumnNorm("\(name).norm_layers_1.\(index)", width: width, in: file),
                widen: try Convolution("\(name).ffn_layers.\(index).conv_1", in: file),
                narrow: try Convolution("\(name).ffn_layers.\(index).conv_2", in: file),
                secondNorm: try ColumnNorm("\(name).norm_layers_2.\(index)", width: width, in: file)
            )
            guard layer.widen.inputs == width, layer.narrow.outputs == width, layer.narrow.inputs == layer.widen.outputs
            else { throw file.fault("has layers that do not fit together") }
            layers.append(layer)
        }
        guard !layers.isEmpty, projection.inputs == width, projection.outputs % 2 == 0, projection.taps == 1 else {
            throw file.fault("has no text encoder that is read")
        }
    }

    /// - Parameters:
    ///   - ids: phonemes, below `symbols`.
    ///   - states: gets [width][ids].
    ///   - statistics: gets means and logarithms of the spreads, [2 · latent][ids].
    func encode(_ ids: [Int], states: Plane, statistics: Plane, pool: ThreadPool) {
        states.shape(width, ids.count)
        let scale = Float(width).squareRoot()
        for channel in 0..<width {
            let row = states[channel]
            for (time, id) in ids.enumerated() { row[time] = embedding[id * width + channel] * scale }
        }
        for layer in layers {
            layer.attention.apply(to: states, into: update, pool: pool)
            add(update, to: states)
            layer.firstNorm.apply(to: states)
            wide.shape(layer.widen.outputs, ids.count)
            layer.widen.apply(to: states, into: nil, activated: wide, slope: 0, pool: pool)
            layer.narrow.apply(to: wide, into: states, accumulates: true, pool: pool)
            layer.secondNorm.apply(to: states)
        }
        statistics.shape(projection.outputs, ids.count)
        projection.apply(to: states, into: statistics, pool: pool)
    }
}

/// Adds the values of one plane to those of another of the same shape.
func add(_ other: Plane, to plane: Plane) {
    for channel in 0..<plane.channels { elk_add(plane[channel], other[channel], Int32(plane.count)) }
}
