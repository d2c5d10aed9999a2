import CKernels
import ElkSpeech

/// From latent frames to samples: longer and longer rows with fewer and fewer channels (HiFi-GAN).
///
/// It looks only a few frames to each side, so that a long sentence is made in pieces that fit into a core's cache and little
/// memory, and that come out the same as in one.
final class WaveDecoder {
    private struct Stage {
        let widen: TransposedConvolution
        /// Two convolutions each, whose results are added.
        let blocks: [(first: Convolution, second: Convolution)]
    }

    private static let slope: Float = 0.1
    private static let lastSlope: Float = 0.01
    /// Frames that are decoded at once.
    private static let pieceFrames = 96

    /// Samples of a frame.
    let hop: Int
    private let latent: Int
    private let first: Convolution
    private var stages: [Stage] = []
    private let last: Convolution
    /// Frames to either side that a sample depends on.
    private let reach: Int

    private let input = Plane()
    private let activated = Plane()
    private let wide = Plane()
    private let rising = Plane()
    private let risingActivated = Plane()
    private let middle = Plane()
    private let middleActivated = Plane()
    private let sum = Plane()

    init(latent: Int, in file: NetworkFile) throws(ModelError) {
        self.latent = latent
        first = try Convolution("dec.conv_pre", in: file)
        guard first.inputs == latent else { throw file.fault("has a decoder that does not fit its flow") }
        var (channels, hop, reach) = (first.outputs, 1, Double(first.taps / 2))
        var blockCount = 0
        // The mean of the blocks is taken by the layer that follows, which comes after nothing but a leaky rectifier.
        var share: Float = 1
        for index in 0..<8 where file.user(of: "dec.ups.\(index).bias") != nil {
            let widen = try TransposedConvolution("dec.ups.\(index)", in: file, scale: share)
            guard widen.inputs == channels else { throw file.fault("has layers that do not fit together") }
            reach += 2 / Double(hop)
            hop *= widen.step
            channels = widen.outputs
            let blocks = try Self.blocks(from: blockCount, channels: channels, in: file)
            blockCount += blocks.count
            reach += Double(blocks.map { -$0.first.offset - $0.second.offset }.max() ?? 0) / Double(hop)
            share = 1 / Float(blocks.count)
            stages.append(Stage(widen: widen, blocks: blocks))
        }
        last = try Convolution("dec.conv_post", in: file, scale: share)
        guard !stages.isEmpty, last.inputs == channels, last.outputs == 1, hop <= 4096 else {
            throw file.fault("has a decoder of a kind that is not read")
        }
        self.hop = hop
        self.reach = Int(reach) + 1
    }

    /// The blocks of a stage: all from `start` on that have its number of channels.
    private static func blocks(
        from start: Int,
        channels: Int,
        in file: NetworkFile
    ) throws(ModelError) -> [(first: Convolution, second: Convolution)] {
        guard file.user(of: "dec.resblocks.\(start).convs1.0.bias") == nil else {
            throw file.fault(
                "has a decoder of the large kind, which is not read: take a voice of medium or low quality"
            )
        }
        var blocks: [(first: Convolution, second: Convolution)] = []
        for index in start..<start + 8 {
            guard let shape = file.tensors["dec.resblocks.\(index).convs.0.bias"]?.shape, shape == [channels] else {
                break
            }
            let first = try Convolution("dec.resblocks.\(index).convs.0", in: file)
            let second = try Convolution("dec.resblocks.\(index).convs.1", in: file)
            guard [first, second].allSatisfy({ $0.inputs == channels && $0.outputs == channels }) else {
                throw file.fault("has layers that do not fit together")
            }
            blocks.append((first, second))
        }
        guard !blocks.isEmpty else { throw file.fault("has a decoder of a kind that is not read") }
        return blocks
    }

    /// The samples of all frames, piece by piece.
    ///
    /// - Parameter isCancelled: asked before each piece.
    func decode(_ frames: Plane, pool: ThreadPool, isCancelled: () -> Bool) -> [Float]? {
        var samples: [Float] = []
        samples.reserveCapacity(frames.count * hop)
        for start in stride(from: 0, to: frames.count, by: Self.pieceFrames) {
            guard !isCancelled() else { return nil }
            let end = min(start + Self.pieceFrames, frames.count)
            let (from, to) = (max(0, start - reach), min(frames.count, end + reach))
            input.shape(latent, to - from)
            for channel in 0..<latent { input[channel].update(from: frames[channel] + from, count: to - from) }
            let wave = decode(piece: pool)
            samples.append(
                contentsOf: UnsafeBufferPointer(start: wave + (start - from) * hop, count: (end - start) * hop)
            )
        }
        return samples
    }

    private func decode(piece pool: ThreadPool) -> UnsafeMutablePointer<Float> {
        activated.shape(first.outputs, input.count)
        first.apply(to: input, into: nil, activated: activated, slope: Self.slope, pool: pool)
        for (index, stage) in stages.enumerated() {
            stage.widen.apply(
                to: activated,
                scratch: wide,
                into: rising,
                activated: risingActivated,
                slope: Self.slope,
                pool: pool
            )
            let (channels, count) = (rising.channels, rising.count)
            for plane in [middle, middleActivated, sum] { plane.shape(channels, count) }
            activated.shape(channels, count)
            let slope = index == stages.count - 1 ? Self.lastSlope : Self.slope
            for (number, block) in stage.blocks.enumerated() {
                block.first.apply(
                    to: risingActivated,
                    into: middle,
                    residual: rising,
                    activated: middleActivated,
                    slope: Self.slope,
                    pool: pool
                )
                block.second.apply(
                    to: middleActivated,
                    into: sum,
                    residual: middle,
                    activated: number == stage.blocks.count - 1 ? activated : nil,
                    slope: slope,
                    accumulates: number > 0,
                    pool: pool
                )
            }
        }
        sum.shape(1, activated.count)
        last.apply(to: activated, into: sum, pool: pool)
        elk_tanh(sum[0], Int32(activated.count))
        return sum[0]
    }
}
