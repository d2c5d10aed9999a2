import CKernels
import ElkSpeech

/// Self-attention that knows how far apart two phonemes are, up to a few places.
///
/// Scores are kept as [keys][queries], so that every product is a convolution of width 1.
final class RelativeAttention {
    private let query: Convolution
    private let key: Convolution
    private let value: Convolution
    private let output: Convolution
    private let heads: Int
    private let headWidth: Int
    /// Places on either side that have an embedding.
    private let reach: Int
    private let nearKeys: Convolution
    private let nearValues: Convolution

    private let queries = Plane()
    private let keys = Plane()
    private let values = Plane()
    private let scores = Plane()
    private let near = Plane()
    private let mixed = Plane()
    private let headOutput = Plane()

    init(_ name: String, width: Int, in file: NetworkFile) throws(ModelError) {
        query = try Convolution("\(name).conv_q", in: file)
        key = try Convolution("\(name).conv_k", in: file)
        value = try Convolution("\(name).conv_v", in: file)
        output = try Convolution("\(name).conv_o", in: file)
        guard let shape = file.tensors["\(name).emb_rel_k"]?.shape, shape.count == 3, shape[0] == 1, shape[1] % 2 == 1,
            shape[1] <= 65, shape[2] > 0, width % shape[2] == 0,
            [query, key, value, output].allSatisfy({ $0.inputs == width && $0.outputs == width && $0.taps == 1 })
        else { throw file.fault("has an attention \(name) of a kind that is not read") }
        headWidth = shape[2]
        heads = width / headWidth
        reach = shape[1] / 2
        let places = shape[1]
        let embeddedKeys = try file.values("\(name).emb_rel_k", shape: shape)
        let embeddedValues = try file.values("\(name).emb_rel_v", shape: shape)
        nearKeys = Convolution(
            weights: embeddedKeys,
            bias: nil,
            outputs: places,
            inputs: headWidth,
            taps: 1,
            scale: 1 / Float(headWidth).squareRoot()
        )
        var turned = [Float](repeating: 0, count: embeddedValues.count)
        for place in 0..<places {
            for channel in 0..<headWidth {
                turned[channel * places + place] = embeddedValues[place * headWidth + channel]
            }
        }
        nearValues = Convolution(weights: turned, bias: nil, outputs: headWidth, inputs: places, taps: 1)
    }

    /// Computes the attention of `input`, which `result` gets.
    func apply(to input: Plane, into result: Plane, pool: ThreadPool) {
        let count = input.count
        for (layer, plane) in [(query, queries), (key, keys), (value, values)] {
            plane.shape(layer.outputs, count)
            layer.apply(to: input, into: plane, pool: pool)
        }
        mixed.shape(input.channels, count)
        for head in 0..<heads { attend(head: head, count: count, pool: pool) }
        result.shape(output.outputs, count)
        output.apply(to: mixed, into: result, pool: pool)
    }

    private func attend(head: Int, count: Int, pool: ThreadPool) {
        let first = head * headWidth
        let places = 2 * reach + 1
        // [keys, channels] times the queries.
        let scorer = Convolution(
            rows: keys,
            from: first,
            transposed: true,
            channels: headWidth,
            scale: 1 / Float(headWidth).squareRoot()
        )
        scores.shape(count, count)
        scorer.apply(to: queries, from: first, into: scores, pool: pool)
        near.shape(places, count)
        nearKeys.apply(to: queries, from: first, into: near, pool: pool)
        forEachNear(count) { place, key, query in scores[key][query] += near[place][query] }
        elk_softmax_columns(pool.handle, scores[0], scores.stride, Int32(count), Int32(count))
        near.clear()
        forEachNear(count) { place, key, query in near[place][query] = scores[key][query] }

        // [channels, keys] times the shares of the keys.
        let mixer = Convolution(rows: values, from: first, transposed: false, channels: headWidth, scale: 1)
        headOutput.shape(headWidth, count)
        mixer.apply(to: scores, into: headOutput, pool: pool)
        nearValues.apply(to: near, into: headOutput, accumulates: true, pool: pool)
        for channel in 0..<headWidth { mixed[first + channel].update(from: headOutput[channel], count: count) }
    }

    private func forEachNear(_ count: Int, _ body: (_ place: Int, _ key: Int, _ query: Int) -> Void) {
        for place in 0...2 * reach {
            for query in max(0, reach - place)..<max(0, reach - place, min(count, count + reach - place)) {
                body(place, query + place - reach, query)
            }
        }
    }
}
